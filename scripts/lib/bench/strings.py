"""GET and SET, and the memory of strings."""

from contextlib import ExitStack

from bench.report import in_turns, note, print_speed, ratio, result_of, show_ratio
from bench.servers import BenchError, Server, contenders, settled_rss

PIPELINES = (1, 16, 64)
VALUE_SIZES = (16, 64)


def compare(options):
    result = result_of(options)
    result["speed"] = compare_speed(options)
    result["memory"] = compare_memory(options)
    print_speed(result["speed"])
    print_memory(result["memory"])
    return result


def compare_speed(options):
    with Server(*contenders()[0]) as redknot, Server(*contenders()[1]) as redis:
        servers = [redknot, redis]
        for server in servers:
            server.own_all_slots()
            note(f"loading {options.keys} keys into {server.name}, then warming it up")
            store(server, options.keys, options.size)
            for pipeline in PIPELINES:
                for test in ("set", "get"):
                    run(server, test, options.warmup, pipeline, options)
        rows = []
        for pipeline in PIPELINES:
            for test in ("get", "set"):
                note(f"measuring {test}, pipeline {pipeline}")
                row = {"label": f"{test} pipeline {pipeline}", "test": test, "pipeline": pipeline}
                row.update(in_turns(
                    servers, options.rounds,
                    lambda server: run(server, test, options.requests, pipeline, options)))
                rows.append(row)
        return rows


def run(server, test, requests, pipeline, options):
    words = [test.upper(), "key:__rand_int__"]
    if test == "set":
        words.append("x" * options.size)
    return server.benchmark(words, requests, pipeline, options.keys)


def write(server, requests, options):
    """A steady load of SET."""
    return run(server, "set", requests, 16, options)


def store(server, keys, size):
    """Stores exactly `keys` keys, named as redis-benchmark names them."""
    server.load((b"SET", b"key:%012d" % i, value_of(i, size)) for i in range(keys))
    stored = int(server.ask("DBSIZE"))
    if stored != keys:
        raise BenchError(f"{server.name} holds {stored} of {keys} keys after loading")


def value_of(number, size):
    """`size` bytes that differ from key to key, the same in every run."""
    return (b"%d:" % number * (size // 2 + 1))[:size]


def compare_memory(options):
    """All servers run at the same time, so that they settle together."""
    with ExitStack() as stack:
        rows = [{"value_bytes": size, "keys": options.keys} for size in VALUE_SIZES]
        servers = [(row, stack.enter_context(Server(name, program)))
                   for row in rows for name, program in contenders()]
        for _, server in servers:
            server.own_all_slots()
        idle = settled_rss(*(server for _, server in servers))
        for row, server in servers:
            note(f"filling {server.name} for its memory, values of {row['value_bytes']} bytes")
            store(server, options.keys, row["value_bytes"])
        loaded = settled_rss(*(server for _, server in servers))
        for (row, server), before, after in zip(servers, idle, loaded):
            row[server.name] = {"idle_bytes": before, "loaded_bytes": after,
                                "bytes_per_key": (after - before) / options.keys}
    for row in rows:
        row["ratio"] = ratio(row["redknot"]["bytes_per_key"], row["redis"]["bytes_per_key"])
    return rows


def print_memory(rows):
    print("\nMemory: resident bytes per key beyond idle; keys of 16 bytes")
    print(f"{'':18}{'redknot':>12}{'redis':>12}{'ratio':>9}")
    for row in rows:
        print(f"{row['value_bytes']:4} B values    {row['redknot']['bytes_per_key']:13.1f}"
              f"{row['redis']['bytes_per_key']:12.1f}{show_ratio(row['ratio']):>9}")
