"""What the bus of a large cluster costs each node, and how soon all of it knows, in simulation."""

import os
import shutil
import subprocess

from bench.report import note
from bench.servers import BenchError, SCRIPTS

MAIN = "io.redknot.cluster.BusBench"
ROOT = os.path.dirname(SCRIPTS)
CLASSES = [os.path.join(ROOT, "cluster", "target", kind) for kind in ("classes", "test-classes")]
LABELS = (("messages_per_s", "messages sent, a node and second"),
          ("bytes_per_s", "bytes sent, a node and second"),
          ("cpu_us_per_s", "us of CPU, a node and second"),
          ("slot_change_ms", "ms until every node knows a slot's new owner"),
          ("fail_ms", "ms until every node knows that a node has failed"))


def bus(options):
    if not all(map(os.path.isdir, CLASSES)):
        raise BenchError("the classes of the simulation are not there: run mvn test-compile")
    java = os.path.join(os.environ.get("JAVA_HOME", ""), "bin", "java")
    command = [java if os.path.exists(java) else shutil.which("java") or "java",
               f"-Xmx{options.heap}g", "-cp", os.pathsep.join(CLASSES), MAIN,
               str(options.nodes), str(options.timeout), str(options.seconds)]
    note(f"a cluster of {options.nodes} nodes; a thousand take minutes and some GiB")
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        raise BenchError("the simulation failed")
    measured = {name: int(value) for name, value in map(str.split, run.stdout.splitlines())}
    print(f"\nThe bus of {options.nodes} nodes, cluster-node-timeout {options.timeout} ms,"
          " simulated on one thread")
    for name, label in LABELS:
        print(f"  {measured[name]:10}  {label}")
    shown = {key: value for key, value in vars(options).items() if key not in ("run", "json")}
    return {"options": shown, "measured": measured}
