"""How long the slots of a primary cannot be written to when it dies or stands still."""

import contextlib
import os
import signal
import socket
import statistics
import subprocess
import time

from bench.report import note, result_of
from bench.servers import BenchError, REDIS, REDKNOT, Server, encode

# Of slot 0, which the first primary owns.
KEY = "3560"
KINDS = (("kill", "kill -9"), ("stop", "SIGSTOP"))
ASK_LIMIT_S = 0.25
SETTLE_LIMIT_S = 60


def contestants():
    return (("redknot", REDKNOT, ()),
            ("redknot, fast failover off", REDKNOT, ("--cluster-fast-failover", "no")),
            ("redis", REDIS, ()))


def failover(options):
    result = result_of(options)
    result["seconds"] = {}
    for name, program, more in contestants():
        note(f"{name}: forming a cluster of six")
        with contextlib.ExitStack() as stack:
            nodes = [stack.enter_context(node(name, program, more, options)) for _ in range(6)]
            form(nodes)
            result["seconds"][name] = {
                kind: [rounds(name, nodes, kind) for _ in range(options.rounds)]
                for kind, _ in KINDS}
    show(result["seconds"], options)
    return result


def node(name, program, more, options):
    timeout = ("--cluster-node-timeout", str(options.timeout), "--repl-diskless-sync-delay", "0")
    return Server(name, program, pinned=False, options=timeout + more)


def form(nodes):
    command = ["redis-cli", "--cluster", "create", *(f"127.0.0.1:{n.port}" for n in nodes),
               "--cluster-replicas", "1", "--cluster-yes"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise BenchError(f"redis-cli --cluster create failed: {run.stdout}{run.stderr}")
    await_whole(nodes)


def rounds(name, nodes, kind):
    """Seconds from the end of the owner of the slot to the first write that another one takes."""
    owner = next(n for n in nodes if takes_write(n))
    others = [n for n in nodes if n is not owner]
    # So that the round does not begin right after a ping to the one that ends.
    time.sleep(1)
    began = time.monotonic()
    owner.process.send_signal(signal.SIGKILL if kind == "kill" else signal.SIGSTOP)
    while not any(takes_write(n) for n in others):
        if time.monotonic() - began > SETTLE_LIMIT_S:
            raise BenchError(f"{name}: nobody took over within {SETTLE_LIMIT_S} s")
        time.sleep(0.002)
    took = time.monotonic() - began
    note(f"{name}: {kind}: {took:.2f} s")
    if kind == "kill":
        owner.process.wait()
        owner.launch()
    else:
        owner.process.send_signal(signal.SIGCONT)
    await_whole(nodes)
    return took


def takes_write(server):
    try:
        with socket.create_connection(("127.0.0.1", server.port), ASK_LIMIT_S) as connection:
            connection.settimeout(ASK_LIMIT_S)
            connection.sendall(encode(["SET", KEY, "x"]))
            return connection.recv(64).startswith(b"+OK")
    except OSError:
        return False


def await_whole(nodes):
    """Until every node says that all is well and every replica follows its primary."""
    deadline = time.monotonic() + SETTLE_LIMIT_S
    while not all(map(is_well, nodes)):
        if time.monotonic() > deadline:
            raise BenchError("the cluster does not become whole again")
        time.sleep(0.05)


def is_well(server):
    try:
        known = server.ask("CLUSTER", "NODES").splitlines()
        replicas = [line for line in known if "slave" in line.split()[2]]
        replication = server.ask("INFO", "replication")
        return ("cluster_state:ok" in server.ask("CLUSTER", "INFO")
                and len(known) == 6 and len(replicas) == 3
                and not any("fail" in line.split()[2] for line in known)
                and ("role:master" in replication and "state=online" in replication
                     or "master_link_status:up" in replication))
    except (OSError, BenchError):
        return False


def show(seconds, options):
    print(f"\nFrom the end of a primary to the first write that its successor takes,"
          f" {options.rounds} rounds, cluster-node-timeout {options.timeout}, s")
    for kind, label in KINDS:
        for name, measured in seconds.items():
            times = measured[kind]
            print(f"  {label:8} {name:28} median {statistics.median(times):6.2f}"
                  f"  min {min(times):6.2f}  max {max(times):6.2f}")
