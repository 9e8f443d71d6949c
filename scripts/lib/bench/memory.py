"""The memory of lists, sets, hashes, sorted sets and streams, small and large."""

from contextlib import ExitStack

from bench.report import note, ratio, result_of, show_ratio
from bench.servers import BenchError, Server, contenders, encode, settled_rss

WARM_UP_ROUNDS = 100

# So many rows are measured at the same time: their servers take about a GiB together.
TOGETHER = 3


class Data:
    """What is stored: `count` units of something, and the command that tells how many there are."""

    def __init__(self, label, unit, count, commands, check):
        self.label = label
        self.unit = unit
        self.count = count
        self.commands = commands
        self.check = check.split()


def data(options):
    keys, elements = options.keys, options.elements
    return (
        Data("hash of 10", "key", keys, hashes, "DBSIZE"),
        Data("sorted set of 100", "key", keys // 2, sorted_sets, "DBSIZE"),
        Data("intset of 50", "key", keys, integer_sets, "DBSIZE"),
        Data("list of 100", "key", keys // 2, lists, "DBSIZE"),
        Data("one hash", "field", elements, one_hash, "HLEN one"),
        Data("one set", "member", elements, one_set, "SCARD one"),
        Data("one sorted set", "member", elements, one_sorted_set, "ZCARD one"),
        Data("one list", "element", elements, one_list, "LLEN one"),
        Data("one stream", "entry", 5 * elements, one_stream, "XLEN one"),
    )


def hashes(count):
    for i in range(count):
        yield [b"HSET", b"key:%012d" % i] + [
            word for j in range(10) for word in (b"field:%d" % j, b"value:%06d" % ((i + j) % 10**6))]


def sorted_sets(count):
    for i in range(count):
        yield [b"ZADD", b"key:%012d" % i] + [
            word for j in range(100) for word in (b"%d" % j, b"element:%02d" % j)]


def integer_sets(count):
    for i in range(count):
        yield [b"SADD", b"key:%012d" % i] + [b"%d" % (j * 600 + i % 600) for j in range(50)]


def lists(count):
    for i in range(count):
        yield [b"RPUSH", b"key:%012d" % i] + [b"element:%08d" % (i + j) for j in range(100)]


def one_hash(count):
    return ((b"HSET", b"one", b"field:%010d" % i, b"value:%026d" % i) for i in range(count))


def one_set(count):
    return ((b"SADD", b"one", b"element:%08d" % i) for i in range(count))


def one_sorted_set(count):
    return ((b"ZADD", b"one", b"%d" % (i * 17 % count), b"element:%08d" % i) for i in range(count))


def one_list(count):
    return ((b"RPUSH", b"one", b"element:%08d" % i) for i in range(count))


def one_stream(count):
    return ((b"XADD", b"one", b"%d-0" % (1_700_000_000_000 + i), b"value", b"%d" % (i % 1000))
            for i in range(count))


def memory(options):
    result = result_of(options)
    rows = chosen(options)
    groups = [rows[at:at + TOGETHER] for at in range(0, len(rows), TOGETHER)]
    result["memory"] = [row for group in groups for row in measure(group)]
    print_memory(result["memory"])
    return result


def chosen(options):
    found = [each for each in data(options) if not options.only or options.only in each.label]
    if not found:
        raise BenchError(f"nothing to store is called {options.only}")
    return found


class Filled:
    """A server that is to hold the data of a row, and what it takes before and after."""

    def __init__(self, each, server):
        self.each = each
        self.server = server

    def warm_up(self):
        note(f"warming {self.server.name} up for {self.each.label}")
        self.server.own_all_slots()
        self.server.load_encoded(warm_up(self.each))

    def fill(self):
        note(f"filling {self.server.name} with {self.each.label}")
        self.server.load(self.each.commands(self.each.count))
        stored = int(self.server.ask(*self.each.check))
        if stored != self.each.count:
            raise BenchError(f"{self.server.name} holds {stored} of {self.each.count}"
                             f" {self.each.unit}s after loading")

    def figures(self, idle, loaded):
        """Of its resident and used bytes before and after."""
        return {"idle_bytes": idle[0], "loaded_bytes": loaded[0],
                "resident_per_unit": (loaded[0] - idle[0]) / self.each.count,
                "used_per_unit": (loaded[1] - idle[1]) / self.each.count}


def measure(group):
    """The rows of some data whose servers run at the same time, so that they settle together."""
    with ExitStack() as stack:
        filled = [Filled(each, stack.enter_context(Server(name, program)))
                  for each in group for name, program in contenders()]
        for one in filled:
            one.warm_up()
        idle = taken(filled)
        for one in filled:
            one.fill()
        loaded = taken(filled)
    rows = {each.label: {"label": each.label, "unit": each.unit, "count": each.count}
            for each in group}
    for one, before, after in zip(filled, idle, loaded):
        rows[one.each.label][one.server.name] = one.figures(before, after)
    for row in rows.values():
        for figure in ("resident", "used"):
            row[figure + "_ratio"] = ratio(
                row["redknot"][figure + "_per_unit"], row["redis"][figure + "_per_unit"])
    return list(rows.values())


def taken(filled):
    """Resident and used bytes of each."""
    resident = settled_rss(*(one.server for one in filled))
    return [(each, used_memory(one.server)) for each, one in zip(resident, filled)]


def warm_up(each):
    """As many commands as are to be measured, on a hundredth of the data at a time, then deleted.

    What a server needs to have for running them is no memory of the data: a JVM's compiled code.
    """
    part = list(each.commands(max(1, each.count // WARM_UP_ROUNDS)))
    part += [[b"DEL", key] for key in dict.fromkeys(words[1] for words in part)]
    encoded = b"".join(map(encode, part))
    return (encoded for _ in range(WARM_UP_ROUNDS))


def used_memory(server):
    for line in server.ask("INFO", "memory").splitlines():
        if line.startswith("used_memory:"):
            return int(line.split(":")[1])
    raise BenchError(f"{server.name} tells no used_memory")


def print_memory(rows):
    print("\nMemory: bytes beyond idle, resident and as INFO tells; ratios below 1: Redknot takes"
          " less")
    print(f"{'':29}{'redknot':>9}{'redis':>9}{'ratio':>7}   {'redknot':>9}{'redis':>9}{'ratio':>7}")
    for row in rows:
        print(f"{row['label']:18} a {row['unit']:8}"
              f"{row['redknot']['resident_per_unit']:9.1f}{row['redis']['resident_per_unit']:9.1f}"
              f"{show_ratio(row['resident_ratio']):>7}   "
              f"{row['redknot']['used_per_unit']:9.1f}{row['redis']['used_per_unit']:9.1f}"
              f"{show_ratio(row['used_ratio']):>7}")
