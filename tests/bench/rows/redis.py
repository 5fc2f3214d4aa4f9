"""tandem-redis before a cluster of three masters, nutcracker before three servers, and one server asked directly."""
import re
import subprocess

from bench import cpu_seconds, free_port, wait_until

peers = ["nutcracker"]

nutcracker_config = """pool:
  listen: 127.0.0.1:%d
  hash: fnv1a_64
  distribution: ketama
  redis: true
  auto_eject_hosts: false
  servers:
"""


def redis_server(bench, *options):
    port = free_port()
    folder = bench.folder / str(port)
    folder.mkdir()
    program = bench.program("redis-server", "redis-server")
    bench.start([program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
                 str(folder), *options], port)
    return port


def cluster(bench):
    ports = [redis_server(bench, "--cluster-enabled", "yes") for _ in range(3)]
    cli = bench.program("redis-cli", "redis-tools")
    nodes = ["127.0.0.1:%d" % port for port in ports]
    subprocess.run([cli, "--cluster", "create", *nodes, "--cluster-yes"], check=True, stdout=subprocess.DEVNULL)

    def ask(port):
        return subprocess.run([cli, "-p", str(port), "cluster", "info"], capture_output=True, text=True).stdout

    if not wait_until(lambda: all("cluster_state:ok" in ask(port) for port in ports)):
        raise RuntimeError("the cluster was not formed")
    return nodes


def start_nutcracker(bench):
    program = bench.program("nutcracker", "nutcracker")
    port, stats = free_port(), free_port()
    config = bench.folder / "nutcracker.yaml"
    servers = "".join("   - 127.0.0.1:%d:1\n" % redis_server(bench) for _ in range(3))
    config.write_text(nutcracker_config % port + servers)
    log = str(bench.folder / "nutcracker.log")
    child = bench.start([program, "-c", str(config), "-o", log, "-s", str(stats), "-m", "16384"], port)
    return port, child.pid


def start_tandem(bench):
    port = free_port()
    config = bench.folder / "redis.yaml"
    seeds = ", ".join('"%s"' % node for node in cluster(bench))
    config.write_text("listen: 127.0.0.1:%d\ncluster: {seeds: [%s]}\n" % (port, seeds))
    child = bench.start([bench.ours("tandem-redis"), "--config", str(config)], port)
    return port, child.pid


def measure(bench, port, pid, pipeline, command):
    """Requests per second, and the CPU time per request of the process asked, in microseconds."""
    count = (20_000 if pipeline == 1 else 200_000) // (10 if bench.quick else 1)
    before = cpu_seconds(pid)
    argv = [bench.program("redis-benchmark", "redis-tools"), "-p", str(port), "-n", str(count), "-r", "100000", "-P",
            str(pipeline), "-t", command, "-q"]
    output = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=True).stdout
    cpu = cpu_seconds(pid) - before
    rate = re.findall(r"([\d.]+) requests per second", output)
    if not rate:
        raise RuntimeError("redis-benchmark said: " + output[-300:])
    return float(rate[-1]), max(cpu, 0.001) / count * 1e6


def run(bench):
    nutcracker, tandem = start_nutcracker(bench), start_tandem(bench)
    direct_port = redis_server(bench)
    targets = {"tandem": tandem, "nutcracker": nutcracker, "direct": (direct_port, bench.children[-1].pid)}
    for pipeline in (1, 16):
        for command in ("set", "get"):
            samples = {name: [] for name in targets}
            for _ in range(1 if bench.quick else 5):
                for name, (port, pid) in targets.items():
                    samples[name].append(measure(bench, port, pid, pipeline, command))
            rates = {name: [rate for rate, _ in some] for name, some in samples.items()}
            cpus = {name: [cpu for _, cpu in some] for name, some in samples.items()}
            what = "redis-benchmark -P %d %s: " % (pipeline, command.upper())
            yield bench.row(what + "throughput", rates["tandem"], "nutcracker, 3 servers", rates["nutcracker"], "req/s", True)
            yield bench.row(what + "throughput", rates["tandem"], "no proxy, 1 server", rates["direct"], "req/s", True)
            yield bench.row(what + "CPU of the proxy", cpus["tandem"], "nutcracker, 3 servers", cpus["nutcracker"], "us/req", False)
