"""How long slots take to move to another node, and what requests wait meanwhile."""

import binascii
import contextlib
import random
import re
import socket
import statistics
import subprocess
import threading
import time

from bench.report import note, ratio, result_of, show_ratio
from bench.servers import BenchError, Server, contenders, encode

SLOTS = 16384
# So many slots without keys follow those with keys, then that of the large hash.
EMPTY_SLOTS = 100
STAYING_SLOT = 16_000
SETTLE_LIMIT_S = 60
PROBE_PAUSE_S = 0.001
REPLY_LIMIT_S = 120
REDIRECTS_MAX = 20
HASH_BATCH = 100
MIGRATE_TIMEOUT_MS = 120_000


def reshard(options):
    result = result_of(options)
    tags = tags_of(range(options.slots))
    result["moves"] = {}
    for name, program in contenders():
        with contextlib.ExitStack() as stack:
            # A MIGRATE of the large hash must not count as death.
            more = ("--cluster-node-timeout", "60000")
            nodes = [stack.enter_context(Server(name, program, pinned=False, options=more))
                     for _ in range(2)]
            form(nodes)
            result["moves"][name] = moves(name, nodes, tags, options)
    show(result["moves"], options)
    return result


def tags_of(slots):
    """A hash tag for each slot, in their order."""
    wanted = set(slots)
    found = {}
    for number in range(SLOTS * 100):
        slot = slot_of(str(number))
        if slot in wanted and slot not in found:
            found[slot] = str(number)
            if len(found) == len(wanted):
                break
    return [found[slot] for slot in slots]


def slot_of(tag):
    return binascii.crc_hqx(tag.encode(), 0) % SLOTS


def form(nodes):
    first, second = nodes
    first.ask("CLUSTER", "ADDSLOTSRANGE", "0", str(SLOTS - 1))
    first.ask("CLUSTER", "SET-CONFIG-EPOCH", "1")
    second.ask("CLUSTER", "SET-CONFIG-EPOCH", "2")
    second.ask("CLUSTER", "MEET", "127.0.0.1", str(first.port))
    await_agreement(nodes)


def await_agreement(nodes):
    deadline = time.monotonic() + SETTLE_LIMIT_S
    while not all("cluster_state:ok" in n.ask("CLUSTER", "INFO")
                  and len(n.ask("CLUSTER", "NODES").splitlines()) == len(nodes)
                  and "handshake" not in n.ask("CLUSTER", "NODES") for n in nodes):
        if time.monotonic() > deadline:
            raise BenchError("the two nodes do not become a cluster")
        time.sleep(0.05)


def moves(name, nodes, tags, options):
    source, target = nodes
    staying = tags_of([STAYING_SLOT])[0]
    source.ask("SET", staying, "x")
    note(f"{name}: {options.keys} keys in {len(tags)} slots")
    value = "x" * options.size
    names = [f"{{{tags[i % len(tags)]}}}{i}" for i in range(options.keys)]
    source.load(["SET", key, value] for key in names)
    hash_tag = tags_of([len(tags) + EMPTY_SLOTS])[0]
    note(f"{name}: a hash of {options.fields} fields")
    source.load(hash_commands(hash_tag, options.fields))
    warm_up(source, [staying, *names[:len(tags)]])
    keys_moved = moving(
        name, nodes, len(tags), staying, lambda pick: ["GET", pick.choice(names)],
        options.pipeline)
    # Slots are taken in their order.
    empty = run_reshard(name, nodes, EMPTY_SLOTS, options.pipeline)
    hash_moved = moving(
        name, nodes, 1, staying, lambda pick: ["HGET", hash_tag, f"f{pick.randrange(1000)}"],
        options.pipeline)
    count = int(target.ask("DBSIZE"))
    if count != options.keys + 1 or target.ask("HLEN", hash_tag) != str(options.fields):
        raise BenchError(f"{name}: {count} keys have arrived")
    return {"keys": keys_moved, "hash": hash_moved,
            "empty_slot_ms": 1000 * empty / EMPTY_SLOTS}


def hash_commands(key, fields):
    for first in range(0, fields, HASH_BATCH):
        words = ["HSET", key]
        for i in range(first, min(first + HASH_BATCH, fields)):
            words += [f"f{i}", f"v{i}"]
        yield words


def warm_up(server, keys):
    """A server that has just been loaded has not answered anything yet."""
    with Asker([server]) as asker:
        for i in range(5000):
            asker.ask(["GET", keys[i % len(keys)]])


