"""What a start takes, and what a node costs that has nothing to do."""

import os
import shutil
import statistics
import subprocess
import tempfile
import time

from bench.report import note, result_of
from bench.servers import (
    SCRIPTS, BenchError, Server, contenders, cpu_seconds, free_port, is_free, rss_bytes)


def idle(options):
    result = result_of(options)
    starts = {name: [] for name, _ in contenders()}
    for _ in range(options.runs):
        for name, program in contenders():
            with Server(name, program, pinned=False) as server:
                starts[name].append(server.start_s * 1000)
    result["start_ms"] = {
        name: {"median": statistics.median(times), "min": min(times), "max": max(times)}
        for name, times in starts.items()}
    result["six_nodes"] = {name: idle_cluster(name, program, options)
                           for name, program in contenders()}
    print(f"\nStart of the process to the first PONG, {options.runs} runs, ms")
    for name, times in result["start_ms"].items():
        print(f"  {name:8} median {times['median']:7.1f}  min {times['min']:7.1f}"
              f"  max {times['max']:7.1f}")
    print(f"\nSix nodes, 3 primaries and 3 replicas, idle for {options.seconds} s")
    for name, cost in result["six_nodes"].items():
        print(f"  {name:8} {cost['rss_bytes'] / 2**20:8.1f} MiB resident in all"
              f"  {cost['cpu_percent']:6.2f} % of a core in all")
    return result


def idle_cluster(name, program, options):
    note(f"forming a cluster of six {name} nodes")
    folder = tempfile.mkdtemp(prefix="redknot-bench-")
    cluster = [os.path.join(SCRIPTS, "cluster")]
    where = ["--dir", os.path.join(folder, "cluster")]
    environment = dict(os.environ, REDKNOT_SERVER=shutil.which(program) or program)
    try:
        run = subprocess.run(cluster + ["start", "--port", str(six_free_ports())] + where,
                             env=environment, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise BenchError(f"scripts/cluster start failed: {run.stdout}{run.stderr}")
        pids = []
        for node in os.scandir(where[1]):
            if node.is_dir():
                with open(os.path.join(node.path, "node.pid"), encoding="ascii") as file:
                    pids.append(int(file.read()))
        time.sleep(options.settle)
        before, since = sum(map(cpu_seconds, pids)), time.monotonic()
        time.sleep(options.seconds)
        used, elapsed = sum(map(cpu_seconds, pids)) - before, time.monotonic() - since
        return {"nodes": len(pids), "rss_bytes": sum(map(rss_bytes, pids)),
                "cpu_percent": 100 * used / elapsed}
    finally:
        subprocess.run(cluster + ["clean"] + where, env=environment, capture_output=True,
                       check=False)
        shutil.rmtree(folder, ignore_errors=True)


def six_free_ports():
    port = free_port()
    while not all(is_free(p) and is_free(p + 10000) for p in range(port, port + 6)):
        port += 6
        if port > 44000:
            raise BenchError("no six free ports in a row were found")
    return port
