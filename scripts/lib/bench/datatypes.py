"""The speed of commands on lists, sets, hashes, sorted sets and streams."""

from bench.report import in_turns, note, print_speed, result_of
from bench.servers import BenchError, Server, contenders

PIPELINE = 16

# A random number as redis-benchmark writes it: twelve digits, below the number of elements.
ANY = "__rand_int__"

# Multiplying by it scatters the numbers below any count that it has no divisor in common with.
SCATTER = 7_368_787


class Test:
    """A command under load; `share` of the requests, because a reply of 100 elements is long."""

    def __init__(self, label, words, share=1, prepare=None, fresh=False):
        self.label = label
        self.words = words.split()
        self.share = share
        self.prepare = prepare
        self.fresh = fresh

    def run(self, server, requests, options):
        if self.fresh:
            # Each turn begins with nothing, so that all turns insert equally much.
            server.ask("UNLINK", self.words[1])
        words = [options.size * "x" if word == "VALUE" else word for word in self.words]
        return server.benchmark(
            words, max(1, requests // self.share), PIPELINE, options.elements)


def tests(options):
    """In this order: what LPOP takes, LPUSH has put there."""
    middle = options.elements // 2
    return (
        Test("lpush", "LPUSH list:ends VALUE"),
        Test("lpop", "LPOP list:ends"),
        Test("lrange 100", "LRANGE list:range 0 99", 10, fill_list),
        Test("sadd", f"SADD set element:{ANY}", fresh=True),
        Test("hset", f"HSET hash field:{ANY} VALUE", prepare=fill_hash),
        Test("hget", f"HGET hash field:{ANY}"),
        Test("hset small", f"HSET small:{ANY} field:3 VALUE", prepare=fill_small_hashes),
        Test("hget small", f"HGET small:{ANY} field:3"),
        Test("zadd", f"ZADD zset:new {ANY} element:{ANY}", fresh=True),
        Test("zrange 100", f"ZRANGE zset {middle} {middle + 99}", 10, fill_sorted_set),
        Test("zrangebyscore 100", f"ZRANGEBYSCORE zset {ANY} +inf LIMIT 0 100", 10),
        Test("zrank", f"ZRANK zset element:{ANY}"),
        Test("xadd", "XADD stream:new * field VALUE", fresh=True),
        Test("xrange 100", f"XRANGE stream {ANY} + COUNT 100", 20, fill_stream),
    )


def types(options):
    result = result_of(options)
    with Server(*contenders()[0]) as redknot, Server(*contenders()[1]) as redis:
        servers = [redknot, redis]
        for server in servers:
            server.own_all_slots()
        result["speed"] = [measure(test, servers, options) for test in chosen(options)]
    print_speed(result["speed"])
    return result


def chosen(options):
    found = [test for test in tests(options)
             if not options.only or test.label.split()[0] in options.only.lower().split(",")]
    if not found:
        raise BenchError(f"no test is called {options.only}")
    return found


def measure(test, servers, options):
    for server in servers:
        if test.prepare:
            note(f"filling {server.name} for {test.label}")
            test.prepare(server, options)
        note(f"warming {server.name} up for {test.label}")
        test.run(server, options.warmup, options)
    note(f"measuring {test.label}")
    row = {"label": test.label, "command": " ".join(test.words), "pipeline": PIPELINE}
    row.update(in_turns(
        servers, options.rounds, lambda server: test.run(server, options.requests, options)))
    return row


def value(options, number):
    return (b"%d:" % number * options.size)[:options.size]


def fill_list(server, options):
    server.load((b"RPUSH", b"list:range", value(options, i)) for i in range(10_000))


def fill_hash(server, options):
    server.load((b"HSET", b"hash", b"field:%012d" % i, value(options, i))
                for i in range(options.elements))
    expect(server, options.elements, "HLEN", "hash")


def fill_small_hashes(server, options):
    """One for a tenth of the numbers would miss nine times out of ten; so one for each."""
    server.load(
        [b"HSET", b"small:%012d" % i] + [
            word for j in range(5) for word in (b"field:%d" % j, value(options, i + j))]
        for i in range(options.elements))


def fill_sorted_set(server, options):
    server.load((b"ZADD", b"zset", b"%d" % (i * SCATTER % options.elements), b"element:%012d" % i)
                for i in range(options.elements))
    expect(server, options.elements, "ZCARD", "zset")


def fill_stream(server, options):
    server.load((b"XADD", b"stream", b"%d-1" % (i + 1), b"field", value(options, i))
                for i in range(options.elements))
    expect(server, options.elements, "XLEN", "stream")


def expect(server, count, *words):
    found = int(server.ask(*words))
    if found != count:
        raise BenchError(f"{server.name} answers {' '.join(words)} with {found}, not {count}")
