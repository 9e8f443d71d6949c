"""A replica that needs the whole data set, while its primary is written to."""

import contextlib
import multiprocessing
import time

from bench.persistence import Load, set_of
from bench.report import note, result_of
from bench.servers import REDIS, REDKNOT, BenchError, Server

LOOK_S = 0.02
ENDS_LIMIT_S = 600
# Of the replica, which has a machine of its own elsewhere: here it must not take the clients' core.
NICENESS = 10
PAIRS = (("redknot", REDKNOT, REDKNOT), ("redis", REDIS, REDIS),
         ("redknot, replica redis", REDKNOT, REDIS))


def sync(options):
    result = result_of(options)
    for label, primary, replica in PAIRS:
        if not options.only or options.only == label:
            result[label] = measure(label, primary, replica, options)
    show(result, options)
    return result


def measure(label, primary_program, replica_program, options):
    settings = ("--repl-diskless-sync-delay", "0", "--repl-diskless-load", options.load)
    with contextlib.ExitStack() as stack:
        primary = stack.enter_context(Server(
            label, primary_program, pinned=False, options=settings))
        replica = stack.enter_context(Server(
            "the replica of " + label, replica_program, pinned=False, options=settings,
            niceness=NICENESS))
        primary.own_all_slots()
        meet(primary, replica)
        note(f"{label}: loading {options.keys} keys")
        primary.load(set_of(key, options.size) for key in range(options.keys))
        with Load(primary, options) as load:
            note(f"{label}: {options.rate} writes a second, warming up")
            load.phase(lambda: time.sleep(options.seconds))
            note(f"{label}: before")
            figures = {"before": load.phase(lambda: time.sleep(options.seconds))}
            note(f"{label}: full synchronization")
            ours, theirs = multiprocessing.get_context("fork").Pipe()
            figures["sync"] = load.phase(lambda: theirs.send(follow(primary, replica)))
            figures["link_s"], figures["offsets_s"] = ours.recv()
        keys = [server.ask("DBSIZE") for server in (primary, replica)]
        if keys[0] != keys[1] or info(primary, "sync_full", "stats") != "1":
            raise BenchError(f"{label}: keys {keys}, or more than one synchronization")
    return figures


def meet(primary, replica):
    replica.ask("CLUSTER", "MEET", "127.0.0.1", str(primary.port))
    identity = primary.ask("CLUSTER", "MYID")
    deadline = time.monotonic() + ENDS_LIMIT_S
    while identity not in replica.ask("CLUSTER", "NODES"):
        if time.monotonic() > deadline:
            raise BenchError(f"{replica.name} does not get to know its primary")
        time.sleep(LOOK_S)


def follow(primary, replica):
    """Seconds until the link is up, and until the replica has what the primary had just before."""
    replica.ask("CLUSTER", "REPLICATE", primary.ask("CLUSTER", "MYID"))
    began = time.monotonic()
    link_s = None
    while time.monotonic() - began < ENDS_LIMIT_S:
        with contextlib.suppress(OSError):
            if link_s is None and info(replica, "master_link_status") == "up":
                link_s = time.monotonic() - began
            offset = int(info(primary, "master_repl_offset"))
            if link_s is not None and int(info(replica, "master_repl_offset")) >= offset:
                return link_s, time.monotonic() - began
        time.sleep(LOOK_S)
    raise BenchError(f"{replica.name} is not synchronized within {ENDS_LIMIT_S} s")


def info(server, field, section="replication"):
    for line in server.ask("INFO", section).splitlines():
        if line.startswith(field + ":"):
            return line.split(":", 1)[1]
    raise BenchError(f"{server.name} tells no {field}")


def show(result, options):
    print(f"\nGET at the primary beside {options.rate} writes a second, {options.keys} keys with"
          f" values of {options.size} bytes, repl-diskless-load {options.load}")
    print(f"{'':22}{'p50 ms':>9}{'p99 ms':>9}{'p99.9 ms':>10}{'max ms':>9}{'peak MiB':>10}")
    labels = [label for label, _, _ in PAIRS if label in result]
    for key, phase in (("before", "before"), ("sync", "during a full sync")):
        for name in labels:
            row = result[name][key]
            print(f"{phase:22}{row['p50_ms']:9.3f}{row['p99_ms']:9.3f}{row['p999_ms']:10.3f}"
                  f"{row['max_ms']:9.2f}{row['memory_bytes'] / 2**20:10.0f}  {name}")
            phase = ""
    print("\nFrom the order to follow, s, and the primary's memory at the peak, beyond before")
    print(f"{'':22}{'link up':>9}{'offsets meet':>14}{'extra memory':>14}")
    for name in labels:
        row = result[name]
        extra = row["sync"]["memory_bytes"] / row["before"]["memory_bytes"] - 1
        print(f"{name:22}{row['link_s']:9.2f}{row['offsets_s']:14.2f}{extra:14.1%}")
