"""What the log rows share: receivers, writers, the shippers' configs, and what a running program uses."""
import collections
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import threading
import time

from bench import Missing, cpu_seconds, free_port

here = pathlib.Path(__file__).resolve().parent
peers = ["rsyslog", "libestr0", "libfastjson4", "liblognorm5", "netcat-openbsd", "libbsd0", "libmd0",
         "syslog-ng-core", "libivykis0", "libjson-c5", "libnet1", "libwrap0", "logrotate", "libpopt0"]
line_bytes = 212


def compiled(bench, name):
    """One of the programs beside this file."""
    program = bench.folder / name
    if not program.exists():
        subprocess.run(["g++", "-std=c++20", "-O3", "-march=native", "-I", here.parent.parent, "-o", program, here / (name + ".cpp"),
                        "-lz", "-lzstd"],
                       check=True)
    return str(program)


def fresh(bench, name):
    folder = bench.folder / ("%s-%d" % (name, time.monotonic_ns()))
    folder.mkdir()
    return folder


def root_of(program):
    """The folder Debian's packages were unpacked to; "" for the host's own."""
    return program.partition("/usr/")[0]


def unpacked(program):
    """The environment for a program that was unpacked and not installed."""
    root = root_of(program)
    parts = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/syslog-ng")
    return dict(os.environ, LD_LIBRARY_PATH=":".join(root + "/" + part for part in parts)) if root else dict(os.environ)


# A shipper: `argv(port)` makes its config, for a receiver on that port of loopback.
Shipper = collections.namedtuple("Shipper", "argv env")


def tandem(bench, paths, sink, transforms=""):
    def argv(port, folder=None):
        folder = folder or fresh(bench, "tandem")
        config = folder / "config.yaml"
        if not config.exists():
            config.write_text(
                'sources: [{name: app, type: files, paths: ["%s"]}]\n%sstate: {dir: %s}\nadmin: {listen: "127.0.0.1:%d"}\n'
                "sinks:\n- %s\n" % (paths, transforms, folder / "state", free_port(), sink.replace("PORT", str(port))))
        return [bench.ours("tandem-log"), "--config", str(config)]
    return Shipper(argv, None)


tcp_raw = '{name: out, type: tcp, address: "127.0.0.1:PORT", format: raw}'


def http(more=""):
    return '{name: out, type: http, url: "http://127.0.0.1:PORT/in"%s}' % more


def rsyslog(bench, paths, template='template="raw"', more=""):
    """rsyslog as its documentation sets up imfile and omfwd, which never gives up on its receiver. Without addMetadata="off"
    imfile attaches JSON to every line, at two to three times the cost; and batches are longer than the usual 256."""
    program = bench.program("rsyslogd", "rsyslog")

    def argv(port):
        folder = fresh(bench, "rsyslog")
        (folder / "rsyslog.conf").write_text(
            'global(workDirectory="%s" maxMessageSize="64k")\nmodule(load="imfile")\n'
            'main_queue(queue.size="100000" queue.dequeueBatchSize="2048")\n'
            'template(name="raw" type="string" string="%%msg%%\\n")\n'
            'input(type="imfile" File="%s" Tag="app" addMetadata="off" %s)\n'
            'action(type="omfwd" target="127.0.0.1" port="%d" protocol="tcp" %s action.resumeRetryCount="-1" '
            'action.resumeInterval="1")\n' % (folder, paths, more, port, template))
        modules = root_of(program) + "/usr/lib/x86_64-linux-gnu/rsyslog"
        return [program, "-n", "-f", str(folder / "rsyslog.conf"), "-i", str(folder / "pid"), "-M", modules]
    return Shipper(argv, unpacked(program))


def syslog_ng(bench, paths, to='network("127.0.0.1" port(%d) transport(tcp) template("$MSG\\n"))'):
    program = bench.program("syslog-ng", "syslog-ng-core")

    def argv(port):
        folder = fresh(bench, "syslog-ng")
        folder_name, _, name = str(paths).rpartition("/")
        source = 'wildcard-file(base-dir("%s") filename-pattern("%s")' % (folder_name, name) if "*" in name else 'file("%s"' % paths
        (folder / "syslog-ng.conf").write_text(
            "@version: 3.38\noptions { stats-freq(0); use-dns(no); keep-hostname(yes); };\n"
            "source s { %s flags(no-parse) follow-freq(0.1) log-fetch-limit(1000) log-iw-size(100000)); };\n"
            "destination d { %s; };\nlog { source(s); destination(d); flags(flow-control); };\n"
            % (source, to % port))
        return [program, "-F", "--no-caps", "-f", str(folder / "syslog-ng.conf"), "-R", str(folder / "persist"),
                "-p", str(folder / "pid"), "-c", str(folder / "control"),
                "--module-path", root_of(program) + "/usr/lib/syslog-ng/3.38"]
    return Shipper(argv, unpacked(program))


class Use:
    """Samples a process until stop(): CPU-seconds, peak resident and peak anonymous memory (MB)."""

    def __init__(self, pid):
        self.pid, self.cpu, self.resident, self.anonymous = pid, 0.0, 0.0, 0.0
        self.running = True
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def look(self):
        try:
            status = open("/proc/%d/status" % self.pid).read()
            self.cpu = max(self.cpu, cpu_seconds(self.pid))
        except (FileNotFoundError, ProcessLookupError, IndexError):
            return
        value = {name: int(kilobytes) / 1024 for name, kilobytes in re.findall(r"(VmHWM|RssAnon):\s+(\d+) kB", status)}
        self.resident = max(self.resident, value.get("VmHWM", 0))
        self.anonymous = max(self.anonymous, value.get("RssAnon", 0))

    def watch(self):
        while self.running:
            self.look()
            time.sleep(0.02)

    def stop(self):
        self.running = False
        self.thread.join()
        self.look()


