"""tandem-log drains a large file over loopback, beside rsyslog, tail|nc and the least there is: read, memchr, write."""
import os
import pathlib
import re
import select
import signal
import subprocess
import time

from bench import Missing, cpu_seconds, free_port

here = pathlib.Path(__file__).resolve().parent.parent
peers = ["rsyslog", "libestr0", "libfastjson4", "liblognorm5", "netcat-openbsd", "libbsd0", "libmd0"]
line_bytes = 212


def peer_program(bench):
    program = bench.folder / "log_peers"
    if not program.exists():
        subprocess.run(["g++", "-std=c++20", "-O3", "-march=native", "-o", program, here / "log_peers.cpp"], check=True)
    return str(program)


def big_file(bench):
    """Lines as a web server writes them, each a little different."""
    path = bench.folder / "logs" / "app.log"
    path.parent.mkdir(exist_ok=True)
    size = (64 << 20) if bench.quick else (1 << 30)
    stem = '10.0.%d.%d - - [22/Nov/2026:10:00:%02d +0000] "GET /api/v1/items/%d?page=%d HTTP/1.1" 200 %d "-" "curl/7.88.1" '
    block = []
    for i in range(20000):
        line = stem % (i % 251, i % 199, i % 60, i * 7919, i % 17, i * 31)
        block.append(line + "x" * (line_bytes - 1 - len(line)) + "\n")
    text = "".join(block).encode()
    with open(path, "wb") as file:
        for _ in range(size // len(text)):
            file.write(text)
    return path, size // len(text) * len(block)


class Receiver:
    def __init__(self, bench, kind, lines):
        self.child = subprocess.Popen([peer_program(bench), kind, str(lines)], stdout=subprocess.PIPE)
        bench.children.append(self.child)
        self.port = int(self.child.stdout.readline())

    def ready(self, seconds):
        return bool(select.select([self.child.stdout], [], [], seconds)[0])

    def result(self):
        self.child.send_signal(signal.SIGTERM)
        lines, _, _, last = self.child.stdout.read().split()
        self.child.wait()
        return int(lines), float(last)


def sample(pid, memory, cpu):
    """The most that was seen of each; a program that has ended leaves what it had."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", open("/proc/%d/status" % pid).read())
        return max(memory, int(found.group(1)) / 1024 if found else 0), max(cpu, cpu_seconds(pid))
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return memory, cpu


def measure(bench, kind, command, source, lines, env=None):
    """MB/s from the start of the program to the last line, CPU-seconds per GB, peak MB."""
    receiver = Receiver(bench, kind, lines)
    begin = time.monotonic()
    log = open(bench.folder / "shipper.log", "wb")
    argv = command(receiver.port)
    child = subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=env, cwd=bench.folder)
    bench.children.append(child)
    memory = cpu = 0
    while not receiver.ready(0.02) and time.monotonic() - begin < 300:
        memory, cpu = sample(child.pid, memory, cpu)
    memory, cpu = sample(child.pid, memory, cpu)
    came, last = receiver.result()
    bench.stop([child])
    if came < lines:
        raise Missing("%s brought %d of %d lines: %s" % (argv[0], came, lines, pathlib.Path(log.name).read_text()[-300:]))
    size = source.stat().st_size
    return size / 1e6 / (last - begin), cpu / (size / 1e9), memory


def fresh(bench, name):
    folder = bench.folder / ("%s-%d" % (name, time.monotonic_ns()))
    folder.mkdir()
    return folder


def tandem(bench, source, sink):
    def command(port):
        folder = fresh(bench, "tandem")
        (folder / "config.yaml").write_text(
            'sources: [{name: app, type: files, paths: ["%s"]}]\nstate: {dir: %s}\nadmin: {listen: "127.0.0.1:%d"}\n'
            "sinks:\n- %s\n" % (source, folder / "state", free_port(), sink.replace("PORT", str(port))))
        return [bench.ours("tandem-log"), "--config", str(folder / "config.yaml")]
    return command


def rsyslog(bench, source):
    program = bench.program("rsyslogd", "rsyslog")
    modules = pathlib.Path(program).parent.parent / "lib/x86_64-linux-gnu/rsyslog"

    def command(port):
        folder = fresh(bench, "rsyslog")
        (folder / "rsyslog.conf").write_text(
            'global(workDirectory="%s")\nmodule(load="imfile")\ntemplate(name="raw" type="string" string="%%msg%%\\n")\n'
            'input(type="imfile" File="%s" Tag="app")\n'
            'action(type="omfwd" target="127.0.0.1" port="%d" protocol="tcp" template="raw")\n' % (folder, source, port))
        return [program, "-n", "-f", str(folder / "rsyslog.conf"), "-i", str(folder / "pid"), "-M", str(modules)]
    return command


def run(bench):
    source, lines = big_file(bench)
    netcat = bench.program("nc.openbsd", "netcat-openbsd")
    libraries = ":".join(str(bench.peers / "root" / part) for part in ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"))
    unpacked = dict(os.environ, LD_LIBRARY_PATH=libraries)
    http = '{name: out, type: http, url: "http://127.0.0.1:PORT/in"%s}'
    runs = {
        "tcp raw": ("tcp", tandem(bench, source, '{name: out, type: tcp, address: "127.0.0.1:PORT", format: raw}'), None),
        "http json": ("http", tandem(bench, source, http % ""), None),
        "http raw": ("http", tandem(bench, source, http % ", format: raw"), None),
        "loop": ("tcp", lambda port: [peer_program(bench), "loop", str(source), str(port)], None),
        "tail|nc": ("tcp", lambda port: ["sh", "-c", "tail -c +1 %s | exec %s -N 127.0.0.1 %d" % (source, netcat, port)], unpacked),
        "rsyslog": ("tcp", rsyslog(bench, source), unpacked),
    }
    samples = {name: [] for name in runs}
    for _ in range(1 if bench.quick else 3):
        for name, (kind, command, env) in runs.items():
            samples[name].append(measure(bench, kind, command, source, lines, env))
    for ours in ("tcp raw", "http json", "http raw"):
        for peer in ("loop", "tail|nc", "rsyslog"):
            for number, what, unit, more in ((0, "drain", "MB/s", True), (1, "CPU", "s/GB", False), (2, "peak memory", "MB", False)):
                if peer == "tail|nc" and number > 0:
                    continue
                column = [[sample[number] for sample in samples[name]] for name in (ours, peer)]
                yield bench.row("1 GB over %s: %s" % (ours, what), column[0], {"loop": "bare loop, TCP"}.get(peer, peer + ", TCP"),
                                column[1], unit, more)
