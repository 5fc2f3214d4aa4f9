"""1000 files with 10 lines a second each: how late lines are, and what it costs, beside rsyslog."""
from log_measure import follow, fresh, peers, rsyslog, table, tandem, tcp_raw  # noqa: F401

files, lines_a_second = 1000, 10
columns = ((0, "p50 of the delay", "ms"), (1, "p99 of the delay", "ms"), (2, "of a core", "%"), (3, "anonymous memory", "MB"))


def run(bench):
    count = 100 if bench.quick else files
    makes = {"tandem": lambda paths: tandem(bench, paths, tcp_raw), "rsyslog": lambda paths: rsyslog(bench, paths)}
    samples = {name: [] for name in makes}
    for _ in range(1 if bench.quick else 3):
        for name, make in makes.items():
            folder = fresh(bench, "files")
            shipper = make(str(folder / "*.log"))
            # The first 3 s, in which the files are met, are left out.
            samples[name].append(follow(bench, shipper, folder / "app", count * lines_a_second, 2 if bench.quick else 10, 1, count, 0, 3))
    yield from table(bench, "%d files, 10 lines/s each" % count, samples.pop("tandem"), samples, columns)
