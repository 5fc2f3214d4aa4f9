"""20,000 lines a second into a file that the real logrotate rotates each second, with a receiver that goes away and a
SIGKILL now and then: how many lines are lost, how many come twice.

What the files hold at the end is the control: a line that is in none of them was lost by the writer, between
logrotate's copy and its truncation. Only lines that are in a file and never came count as lost.
"""
import re
import signal
import subprocess
import time

from bench import Missing
from log_measure import (Collector, Use, fresh, http, last_words, launch, peers, root_of, rsyslog, start_shipper,  # noqa: F401
                         syslog_ng, tandem, unpacked, writer)

rate = 20_000
columns = ((0, "lost", "lines"), (1, "twice", "lines"))


class Logrotate:
    def __init__(self, bench, path, how, pid):
        self.argv = [bench.program("logrotate", "logrotate")]
        self.env = unpacked(self.argv[0])
        reopen = "postrotate\nkill -HUP %d\nendscript" % pid
        config = path.parent.with_suffix(".conf")
        config.write_text('"%s" {\nrotate 200\nnocompress\n%s\n}\n' % (path, "copytruncate" if how == "copytruncate" else
                                                                       "create 0644 root root\n" + reopen))
        config.chmod(0o600)
        self.argv += ["-f", "-s", str(config) + ".state", str(config)]
        self.count = 0

    def run(self):
        done = subprocess.run(self.argv, env=self.env, capture_output=True)
        if done.returncode:
            raise Missing("logrotate: %s" % done.stderr.decode()[-300:])
        self.count += 1


def written_sequences(path):
    """Those of whole lines, in the file and all that logrotate made of it."""
    found = set()
    for file in path.parent.iterdir():
        found.update(map(int, re.findall(rb"seq=(\d{12}) [^\n]*\n", file.read_bytes())))
    return found


def rotate(bench, kind, how, make, kills, away):
    seconds = 6 if bench.quick else 60
    away_from, away_to = (1.5, 3.5) if bench.quick else (20, 32)
    path = fresh(bench, "rotate") / "app.log"
    collector = Collector(bench, kind)
    shipper = make(str(path))
    child = start_shipper(bench, shipper, collector, [path])
    argv = child.args
    use = Use(child.pid)
    writing = writer(bench, path, rate, seconds, 10)
    logrotate = Logrotate(bench, path, how, writing.pid)
    begin = time.monotonic()
    done = 0
    events = [(second + 0.5, logrotate.run) for second in range(seconds)]
    events += [(away_from, collector.go_away), (away_to, collector.come_back)] if away else []
    events += [((number + 0.83) * seconds / (kills + 1), "kill") for number in range(kills)]
    anonymous = 0
    for at, what in sorted(events, key=lambda event: event[0]):
        time.sleep(max(0, begin + at - time.monotonic()))
        if what != "kill":
            what()
            continue
        child.send_signal(signal.SIGKILL)
        child.wait()
        use.stop()
        anonymous = max(anonymous, use.anonymous)
        child = launch(bench, argv, shipper.env)
        use = Use(child.pid)
        done += 1
    written = int(writing.communicate()[0])
    time.sleep(1 if bench.quick else 3)
    use.stop()
    if child.poll() is not None:
        raise Missing("%s ended: %s" % (argv[0], last_words(bench)))
    bench.stop([child])
    time.sleep(0.2)
    account = collector.result()
    seen, kept = account["seen"], written_sequences(path)
    lost = sum(1 for sequence in kept if sequence >= len(seen) or not seen[sequence])
    print("  %s, %s: %d written, %d of them lost by the writer, %d rotations, %d kills, anonymous memory %.1f MB, "
          "catch-up %.1f s, recognised by their key %d" % (
              argv[0].rpartition("/")[2], how, written, written - len(kept), logrotate.count, done,
              max(anonymous, use.anonymous), account["catch_up_s"], account["known_lines"]), flush=True)
    return lost, account["twice"]


def run(bench):
    ours = lambda path: tandem(bench, path + "*", http())  # noqa: E731  the pattern takes in what logrotate makes of it
    truncating = 'reopenOnTruncate="on"'
    for how in ("create", "copytruncate"):
        word = "rename" if how == "create" else how
        mine = rotate(bench, "http", how, ours, 0, True)
        theirs = {"rsyslog, TCP": rotate(bench, "tcp", how, lambda path: rsyslog(bench, path, more=truncating), 0, False),
                  "syslog-ng, TCP": rotate(bench, "tcp", how, lambda path: syslog_ng(bench, path), 0, False)}
        for peer, numbers in theirs.items():
            for number, what, unit in columns:
                yield bench.row("rotation by %s, away 12 s: %s" % (word, what), [mine[number]], peer + ", never away",
                                [numbers[number]], unit, False)
        killed = rotate(bench, "http", how, ours, 10, False)
        for number, what, unit in columns:
            yield bench.row("rotation by %s, 10 SIGKILLs: %s" % (word, what), [killed[number]], "promised", [0], unit, False)
