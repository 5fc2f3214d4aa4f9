"""20,000 lines a second while the receiver is away for 30 s: the memory it takes, and how soon all is caught up."""
import time

from bench import Missing
from log_measure import (Collector, Use, fresh, http, last_words, peers, rsyslog, start_shipper, table, tandem,  # noqa: F401
                         tcp_raw, writer)

rate = 20_000
columns = ((0, "peak anonymous memory", "MB"), (1, "catch-up", "s"))


def outage(bench, kind, make):
    before, away, after = (1, 3, 4) if bench.quick else (5, 30, 10)
    path = fresh(bench, "outage") / "app.log"
    collector = Collector(bench, kind)
    child = start_shipper(bench, make(str(path)), collector, [path])
    use = Use(child.pid)
    writing = writer(bench, path, rate, before + away + after, 20)
    time.sleep(before)
    collector.go_away()
    time.sleep(away)
    collector.come_back()
    written = int(writing.communicate()[0])
    time.sleep(2)
    use.stop()
    account = collector.result()
    bench.stop([child])
    if account["catch_up_s"] < 0:
        raise Missing("%s had %d of %d lines at the end: %s" % (child.args[0], account["distinct"], written, last_words(bench)))
    return use.anonymous, account["catch_up_s"], written - account["distinct"]


def run(bench):
    makes = {"HTTP": ("http", lambda path: tandem(bench, path, http())),
             "TCP": ("tcp", lambda path: tandem(bench, path, tcp_raw)),
             "rsyslog, TCP": ("tcp", lambda path: rsyslog(bench, path))}
    found = {name: [outage(bench, kind, make)] for name, (kind, make) in makes.items()}
    for name in ("HTTP", "TCP"):
        yield from table(bench, "outage, 20,000 lines/s, " + name, found[name], {"rsyslog, TCP": found["rsyslog, TCP"]},
                         (*columns, *(((2, "lines lost", ""),) if name == "TCP" else ())))
        if name == "HTTP" and found[name][0][2]:
            raise Missing("%d lines were lost over HTTP" % found[name][0][2])
