"""What the rows share: programs, processes that are stopped by pid, numbers, the table."""
import math
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass


class Missing(Exception):
    """A row cannot be measured here; the text says what is missing."""


@dataclass
class Row:
    what: str
    ours: float
    peer: str
    theirs: float
    unit: str
    more_is_better: bool

    @property
    def ratio(self):
        better, worse = (self.ours, self.theirs) if self.more_is_better else (self.theirs, self.ours)
        return better / worse if worse else 1.0 if not better else math.inf


class Bench:
    def __init__(self, source, build, quick):
        self.source = source
        self.build = pathlib.Path(build).resolve() if build else source / "build" / "release"
        self.peers = source / "build" / "peers"
        self.servers = source / "build" / "servers" / "root"
        self.quick = quick
        self.children = []
        self.folder = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tandem-bench-"))
        return self

    def __exit__(self, *_):
        self.stop(self.children)
        shutil.rmtree(self.folder, ignore_errors=True)

    def install(self, packages):
        """Downloads and unpacks Debian packages below build/peers; nothing of them runs on the host."""
        self.peers.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "-qq", "download", *packages], cwd=self.peers, check=True, stderr=subprocess.DEVNULL)
        for deb in self.peers.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", deb, self.peers / "root"], check=True)
            deb.unlink()

    def program(self, name, package):
        for folder in ("usr/bin", "usr/sbin", "bin"):
            for root in (self.peers / "root", self.servers):
                if os.access(root / folder / name, os.X_OK):
                    return str(root / folder / name)
        found = shutil.which(name)
        if not found:
            raise Missing("%s is not there: tests/bench/run --install fetches it (Debian's %s)" % (name, package))
        return found

    def ours(self, name):
        path = self.build / "bin" / name
        if not os.access(path, os.X_OK):
            raise Missing("%s is not built" % path)
        return str(path)

    def start(self, argv, port=None):
        """Starts a child; with a port, waits until it listens there."""
        log = open(self.folder / ("%d-%s.log" % (len(self.children), os.path.basename(argv[0]))), "wb")
        child = subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder)
        self.children.append(child)
        if port and not wait_until(lambda: listens(port) or child.poll() is not None) or child.poll() is not None:
            raise Missing("%s did not start: %s" % (argv[0], pathlib.Path(log.name).read_text()[-300:]))
        return child

    def stop(self, children):
        for child in children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def head(self):
        print("%-58s %12s %12s  %-8s %6s  %s" % ("what", "tandem", "peer", "unit", "ratio", "the peer"))

    def show(self, row):
        print("%-58s %12.5g %12.5g  %-8s %6.2f  %s" % (row.what, row.ours, row.theirs, row.unit, row.ratio, row.peer), flush=True)

    def row(self, what, ours, peer, theirs, unit, more_is_better):
        """The medians of both sides' samples."""
        return Row(what, statistics.median(ours), peer, statistics.median(theirs), unit, more_is_better)


def wait_until(condition, limit=20):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def listens(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    while True:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        if port < 55000 and not listens(port + 10000):  # Redis Cluster's bus
            return port


def cpu_seconds(pid):
    fields = open("/proc/%d/stat" % pid).read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
