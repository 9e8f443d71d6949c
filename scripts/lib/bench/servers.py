"""Servers under test: start and stop, loading, load, CPU time and memory."""

import csv
import io
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time

SCRIPTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
REDKNOT = os.environ.get("REDKNOT_SERVER", os.path.join(SCRIPTS, "redknot-server"))
REDIS = os.environ.get("REDIS_SERVER", "redis-server")
SERVER_CORE = "0"
# On a machine with one core both share it, and the figures show that.
CLIENT_CORE = "1" if (os.cpu_count() or 1) > 1 else SERVER_CORE
READY_LIMIT_S = 120
LOAD_BATCH = 2000
# Each look at a server that loads is a connection and a command, which cost it time that Redis,
# looking for clients at every other MiB only, grants to fewer of them.
LOADING_LOOK_S = 0.05
# A JVM's compilers keep what they took for up to 5 seconds, and -XX:TrimNativeHeapInterval of
# scripts/redknot-server gives it back within 10 more.
TRIM_S = 16

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """Something a person has to mend; the message is a sentence."""


def free_port():
    """A port that is free together with its bus port.

    Both lie below those that Linux gives to outgoing connections.
    """
    start = 11000 + os.getpid() % 5000
    for port in range(start, 22000):
        if all(is_free(p) for p in (port, port + 10000)):
            return port
    raise BenchError("no free port was found")


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


class Server:
    """One server process, a single cluster node with all slots, in a folder of its own."""

    def __init__(self, name, program, pinned=True, java_opts="", options=(), niceness=0):
        self.name = name
        self.is_jvm = program != REDIS
        self.home = tempfile.mkdtemp(prefix="redknot-bench-")
        self.port = free_port()
        command = ["taskset", "-c", SERVER_CORE] if pinned else []
        command += ["nice", "-n", str(niceness)] if niceness else []
        command += [program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.home]
        command += ["--save", "", "--appendonly", "no", "--cluster-enabled", "yes", *options]
        self.command = command
        self.environment = dict(os.environ)
        if java_opts:
            given = self.environment.get("REDKNOT_JAVA_OPTS", "")
            self.environment["REDKNOT_JAVA_OPTS"] = (given + " " + java_opts).strip()
        self.log = open(os.path.join(self.home, "server.log"), "w+", encoding="utf-8")
        self.launch()

    def launch(self):
        """Starts the process, again where it has ended."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            cwd=self.home, env=self.environment)
        self.pid = self.process.pid

    def __enter__(self):
        try:
            self.start_s = self.await_ping()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *unused):
        self.stop()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def await_ping(self):
        """Seconds from the start of the process to its first PONG."""
        deadline = self.started_at + READY_LIMIT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.log.seek(0)
                raise BenchError(f"{self.name} ended while starting:\n{self.log.read()[-2000:]}")
            try:
                if self.ask("PING") == "PONG":
                    return time.monotonic() - self.started_at
            except OSError:
                pass
            except BenchError as refusal:
                if "-LOADING" not in str(refusal):
                    raise
                time.sleep(LOADING_LOOK_S)
                continue
            time.sleep(0.001)
        raise BenchError(f"{self.name} does not answer within {READY_LIMIT_S} s")

    def ask(self, *words):
        """One command on a connection of its own; simple strings, errors, integers and bulks."""
        request = f"*{len(words)}\r\n" + "".join(f"${len(w)}\r\n{w}\r\n" for w in words)
        with socket.create_connection(("127.0.0.1", self.port), 60) as connection:
            connection.sendall(request.encode())
            with connection.makefile("rb") as reply:
                line = reply.readline().decode().rstrip("\r\n")
                if not line:
                    raise OSError("connection closed")
                if line[0] == "$" and line != "$-1":
                    return reply.read(int(line[1:])).decode()
                if line[0] == "-":
                    raise BenchError(f"{self.name} answered {' '.join(words)} with {line}")
                return line[1:]

    def own_all_slots(self):
        self.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        deadline = time.monotonic() + READY_LIMIT_S
        while "cluster_state:ok" not in self.ask("CLUSTER", "INFO"):
            if time.monotonic() > deadline:
                raise BenchError(f"{self.name} does not reach cluster_state:ok")
            time.sleep(0.01)

    def cpu_s(self):
        return cpu_seconds(self.pid)

    def rss_bytes(self):
        return rss_bytes(self.pid)

    def load(self, commands):
        """Sends commands, each a list of words, through redis-cli --pipe; all must succeed."""
        commands = iter(commands)
        self.load_encoded(iter(lambda: b"".join(
            map(encode, itertools.islice(commands, LOAD_BATCH))), b""))

    def load_encoded(self, chunks):
        """As load, of commands that are bytes already, several in each chunk."""
        command = ["taskset", "-c", CLIENT_CORE, "redis-cli", "-p", str(self.port), "--pipe"]
        # Into a file: an error for every command would fill a pipe that nobody reads meanwhile.
        with tempfile.TemporaryFile() as output:
            pipe = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT)
            try:
                for chunk in chunks:
                    pipe.stdin.write(chunk)
                pipe.stdin.close()
            except BrokenPipeError:
                pass
            code = pipe.wait()
            output.seek(0)
            text = output.read().decode(errors="replace")
        if code != 0 or "errors: 0" not in text:
            raise BenchError(f"loading {self.name} failed: {text[:500]} ... {text[-500:]}")

    def benchmark(self, words, requests, pipeline, numbers):
        """One run of redis-benchmark, with the server's CPU time around it.

        __rand_int__ in the words stands for twelve digits of a number below `numbers`.
        """
        command = ["taskset", "-c", CLIENT_CORE, "redis-benchmark", "-p", str(self.port),
                   "-n", str(requests), "-r", str(numbers), "-P", str(pipeline), "-e",
                   "--csv"]
        before = self.cpu_s()
        run = subprocess.run(command + words, capture_output=True, text=True, check=False)
        cpu = self.cpu_s() - before
        rows = [row for row in csv.reader(io.StringIO(run.stdout)) if len(row) == 8]
        if run.returncode != 0 or len(rows) != 2 or "Error from server" in run.stdout:
            raise BenchError(f"redis-benchmark against {self.name} failed at"
                             f" {' '.join(words)}: {run.stdout}{run.stderr}")
        row = dict(zip(rows[0], rows[1]))
        return {
            "requests_per_s": float(row["rps"]),
            "cpu_us_per_request": cpu * 1e6 / requests,
            "p50_ms": float(row["p50_latency_ms"]),
            "p99_ms": float(row["p99_latency_ms"]),
            "max_ms": float(row["max_latency_ms"]),
        }


def encode(words):
    """A command as an array of bulk strings."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        text = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(text), text))
    return b"".join(parts)


def cpu_seconds(pid):
    """User and system time of all threads, those that ended included."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def rss_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise BenchError(f"process {pid} has no VmRSS")


def settled_rss(*servers):
    """Resident bytes of each server, in their order, once what was needed for a moment is given
    back: that can be 40 MiB of a JVM whose compilers were at work.
    """
    time.sleep(TRIM_S if any(server.is_jvm for server in servers) else 1)
    last = [server.rss_bytes() for server in servers]
    for _ in range(10):
        time.sleep(0.5)
        now = [server.rss_bytes() for server in servers]
        if all(abs(a - b) < 64 * 1024 for a, b in zip(now, last)):
            return now
        last = now
    return last


def contenders():
    return (("redknot", REDKNOT), ("redis", REDIS))