def moving(name, nodes, slots, staying, request, pipeline):
    probes = [Probe(nodes, lambda pick: ["SET", staying, "y"]), Probe(nodes, request)]
    for probe in probes:
        probe.start()
    try:
        seconds = run_reshard(name, nodes, slots, pipeline)
    finally:
        for probe in probes:
            probe.stop()
    measured = {"seconds": seconds}
    for label, probe in zip(("other", "moving"), probes):
        if not probe.waits_ms:
            raise BenchError(f"{name}: no request was answered: {probe.failure}")
        measured[label] = {"requests": len(probe.waits_ms), "max_ms": max(probe.waits_ms),
                           "p99_ms": statistics.quantiles(
                               probe.waits_ms, n=100, method="inclusive")[-1]}
    note(f"{name}: {slots} slots in {seconds:.2f} s")
    return measured


def run_reshard(name, nodes, slots, pipeline):
    """Moves the first slots of the first node to the second one; seconds."""
    ids = [n.ask("CLUSTER", "MYID") for n in nodes]
    began = time.monotonic()
    run = subprocess.run(
        ["redis-cli", "--cluster", "reshard", f"127.0.0.1:{nodes[0].port}",
         "--cluster-from", ids[0], "--cluster-to", ids[1], "--cluster-slots", str(slots),
         "--cluster-timeout", str(MIGRATE_TIMEOUT_MS), "--cluster-pipeline", str(pipeline),
         "--cluster-yes"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    took = time.monotonic() - began
    if run.returncode != 0 or "[ERR]" in run.stdout or "ERR" in run.stdout[-500:]:
        raise BenchError(f"{name}: redis-cli --cluster reshard failed: {run.stdout[-1000:]}")
    return took


class Asker:
    """A client that follows redirects, one request at a time."""

    def __init__(self, nodes):
        self.ports = [n.port for n in nodes]
        self.sockets = {}
        self.at = self.ports[0]

    def __enter__(self):
        for port in self.ports:
            connection = socket.create_connection(("127.0.0.1", port), REPLY_LIMIT_S)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets[port] = (connection, connection.makefile("rb"))
        return self

    def __exit__(self, *unused):
        for connection, replies in self.sockets.values():
            replies.close()
            connection.close()

    def ask(self, words):
        port, before = self.at, []
        for _ in range(REDIRECTS_MAX):
            connection, replies = self.sockets[port]
            connection.sendall(b"".join(map(encode, [*before, words])))
            for _ in before:
                self.reply(replies)
            reply = self.reply(replies)
            redirect = re.match(rb"-(MOVED|ASK) \d+ \S+:(\d+)", reply)
            if redirect:
                port = int(redirect[2])
                before = [["ASKING"]] if redirect[1] == b"ASK" else []
                if not before:
                    self.at = port
            elif not reply.startswith(b"-TRYAGAIN"):
                return reply
        raise BenchError(f"{words[0]} was redirected again and again")

    @staticmethod
    def reply(replies):
        line = replies.readline()
        if line.startswith(b"$") and not line.startswith(b"$-1"):
            replies.read(int(line[1:]) + 2)
        if not line or line.startswith(b"-") and line[1:4] not in (b"MOV", b"ASK", b"TRY"):
            raise BenchError(f"a request was answered with {line!r}")
        return line


class Probe(threading.Thread):
    """Asks again and again, and notes how long each answer takes."""

    def __init__(self, nodes, request):
        super().__init__(daemon=True)
        self.nodes = nodes
        self.request = request
        self.ends = threading.Event()
        self.waits_ms = []
        self.failure = None

    def run(self):
        pick = random.Random(1)
        try:
            with Asker(self.nodes) as asker:
                while not self.ends.wait(PROBE_PAUSE_S):
                    words = self.request(pick)
                    began = time.monotonic()
                    asker.ask(words)
                    self.waits_ms.append(1000 * (time.monotonic() - began))
        except (OSError, BenchError) as problem:
            self.failure = problem

    def stop(self):
        self.ends.set()
        self.join()
        if self.failure:
            raise BenchError(str(self.failure))


def show(measured, options):
    print(f"\nredis-cli --cluster reshard --cluster-pipeline {options.pipeline}, and what requests wait"
          " meanwhile; ratios above 1: Redknot is faster")
    labels = (("keys", f"{options.slots} slots, {options.keys} keys of {options.size} B"),
              ("hash", f"one hash of {options.fields} fields"))
    for kind, label in labels:
        print(f"  {label}")
        for name, moved in measured.items():
            row = moved[kind]
            print(f"    {name:8}{row['seconds']:8.2f} s"
                  f"   other slots p99 {row['other']['p99_ms']:8.2f}"
                  f" max {row['other']['max_ms']:9.2f} ms"
                  f"   moving slots p99 {row['moving']['p99_ms']:8.2f}"
                  f" max {row['moving']['max_ms']:9.2f} ms")
        ours, theirs = (measured[n][kind]["seconds"] for n in ("redknot", "redis"))
        print(f"    ratio {show_ratio(ratio(theirs, ours))}")
    print("  an empty slot")
    for name, moved in measured.items():
        print(f"    {name:8}{moved['empty_slot_ms']:8.2f} ms")