def context_switches(pid):
    """Of all its threads, those it asked for itself: each is a wake-up."""
    total = 0
    for task in pathlib.Path("/proc/%d/task" % pid).iterdir():
        total += int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text()).group(1))
    return total


def launch(bench, argv, env):
    log = open(bench.folder / "shipper.log", "wb")
    child = subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=env, cwd=bench.folder)
    bench.children.append(child)
    return child


def last_words(bench):
    return (bench.folder / "shipper.log").read_text(errors="replace")[-300:]


class Receiver:
    """Counts lines."""

    def __init__(self, bench, kind, lines):
        self.child = subprocess.Popen([compiled(bench, "log_peers"), kind, str(lines)], stdout=subprocess.PIPE)
        bench.children.append(self.child)
        self.port = int(self.child.stdout.readline())

    def ready(self, seconds):
        return bool(select.select([self.child.stdout], [], [], seconds)[0])

    def result(self):
        self.child.send_signal(signal.SIGTERM)
        lines, _, _, last = self.child.stdout.read().split()
        self.child.wait()
        return int(lines), float(last)


Drained = collections.namedtuple("Drained", "speed cpu resident anonymous")


def drain(bench, kind, shipper, source, lines):
    """MB/s from the start of the program to the last line, CPU-seconds per GB, peak MB."""
    receiver = Receiver(bench, kind, lines)
    begin = time.monotonic()
    argv = shipper.argv(receiver.port)
    child = launch(bench, argv, shipper.env)
    use = Use(child.pid)
    while not receiver.ready(1) and time.monotonic() - begin < 300 and child.poll() is None:
        pass
    receiver.ready(10)
    use.stop()
    came, last = receiver.result()
    bench.stop([child])
    if came < lines:
        raise Missing("%s brought %d of %d lines: %s" % (argv[0], came, lines, last_words(bench)))
    size = source.stat().st_size
    return Drained(size / 1e6 / (last - begin), use.cpu / (size / 1e9), use.resident, use.anonymous)


class Collector:
    """Takes stamped lines and accounts for each."""

    def __init__(self, bench, kind):
        self.seen_file = bench.folder / ("seen-%d" % time.monotonic_ns())
        self.child = subprocess.Popen([compiled(bench, "log_collect"), kind, self.seen_file], stdout=subprocess.PIPE)
        bench.children.append(self.child)
        self.port = int(self.child.stdout.readline())

    def go_away(self):
        self.child.send_signal(signal.SIGUSR1)

    def come_back(self):
        self.child.send_signal(signal.SIGUSR2)

    def result(self):
        self.child.send_signal(signal.SIGTERM)
        account = json.loads(self.child.stdout.read())
        self.child.wait()
        account["seen"] = self.seen_file.read_bytes()
        return account


def writer(bench, path, rate, seconds, together=1, files=1):
    """Writes `rate` lines a second for so many seconds, `together` in one write."""
    argv = [compiled(bench, "log_write"), str(files), str(rate), str(seconds), str(together), str(path)]
    child = subprocess.Popen(argv, stdout=subprocess.PIPE)
    bench.children.append(child)
    return child


def start_shipper(bench, shipper, collector, paths=()):
    """Started before anything is written, so that it is there when the first line comes."""
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    child = launch(bench, shipper.argv(collector.port), shipper.env)
    time.sleep(1)
    if child.poll() is not None:
        raise Missing("%s ended: %s" % (child.args[0], last_words(bench)))
    return child


Followed = collections.namedtuple("Followed", "p50 p99 core anonymous wake_ups")


def follow(bench, shipper, path, rate, seconds, together=1, files=1, idle=0, warm_up=1):
    """Delays of lines that are written at a steady rate (ms), the share of a core it took (%), and wake-ups while idle."""
    collector = Collector(bench, "tcp")
    names = [path] if files == 1 else [path.with_name("%s%04d.log" % (path.name, i)) for i in range(files)]
    child = start_shipper(bench, shipper, collector, names)
    use = Use(child.pid)
    writing = writer(bench, path, rate, warm_up + seconds, together, files)
    time.sleep(warm_up)
    collector.child.send_signal(signal.SIGHUP)
    before, begin = cpu_seconds(child.pid), time.monotonic()
    written = int(writing.communicate()[0])
    core = (cpu_seconds(child.pid) - before) / (time.monotonic() - begin) * 100
    time.sleep(1)
    use.stop()
    woken = context_switches(child.pid)
    time.sleep(idle)
    woken = context_switches(child.pid) - woken
    account = collector.result()
    bench.stop([child])
    if account["distinct"] < written:
        raise Missing("%s brought %d of %d lines: %s" % (child.args[0], account["distinct"], written, last_words(bench)))
    return Followed(account["p50_ms"], account["p99_ms"], core, use.anonymous, woken)


def table(bench, title, ours, others, columns):
    """Rows for each column (number, what, unit) of ours against the others'; less is better."""
    for peer, samples in others.items():
        for number, what, unit in columns:
            yield bench.row("%s: %s" % (title, what), [s[number] for s in ours], peer, [s[number] for s in samples], unit, False)
