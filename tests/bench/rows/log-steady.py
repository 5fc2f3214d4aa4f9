"""50,000 lines a second: how late each line is, and what it costs, beside a loop of inotify, read, memchr and write."""
from log_measure import Shipper, compiled, follow, fresh, peers, table, tandem, tcp_raw  # noqa: F401

rate, together = 50_000, 50
columns = ((0, "p50 of the delay", "ms"), (1, "p99 of the delay", "ms"), (2, "of a core", "%"), (3, "anonymous memory", "MB"),
           (4, "wake-ups while idle", "in 5 s"))


def run(bench):
    seconds, idle = (2, 1) if bench.quick else (10, 5)
    program = compiled(bench, "log_peers")

    def sample(make, lines_together):
        path = fresh(bench, "steady") / "app.log"
        return follow(bench, make(path), path, rate, seconds, lines_together, 1, idle)

    def ours(path):
        return tandem(bench, path, tcp_raw)

    def bare(path):
        return Shipper(lambda port: [program, "follow", str(path), str(port)], None)

    for lines_together in (together, 1):
        samples = {make: [] for make in (ours, bare)}
        for _ in range(1 if bench.quick else 3):
            for make, found in samples.items():
                found.append(sample(make, lines_together))
        title = "50,000 lines/s, %s" % ("a write each" if lines_together == 1 else "%d a write" % lines_together)
        yield from table(bench, title, samples[ours], {"bare follower": samples[bare]}, columns)
