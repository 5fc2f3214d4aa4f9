"""tandem-log drains a large file over loopback, beside rsyslog, syslog-ng, tail|nc and the least there is: read, memchr,
write."""
from bench import Missing
from log_measure import Shipper, compiled, drain, http, line_bytes, peers, rsyslog, syslog_ng, tandem, tcp_raw, unpacked  # noqa: F401

block_lines = 20000
full, quick = (1 << 30, 256 << 20, 3), (64 << 20, 32 << 20, 1)  # bytes, bytes for what is slow, rounds
access = ('10.0.%d.%d - - [22/Nov/2026:10:00:%02d +0000] "GET /api/v1/items/%d?page=%d HTTP/1.1" 200 %d '
          '"https://shop.example/basket" "Mozilla/5.0 (X11; Linux x86_64) Firefox"')
json = ('{"ts":"2026-11-22T10:00:%02d.%03dZ","level":"info","logger":"shop.api","request_id":"%08x%08x","path":'
        '"/api/v1/items/%d","status":200,"duration_ms":%d,"message":"request served"}')


def padded(line):
    """With its newline `line_bytes` long: what is missing goes before its last two characters."""
    return line[:-2] + "x" * (line_bytes - 1 - len(line)) + line[-2:] + "\n"


def access_line(i):
    return padded(access % (i % 251, i % 199, i % 60, i * 7919, i % 17, i * 31))


def json_line(i):
    return padded(json % (i % 60, i % 1000, i * 2654435761 % 2**32, i, i * 7919, i % 997))


def make_file(bench, name, line, size):
    path = bench.folder / "logs" / name
    path.parent.mkdir(exist_ok=True)
    text = "".join(line(i) for i in range(block_lines)).encode()
    assert len(text) == block_lines * line_bytes
    count = max(1, size // len(text))
    with open(path, "wb") as file:
        for _ in range(count):
            file.write(text)
    return path, count * block_lines


add_three = "{name: more, type: add, fields: {cluster: prod, region: eu-1, team: shop}}"
parse_json = "transforms: [{name: parse, type: json}, %s]\n" % add_three
parse_nginx = "transforms: [{name: parse, type: nginx}]\n"
syslog_sink = '{name: out, type: syslog, address: "127.0.0.1:PORT", framing: newline}'
to_syslog_ng = 'network("127.0.0.1" port(%d) transport(tcp) flags(syslog-protocol))'
protocol23 = 'template="RSYSLOG_SyslogProtocol23Format"'


def run(bench):
    big, part, rounds = quick if bench.quick else full
    source = make_file(bench, "access.log", access_line, big)
    events = make_file(bench, "events.log", json_line, big)
    small = make_file(bench, "small.log", access_line, part)  # for what is slow
    netcat = bench.program("nc.openbsd", "netcat-openbsd")
    pipe = lambda port: ["sh", "-c", "tail -c +1 %s | exec %s -N 127.0.0.1 %d" % (source[0], netcat, port)]  # noqa: E731
    loop = lambda port: [compiled(bench, "log_peers"), "loop", str(source[0]), str(port)]  # noqa: E731

    ours = {
        "TCP, raw": ("tcp", source, tandem(bench, source[0], tcp_raw)),
        "HTTP, raw": ("http", source, tandem(bench, source[0], http(", format: raw"))),
        "HTTP, JSON": ("http", source, tandem(bench, source[0], http())),
        "HTTP, JSON parsed, 3 fields added": ("http", events, tandem(bench, events[0], http(), parse_json)),
        "HTTP, nginx parsed": ("http", source, tandem(bench, source[0], http(), parse_nginx)),
        "HTTP, JSON, gzip": ("http", small, tandem(bench, small[0], http(", compression: gzip"))),
        "HTTP, JSON, zstd": ("http", small, tandem(bench, small[0], http(", compression: zstd"))),
        "syslog over TCP": ("tcp", source, tandem(bench, source[0], syslog_sink)),
    }
    others = {"bare loop, TCP": ("tcp", source, Shipper(loop, None)), "tail|nc": ("tcp", source, Shipper(pipe, unpacked(netcat)))}
    for name, make in (
        ("rsyslog, TCP", lambda: rsyslog(bench, small[0])),
        ("rsyslog, syslog", lambda: rsyslog(bench, small[0], protocol23)),
        ("syslog-ng, TCP", lambda: syslog_ng(bench, small[0])),
        ("syslog-ng, syslog", lambda: syslog_ng(bench, small[0], to_syslog_ng)),
    ):
        try:
            others[name] = ("tcp", small, make())
        except Missing as missing:
            print("log: without a peer: %s" % missing)
    samples = {name: [] for name in (*ours, *others)}
    for _ in range(rounds):
        for name, (kind, (path, lines), shipper) in {**ours, **others}.items():
            samples[name].append(drain(bench, kind, shipper, path, lines))
    against = {name: ["bare loop, TCP"] for name in ours}
    against["TCP, raw"] += ["tail|nc", "rsyslog, TCP", "syslog-ng, TCP"]
    against["syslog over TCP"] += ["rsyslog, syslog", "syslog-ng, syslog"]
    columns = (("drain", "MB/s", True), ("CPU", "s/GB", False), ("peak resident", "MB", False), ("peak anonymous", "MB", False))
    for name, peer_names in against.items():
        for peer in (one for one in peer_names if one in others):
            for number, (what, unit, more) in enumerate(columns):
                if peer == "tail|nc" and number > 0:
                    continue
                column = [[sample[number] for sample in samples[side]] for side in (name, peer)]
                yield bench.row("%s: %s" % (name, what), column[0], peer, column[1], unit, more)
