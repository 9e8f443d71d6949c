"""What saving and the append-only file cost those who only want replies."""

import multiprocessing
import os
import random
import shutil
import socket
import tempfile
import time

from bench.report import note, ratio, result_of, show_ratio
from bench.servers import CLIENT_CORE, LOADING_LOOK_S, BenchError, Server, contenders, encode

WRITE_TURN_S = 0.005
MEMORY_LOOK_S = 0.05
ENDS_LIMIT_S = 1800
APPEND = ["--appendonly", "yes", "--auto-aof-rewrite-percentage", "0"]
PHASES = (("quiet", "before"), ("bgsave", "during BGSAVE"), ("rewrite", "during BGREWRITEAOF"),
          ("after", "after"))


def persistence(options):
    result = result_of(options)
    for name, program in contenders():
        home = tempfile.mkdtemp(prefix="redknot-bench-data-")
        try:
            result[name] = measure(name, program, home, options)
        finally:
            shutil.rmtree(home, ignore_errors=True)
    show(result, options)
    return result


def measure(name, program, home, options):
    everysec = APPEND + ["--dir", home, "--appendfsync", "everysec"]
    figures = {}
    with Server(name, program, options=everysec) as server:
        server.own_all_slots()
        note(f"{name}: loading {options.keys} keys")
        server.load(set_of(key, options.size) for key in range(options.keys))
        with Load(server, options) as load:
            note(f"{name}: {options.rate} writes a second, warming up")
            load.phase(lambda: time.sleep(options.seconds))
            note(f"{name}: quiet")
            figures["quiet"] = load.phase(lambda: time.sleep(options.seconds))
            note(f"{name}: BGSAVE")
            figures["bgsave"] = load.phase(lambda: run_to_end(
                server, "BGSAVE", "rdb_bgsave_in_progress", "rdb_last_bgsave_status"))
            note(f"{name}: BGREWRITEAOF")
            figures["rewrite"] = load.phase(lambda: run_to_end(
                server, "BGREWRITEAOF", "aof_rewrite_in_progress", "aof_last_bgrewrite_status"))
            figures["after"] = load.phase(lambda: time.sleep(options.seconds))
        figures["data_bytes"] = figures["quiet"]["memory_bytes"]
        note(f"{name}: throughput with everysec")
        figures["everysec"] = throughput(server, options)
        server.ask("CONFIG", "SET", "appendfsync", "always")
        note(f"{name}: throughput with always")
        figures["always"] = throughput(server, options)
        keys = server.ask("DBSIZE")
    for label, more in (("load_aof_s", everysec), ("load_rdb_s", ["--dir", home])):
        note(f"{name}: {label}")
        with Server(name, program, options=more) as server:
            figures[label] = loading_s(server, keys if label == "load_aof_s" else None)
    return figures


