"""tandem-metrics with two good sources, a Redis and a page that we serve, and a dozen that mean it ill."""
import re
import socket
import threading
import time

import redis

from admin_attacks import admin_acts
from arena import find_program, wait_until
from sides import attack, probe, side_by_side
from wire import close_all, connect, connect_many, flood, get

NAME = "tandem-metrics"
PORT, ADMIN, GOOD, REDIS, HOSTILE = 9464, 9103, 8001, 6400, 8100
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"

# What a source answers: a head, and a piece without end.
ANSWERS = {
    "extension": (CHUNKED + b"1;", b"a" * 65536),
    "trailer": (CHUNKED + b"0\r\nX: ", b"a" * 65536),
    "zeros": (CHUNKED, b"0" * 65536),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: a\r\n" * 8192),
    "page": (PLAIN, b"".join(b'a_%d{b="%d"} 1\n' % (number % 50, number) for number in range(4000))),
    "one-line": (PLAIN + b"a", b"a" * 65536),
    "nan": (PLAIN + b"a -nan\nb +inf\nc 1e999\nd 0x1p3\n# TYPE a a\n# TYPE e counter\ne 1\n# TYPE e gauge\ne 2\n", b""),
    "utf8": (PLAIN + b'a{b="\xff\xfe"} 1\n\xc3( 2\nd{e="\x00"} 3\n', b""),
    "continue": (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 2000),
    "length": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", b"a 1\n" * 16384),
    "garbage": (bytes(range(256)) * 16, b""),
    "silent": (b"", b""),
    "redis-size": (b"$99999999999\r\n", b"a" * 65536),
    "redis-line": (b"-", b"a" * 65536),
}


def config():
    lines = [f"listen: 127.0.0.1:{PORT}", "timeout: 4s", "limits: {answerBytes: 512Ki}", f'admin: {{listen: "127.0.0.1:{ADMIN}"}}', "sources:",
             f'- {{name: good, type: prometheus, url: "http://127.0.0.1:{GOOD}/metrics"}}',
             f'- {{name: redis, type: redis, address: "127.0.0.1:{REDIS}"}}']
    for at, name in enumerate(ANSWERS):
        where = f'type: redis, address: "127.0.0.1:{HOSTILE + at}"' if name.startswith("redis") else \
            f'type: prometheus, url: "http://127.0.0.1:{HOSTILE + at}/"'
        lines.append(f"- {{name: {name}, {where}, required: false, timeout: 500ms}}")
    return "\n".join(lines) + "\n"


def set_up(arena):
    arena.start(find_program("redis-server", arena.servers) + ["--port", str(REDIS), "--bind", "127.0.0.1", "--save", "", "--dir",
                                                               str(arena.folder)], "metrics-redis")
    wait_until(lambda: can_connect(REDIS), "Redis listens")
    redis.Redis(port=REDIS).mset({f"key:{number}": 1 for number in range(123)})
    arena.start_bounded(NAME, config())


def can_connect(port):
    try:
        connect(port).close()
    except OSError:
        return False
    return True


class Counter:
    """A good source: a page whose number says how often it was asked for."""

    def __init__(self):
        self.served = 0
        self.listener = socket.create_server(("127.0.0.1", GOOD), backlog=128)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        asked = b""
        with connection:
            try:
                while True:
                    part = connection.recv(4096)
                    if not part:
                        return
                    asked += part
                    while b"\r\n\r\n" in asked:
                        asked = asked.partition(b"\r\n\r\n")[2]
                        self.served += 1
                        body = f'# TYPE asked_total counter\nasked_total{{of="us"}} {self.served}\n'.encode()
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            except OSError:
                pass


# The text format 0.0.4 as Prometheus reads it: comments, or a sample with labels, a number and perhaps a time.
NUMBER = r"(?:[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?i:inf|nan)|0[xX][0-9a-fA-F.]+(?:[pP][-+]?\d+)?)"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{{(?:{LABEL}(?:,{LABEL})*,?)?\}})? {NUMBER}(?: -?\d+)?$")


def judge(page, served_before, served_after):
    """Valid, with what only our good sources could say."""
    lines = page.decode("utf-8").split("\n")  # throws for what is none
    for line in lines:
        if line and not line.startswith("#") and not SAMPLE.match(line):
            raise ValueError(f"no sample: {line[:200]!r}")
    asked = [line for line in lines if line.startswith("asked_total{")]
    if len(asked) != 1 or 'container="good"' not in asked[0] or 'of="us"' not in asked[0]:
        raise ValueError(f"the good source's number is {asked[:3]}")
    # One scrape may be shared, so it is one that ended after we asked or was running then.
    if not served_before <= float(asked[0].split()[-1]) <= served_after:
        raise ValueError(f"{asked[0]} is not of this scrape ({served_before} to {served_after})")
    keys = [line for line in lines if line.startswith("redis_db_keys{")]
    if not any(line.split()[-1] in ("123", "123.0") for line in keys):
        raise ValueError(f"Redis' number of keys is {keys[:3]}")
    for name in ("good", "redis"):
        if f'tandem_source_up{{source="{name}",container="{name}"}} 1' not in lines:
            raise ValueError(f"the source {name} is not up")


def work(arena, tally, until, seed):
    counter = Counter()

    def scrape():
        while time.monotonic() < until:
            with tally.request("scrape", 6):
                before = counter.served
                status, page = get(PORT, "/metrics", 6)
                if status != 200:
                    raise ValueError(f"status {status}")
                judge(page, before, counter.served)
            time.sleep(0.3)

    def ask_for_health():
        while time.monotonic() < until:
            with tally.request("pod health"):
                status, _ = get(PORT, "/pod/healthz")
                if status != 200:
                    raise ValueError(f"status {status}")
            time.sleep(0.5)
    side_by_side(scrape, ask_for_health, lambda: probe(tally, until, ADMIN))


def attackers(arena, tally, until, seed):
    for at, (name, (head, piece)) in enumerate(ANSWERS.items()):
        serve_ill(tally, HOSTILE + at, name, head, piece)
    attack(tally, until, seed, {**admin_acts(tally, ADMIN), **data_acts(tally)})


def serve_ill(tally, port, name, head, piece):
    listener = socket.create_server(("127.0.0.1", port), backlog=64)

    def answer(connection):
        with connection:
            connection.settimeout(2)
            try:
                connection.recv(4096)
                if piece:
                    flood(connection, head, piece, 4 << 20)
                elif head:
                    connection.sendall(head)
                else:
                    connection.recv(1)
            except OSError:
                pass
        tally.act(f"source {name}")

    def serve():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()


def data_acts(tally):
    """The scrape port is such a server, too; and whoever asks there makes it ask the sources."""
    def hurried(chance):
        """Many ask at once, and some go at once."""
        connections = connect_many(PORT, 30)
        for connection in connections:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Prometheus-Scrape-Timeout-Seconds: 0.1\r\n\r\n")
        close_all(connections[:15])
        time.sleep(chance.uniform(0.2, 1))
        close_all(connections)
    return {**{name.replace("admin", "scrape"): act for name, act in admin_acts(tally, PORT).items()
               if name != "admin foreign host"}, "scrape hurried": hurried}


def limits(page):
    return {reason: page.get(f"tandem_metrics_{reason}", 0) for reason in ("problems_total", "answers_too_large_total")}
