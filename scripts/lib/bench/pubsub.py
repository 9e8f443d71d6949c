"""Publish and subscribe: messages per second of server CPU, and what waiting clients take."""

import os
import resource
import selectors
import socket
import statistics
import subprocess
import threading
import time

from bench.report import note, ratio, result_of, show_ratio
from bench.servers import (
    CLIENT_CORE, BenchError, Server, contenders, encode, settled_rss)

PIPELINE = 16
PUBLISHERS = 10
PAYLOAD = "x" * 64
DRAIN_LIMIT_S = 120
RECEIVE_BYTES = 256 * 1024

# As redis-benchmark writes it: twelve digits, below the number that -r gives.
ANY = "__rand_int__"


class Listeners:
    """Connections that a thread reads from; what arrives is only counted."""

    def __init__(self, port):
        self.port = port
        self.sockets = []
        self.received = 0
        self.selector = selectors.DefaultSelector()
        self.ended = False
        self.thread = threading.Thread(target=self.drain, daemon=True)

    def add(self, *commands):
        """One more connection; sends commands, which are confirmed."""
        connection = socket.create_connection(("127.0.0.1", self.port), 60)
        self.sockets.append(connection)
        connection.sendall(b"".join(map(encode, commands)))

    def await_confirmations(self, bytes_each):
        """Reads so many bytes from each, and then whatever comes in a thread."""
        for connection in self.sockets:
            missing = bytes_each
            while missing > 0:
                part = connection.recv(missing)
                if not part:
                    raise BenchError("a subscriber was disconnected")
                missing -= len(part)
        for connection in self.sockets:
            connection.setblocking(False)
            self.selector.register(connection, selectors.EVENT_READ)
        self.thread.start()

    def drain(self):
        os.sched_setaffinity(0, {int(CLIENT_CORE)})
        while not self.ended:
            for key, _ in self.selector.select(0.1):
                try:
                    part = key.fileobj.recv(RECEIVE_BYTES)
                except BlockingIOError:
                    continue
                if not part:
                    self.selector.unregister(key.fileobj)
                self.received += len(part)

    def await_bytes(self, count):
        deadline = time.monotonic() + DRAIN_LIMIT_S
        while self.received < count:
            if time.monotonic() > deadline:
                raise BenchError(f"{self.received} bytes arrived at subscribers, not {count}")
            time.sleep(0.002)

    def close(self):
        self.ended = True
        if self.thread.is_alive():
            self.thread.join()
        for connection in self.sockets:
            connection.close()
        self.selector.close()


class Test:
    """Publishing under load, with `receivers` messages for each request."""

    def __init__(self, label, share, receivers, subscribe, publish, channels=1):
        self.label = label
        self.share = share
        self.receivers = receivers
        self.subscribe = subscribe
        self.publish = publish
        self.channels = channels


def confirmation(kind, name, count):
    return len(b"*3\r\n") + len(encode([kind, name])) - len(b"*2\r\n") + len(b":%d\r\n" % count)


def to_one_channel(count):
    def subscribe(listeners):
        for _ in range(count):
            listeners.add(["SUBSCRIBE", "channel"])
        listeners.await_confirmations(confirmation("subscribe", "channel", 1))
        return len(encode(["message", "channel", PAYLOAD]))
    return subscribe, f"PUBLISH channel {PAYLOAD}"


