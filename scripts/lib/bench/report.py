"""Turns of measurements, the ratios of two servers, and how both are shown."""

import os
import platform
import statistics
import subprocess
import sys

from bench.servers import REDIS


def note(text):
    print(f"... {text}", file=sys.stderr, flush=True)


def result_of(options):
    """What every result begins with: where and how it was measured."""
    shown = {key: value for key, value in vars(options).items() if key not in ("run", "json")}
    redis = subprocess.run([REDIS, "--version"], capture_output=True, text=True, check=False)
    return {"machine": {"cores": os.cpu_count(), "system": platform.platform(),
                        "redis": redis.stdout.strip()},
            "options": shown}


def in_turns(servers, rounds, measure):
    """A B A B ..., so that what changes on the machine meanwhile meets both; medians per server."""
    runs = {server.name: [] for server in servers}
    for _ in range(rounds):
        for server in servers:
            runs[server.name].append(measure(server))
    row = {}
    for name, measured in runs.items():
        row[name] = {key: statistics.median(run[key] for run in measured) for key in measured[0]}
        # The worst of all rounds: a median would hide the one long pause.
        row[name]["max_ms"] = max(run["max_ms"] for run in measured)
        row[name]["runs"] = measured
    row["requests_ratio"] = ratio(row["redknot"]["requests_per_s"], row["redis"]["requests_per_s"])
    row["per_cpu_ratio"] = ratio(
        row["redis"]["cpu_us_per_request"], row["redknot"]["cpu_us_per_request"])
    return row


def ratio(ours, theirs):
    return ours / theirs if theirs else None


def show_ratio(value):
    return "-" if value is None else f"{value:.2f}"


def print_speed(rows):
    """Rows of in_turns, each with a label."""
    print("\nSpeed, one core; medians, max is the worst of all rounds; ratios above 1: Redknot is"
          " faster")
    print(f"{'':18}{'requests/s':>12}{'CPU us/req':>12}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for row in rows:
        label = row["label"]
        for name in ("redknot", "redis"):
            measured = row[name]
            print(f"{label:18}{measured['requests_per_s']:12.0f}"
                  f"{measured['cpu_us_per_request']:12.2f}{measured['p50_ms']:9.3f}"
                  f"{measured['p99_ms']:9.3f}{measured['max_ms']:9.2f}  {name}")
            label = ""
        print(f"{'':18}{show_ratio(row['requests_ratio']):>12}"
              f"{show_ratio(row['per_cpu_ratio']):>12}{'':27}  ratio (requests/s; per CPU)")