def set_of(key, size):
    return ["SET", f"key:{key:012}", random.randbytes(size // 2).hex()]


def info(server, field):
    for line in server.ask("INFO", "persistence").splitlines():
        if line.startswith(field + ":"):
            return line.split(":", 1)[1]
    raise BenchError(f"{server.name} tells no {field}")


def run_to_end(server, command, running, status):
    server.ask(command)
    deadline = time.monotonic() + ENDS_LIMIT_S
    while info(server, running) != "0":
        if time.monotonic() > deadline:
            raise BenchError(f"{command} of {server.name} does not end")
        time.sleep(MEMORY_LOOK_S)
    if info(server, status) != "ok":
        raise BenchError(f"{command} of {server.name} failed")


def loading_s(server, keys):
    """Seconds from the start of the process until all is loaded."""
    deadline = time.monotonic() + ENDS_LIMIT_S
    while info(server, "loading") != "0":
        if time.monotonic() > deadline:
            raise BenchError(f"{server.name} does not end loading")
        time.sleep(LOADING_LOOK_S)
    took = time.monotonic() - server.started_at
    found = server.ask("DBSIZE")
    if keys is not None and found != keys:
        raise BenchError(f"{server.name} has loaded {found} keys of {keys}")
    return took


def throughput(server, options):
    words = ["-c", "50", "SET", "key:__rand_int__", "x" * options.size]
    return server.benchmark(words, options.requests, 1, options.keys)


def memory_bytes(pid):
    """What a process and its children hold, shared pages counted once."""
    total = 0
    for process in [pid] + children(pid):
        try:
            with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            # A child that has ended.
            pass
    return total * 1024


def children(pid):
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += [int(word) for word in file.read().split()]
    except OSError:
        pass
    return found


class Load:
    """Writes at a steady rate, and another client that looks how long its GETs take."""

    def __init__(self, server, options):
        self.server = server
        context = multiprocessing.get_context("fork")
        self.stop = context.Event()
        self.pipe, theirs = context.Pipe()
        self.processes = [
            context.Process(target=write, args=(server.port, options, self.stop), daemon=True),
            context.Process(target=probe, args=(server.port, options, theirs), daemon=True)]

    def __enter__(self):
        for process in self.processes:
            process.start()
        return self

    def __exit__(self, *unused):
        self.stop.set()
        self.pipe.send("end")
        for process in self.processes:
            process.join(10)
            if process.is_alive():
                process.kill()

    def phase(self, action):
        """Latencies, memory and duration while the action runs, which is looked at from beside."""
        peak = 0
        self.pipe.send("begin")
        began = time.monotonic()
        runner = multiprocessing.get_context("fork").Process(target=action)
        runner.start()
        while runner.is_alive():
            peak = max(peak, memory_bytes(self.server.pid))
            runner.join(MEMORY_LOOK_S)
        seconds = time.monotonic() - began
        if runner.exitcode != 0:
            raise BenchError(f"a measurement of {self.server.name} failed; see above")
        self.pipe.send("tell")
        figures = self.pipe.recv()
        figures["seconds"] = seconds
        figures["memory_bytes"] = peak
        return figures


def write(port, options, stop):
    """Batches of SETs on keys that exist, as many a turn as the rate asks for."""
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    batch = max(1, round(options.rate * WRITE_TURN_S))
    batches = [b"".join(encode(set_of(random.randrange(options.keys), options.size))
                        for _ in range(batch)) for _ in range(400)]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        turn = 0
        due = time.monotonic()
        while not stop.is_set():
            connection.sendall(batches[turn % len(batches)])
            turn += 1
            left = batch * len(b"+OK\r\n")
            while left > 0:
                left -= len(connection.recv(left))
            due += WRITE_TURN_S
            # After a stall it goes on at the same rate, and does not catch up.
            due = max(due, time.monotonic() - WRITE_TURN_S)
            time.sleep(max(0.0, due - time.monotonic()))


def probe(port, options, pipe):
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    requests = [encode(["GET", f"key:{random.randrange(options.keys):012}"]) for _ in range(1000)]
    times = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        turn = 0
        while True:
            if pipe.poll():
                word = pipe.recv()
                if word == "end":
                    return
                if word == "tell":
                    pipe.send(latencies(times))
                times = []
            began = time.perf_counter()
            connection.sendall(requests[turn % len(requests)])
            connection.recv(65536)
            times.append(time.perf_counter() - began)
            turn += 1
            # A look every half millisecond leaves the core to the writer.
            time.sleep(0.0005)


def latencies(times):
    ordered = sorted(times)
    if not ordered:
        raise BenchError("no reply came in a whole phase")

    def at(part):
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1e3

    return {"looks": len(ordered), "p50_ms": at(0.5), "p99_ms": at(0.99), "p999_ms": at(0.999),
            "max_ms": ordered[-1] * 1e3}


def show(result, options):
    print(f"\nGET beside {options.rate} writes a second, {options.keys} keys with values of"
          f" {options.size} bytes, appendfsync everysec")
    print(f"{'':22}{'p50 ms':>9}{'p99 ms':>9}{'p99.9 ms':>10}{'max ms':>9}{'peak MiB':>10}"
          f"{'seconds':>9}")
    for key, label in PHASES:
        for name in ("redknot", "redis"):
            row = result[name][key]
            print(f"{label:22}{row['p50_ms']:9.3f}{row['p99_ms']:9.3f}{row['p999_ms']:10.3f}"
                  f"{row['max_ms']:9.2f}{row['memory_bytes'] / 2**20:10.0f}"
                  f"{row['seconds']:9.2f}  {name}")
            label = ""
    print("\nExtra memory at the peak, of what was held before")
    for key, label in PHASES[1:3]:
        shares = [result[name][key]["memory_bytes"] / result[name]["data_bytes"] - 1
                  for name in ("redknot", "redis")]
        print(f"{label:22}{shares[0]:9.1%} redknot {shares[1]:9.1%} redis")
    print(f"\n{'':22}{'redknot':>12}{'redis':>12}{'ratio':>9}")
    for label, key in (("load AOF, s", "load_aof_s"), ("load RDB, s", "load_rdb_s")):
        ours, theirs = result["redknot"][key], result["redis"][key]
        print(f"{label:22}{ours:12.2f}{theirs:12.2f}{show_ratio(ratio(theirs, ours)):>9}")
    for label in ("everysec", "always"):
        ours = result["redknot"][label]["requests_per_s"]
        theirs = result["redis"][label]["requests_per_s"]
        print(f"{label + ', SET/s':22}{ours:12.0f}{theirs:12.0f}"
              f"{show_ratio(ratio(ours, theirs)):>9}")
    print("Ratios above 1: Redknot is faster.")
