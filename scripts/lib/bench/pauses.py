"""Garbage-collection pauses under a steady load of writes."""

import os
import re
import tempfile
import time

from bench.report import note, result_of
from bench.servers import REDKNOT, BenchError, Server
from bench.strings import store, write

PAUSE = re.compile(r"^\[([\d.]+)s\].*\bPause\b.*?([\d.]+)ms\s*$")


def pauses(options):
    with tempfile.TemporaryDirectory(prefix="redknot-bench-") as folder:
        log = os.path.join(folder, "gc.log")
        # ZGC tells its pauses among its phases, the others tell them as collections.
        log_gc = f"-Xlog:gc,gc+phases:file={log}:uptime"
        with Server("redknot", REDKNOT, java_opts=log_gc) as server:
            server.own_all_slots()
            note(f"loading {options.keys} keys")
            loading = uptime(server)
            store(server, options.keys, options.size)
            note("warming up")
            write(server, options.warmup, options)
            steady = uptime(server)
            note(f"writing steadily, {options.requests} requests")
            load = write(server, options.requests, options)
            ended = uptime(server)
            if not os.path.exists(log):
                raise BenchError(f"{REDKNOT} wrote no log of its collections; is it a JVM?")
            with open(log, encoding="utf-8", errors="replace") as file:
                found = [(float(m[1]), float(m[2])) for m in map(PAUSE.match, file) if m]
    result = result_of(options)
    result["load"] = load
    result["while_loading"] = pause_figures(found, loading, steady)
    result["steady"] = pause_figures(found, steady, ended)
    print(f"\nGarbage-collection pauses, {options.keys} keys with values of {options.size} bytes")
    for label, key in (("while loading", "while_loading"), ("steady writes", "steady")):
        figures = result[key]
        print(f"  {label:14} {figures['count']:5} pauses  max {figures['max_ms']:8.2f} ms"
              f"  p99 {figures['p99_ms']:8.2f} ms  sum {figures['sum_ms']:9.1f} ms"
              f"  in {figures['seconds']:.1f} s")
    print(f"  as clients saw it in the steady part: p99 {load['p99_ms']:.2f} ms,"
          f" max {load['max_ms']:.2f} ms, {load['requests_per_s']:.0f} requests/s")
    return result


def uptime(server):
    """Seconds since the JVM's start, to a few ms: the launcher's share is in it, too."""
    return time.monotonic() - server.started_at


def pause_figures(found, since, until):
    times = sorted(ms for at, ms in found if since <= at < until)
    if not times:
        return {"count": 0, "max_ms": 0.0, "p99_ms": 0.0, "sum_ms": 0.0, "seconds": until - since}
    return {"count": len(times), "max_ms": times[-1], "sum_ms": sum(times),
            "p99_ms": times[min(len(times) - 1, int(len(times) * 0.99))], "seconds": until - since}