def to_patterns(count):
    names = [f"news.{i:05}.*" for i in range(count)]
    channel = f"news.{count // 2:05}.today"

    def subscribe(listeners):
        listeners.add(*(["PSUBSCRIBE", name] for name in names))
        listeners.await_confirmations(
            sum(confirmation("psubscribe", name, i + 1) for i, name in enumerate(names)))
        return len(encode(["pmessage", names[count // 2], channel, PAYLOAD]))
    return subscribe, f"PUBLISH {channel} {PAYLOAD}"


def to_shard_channels(count):
    def subscribe(listeners):
        for i in range(count):
            listeners.add(["SSUBSCRIBE", f"shard:{i:012}"])
        listeners.await_confirmations(confirmation("ssubscribe", "shard:" + 12 * "0", 1))
        return len(encode(["smessage", "shard:" + 12 * "0", PAYLOAD]))
    return subscribe, f"SPUBLISH shard:{ANY} {PAYLOAD}"


def tests(options):
    many = options.subscribers
    return (
        Test("1 subscriber", 1, 1, *to_one_channel(1)),
        Test("100 subscribers", 20, 100, *to_one_channel(100)),
        Test(f"{many} subscribers", 500, many, *to_one_channel(many)),
        Test(f"{options.patterns} patterns", 100, 1, *to_patterns(options.patterns)),
        Test("100 shard channels", 1, 1, *to_shard_channels(100), channels=100),
    )


def pubsub(options):
    allow_connections(max(options.subscribers, options.clients))
    result = result_of(options)
    result["messages"] = [measure(test, options) for test in tests(options)
                          if not options.only or options.only in test.label]
    print_messages(result["messages"])
    if not options.only or options.only in "memory":
        result["memory"] = [memory(kind, options) for kind in ("subscribed", "blocked")]
        print_memory(result["memory"])
    return result


def allow_connections(count):
    needed = 2 * count + 200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise BenchError(f"{needed} open files are needed and {hard} allowed (ulimit -n)")
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def measure(test, options):
    row = {"label": test.label, "command": test.publish.split()[0]}
    with Server(*contenders()[0]) as redknot, Server(*contenders()[1]) as redis:
        listening = {}
        try:
            for server in (redknot, redis):
                server.own_all_slots()
                listeners = Listeners(server.port)
                listening[server.name] = listeners, test.subscribe(listeners)
            for server in (redknot, redis):
                note(f"warming {server.name} up for {test.label}")
                run(server, test, *listening[server.name], options.warmup)
            note(f"measuring {test.label}")
            runs = {"redknot": [], "redis": []}
            for _ in range(options.rounds):
                for server in (redknot, redis):
                    runs[server.name].append(
                        run(server, test, *listening[server.name], options.requests))
        finally:
            for listeners, _ in listening.values():
                listeners.close()
    for name, measured in runs.items():
        row[name] = {key: statistics.median(one[key] for one in measured) for key in measured[0]}
        row[name]["runs"] = measured
    row["per_cpu_ratio"] = ratio(
        row["redknot"]["messages_per_cpu_s"], row["redis"]["messages_per_cpu_s"])
    return row


def run(server, test, listeners, message_bytes, requests):
    requests = max(PUBLISHERS * PIPELINE, requests // test.share)
    command = ["taskset", "-c", CLIENT_CORE, "redis-benchmark", "-p", str(server.port), "-q",
               "-n", str(requests), "-c", str(PUBLISHERS), "-P", str(PIPELINE), "-e",
               "-r", str(test.channels), *test.publish.split()]
    # redis-benchmark may send up to a pipeline more; what arrives is counted in bytes instead.
    before, since, received = server.cpu_s(), time.monotonic(), listeners.received
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "Error from server" in done.stdout:
        raise BenchError(f"redis-benchmark against {server.name} failed: {done.stdout}{done.stderr}")
    listeners.await_bytes(received + requests * test.receivers * message_bytes)
    cpu, elapsed = server.cpu_s() - before, time.monotonic() - since
    messages = (listeners.received - received) / message_bytes
    return {"messages_per_cpu_s": messages / max(cpu, 0.001), "messages_per_s": messages / elapsed,
            "cpu_us_per_message": cpu * 1e6 / messages}


def print_messages(rows):
    print(f"\nMessages to subscribers, {len(PAYLOAD)} bytes each; medians; ratio above 1: Redknot"
          " takes less CPU")
    print(f"{'':22}{'messages/CPU s':>16}{'messages/s':>14}{'CPU us/message':>16}")
    for row in rows:
        label = row["label"]
        for name in ("redknot", "redis"):
            measured = row[name]
            print(f"{label:22}{measured['messages_per_cpu_s']:16.0f}"
                  f"{measured['messages_per_s']:14.0f}{measured['cpu_us_per_message']:16.2f}"
                  f"  {name}")
            label = ""
        print(f"{'':22}{show_ratio(row['per_cpu_ratio']):>16}{'':30}  ratio")


def memory(kind, options):
    """Resident bytes per client that has nothing to do but wait."""
    row = {"kind": kind, "clients": options.clients}
    for contender in contenders():
        note(f"{options.clients} {kind} clients of {contender[0]}")
        with Server(*contender) as server:
            server.own_all_slots()
            warm, idle = Listeners(server.port), Listeners(server.port)
            try:
                # Some before, so that what the first of them needs is no cost of each.
                wait(warm, kind, 0, 200)
                [before] = settled_rss(server)
                wait(idle, kind, 200, options.clients)
                await_clients(server, options.clients + 200)
                [after] = settled_rss(server)
                row[contender[0]] = (after - before) / options.clients
            finally:
                warm.close()
                idle.close()
    return row


def wait(listeners, kind, first, count):
    for i in range(first, first + count):
        if kind == "blocked":
            listeners.add(["BLPOP", f"list:{i}", "0"])
        else:
            listeners.add(["SUBSCRIBE", f"channel:{i}"])


def await_clients(server, count):
    deadline = time.monotonic() + DRAIN_LIMIT_S
    while int(field(server.ask("INFO", "clients"), "connected_clients")) < count:
        if time.monotonic() > deadline:
            raise BenchError(f"{server.name} has not accepted {count} clients")
        time.sleep(0.1)


def field(info, name):
    return next(line.split(":")[1] for line in info.splitlines() if line.startswith(name + ":"))


def print_memory(rows):
    print("\nResident bytes per idle client")
    for row in rows:
        print(f"  {row['kind']:12} redknot {row['redknot']:8.0f}  redis {row['redis']:8.0f}"
              f"  difference {row['redknot'] - row['redis']:8.0f}")
