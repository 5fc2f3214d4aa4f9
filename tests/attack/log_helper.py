"""tandem-log between numbered lines and a collector that counts them; others fill its volume and its ports with what is none."""
import fcntl
import http.server
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import threading
import time

from admin_attacks import admin_acts
from arena import die_with_parent, find_program, wait_until
from sides import attack, probe, side_by_side
from wire import close_all, connect, connect_many, flood, reset

NAME = "tandem-log"
ADMIN, SYSLOG, TLS, COLLECTOR, HOSTILE = 9101, 5140, 6514, 8200, 8201
SECRET = b"this-is-nobodys-to-read"
KEPT, ROTATION = 2, 8  # rotated files; seconds. With 64 descriptors 8 files are followed at once, and others' are among them


def config(folder):
    return f"""sources:
- {{name: files, type: files, paths: ["{folder}/logs/*.log*", "{folder}/logs/*/*.log"]}}
- name: syslog
  type: syslog
  listen: {{tcp: "127.0.0.1:{SYSLOG}", unix: "{folder}/logs/syslog.sock"}}
  limits: {{unfinishedBytes: 4Mi}}
  spool: {{maxBytes: 32Mi}}
- name: secure
  type: syslog
  listen: {{tls: "127.0.0.1:{TLS}"}}
  tls: {{certFile: "{folder}/cert.pem", keyFile: "{folder}/key.pem"}}
  limits: {{unfinishedBytes: 4Mi}}
  spool: {{maxBytes: 32Mi}}
state: {{dir: "{folder}/state"}}
sinks:
- {{name: out, type: http, url: "http://127.0.0.1:{COLLECTOR}/", inFlight: 1, batch: {{maxBytes: 256Ki}}}}
- {{name: hostile, type: http, url: "http://127.0.0.1:{HOSTILE}/", from: [files], inFlight: 1, timeout: 2s, batch: {{maxBytes: 256Ki}}}}
limits: {{line: 64Ki, removed: 8Mi}}
admin: {{listen: "127.0.0.1:{ADMIN}"}}
"""


def set_up(arena):
    folder = arena.folder
    for name in ("logs", "state", "outside"):
        (folder / name).mkdir()
    (folder / "outside" / "token.log").write_bytes(SECRET + b"\n")
    (folder / "token").write_bytes(SECRET + b"\n")
    openssl = find_program("openssl", arena.servers)
    subprocess.run(openssl + ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
                              "-days", "2", "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
                   check=True, capture_output=True)
    arena.start_bounded(NAME, config(folder))


class Collector:
    """The sink: takes each batch once (Idempotency-Key), and knows which number each writer has come to."""

    LINE = re.compile(rb"real (\S+) (\d+) end")

    def __init__(self, tally):
        self.tally, self.keys, self.next, self.lock = tally, {}, {}, threading.Lock()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.take(self.headers["Idempotency-Key"], body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", COLLECTOR), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, key, body):
        with self.lock:
            if key in self.keys:
                return
            self.keys[key] = True
            while len(self.keys) > 10_000:
                del self.keys[next(iter(self.keys))]
            if SECRET in body:
                self.tally.fail("secret", "what lies outside of the volume was shipped")
            for writer, number in self.LINE.findall(body):
                expected, number = self.next.get(writer, 0), int(number)
                if number != expected:
                    self.tally.fail("line", f"{writer.decode()}: {number} came, {expected} was expected")
                else:
                    self.tally.count("line")
                self.next[writer] = number + 1

    def wait_for(self, written, seconds):
        """Every writer's last line has come, or is missing."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and any(self.next.get(writer, 0) < count for writer, count in written.items()):
            time.sleep(0.1)
        for writer, count in written.items():
            if self.next.get(writer, 0) != count:
                self.tally.fail("line", f"{writer.decode()}: {count} were written, {self.next.get(writer, 0)} came in {seconds} s")


def work(arena, tally, until, seed):
    collector = Collector(tally)
    logs, written = arena.folder / "logs", {}

    def write_file(name):
        """As logrotate does it: renamed, the oldest removed, without asking whether it was read. Each file has numbers of its own:
        order is promised within one."""
        chance, path = random.Random(f"{seed}/{name}"), logs / f"{name}.log"
        rotation, which = time.monotonic() + ROTATION, 0
        file = open(path, "ab", buffering=0)
        while time.monotonic() < until:
            writer = f"{name}.{which}".encode()
            for _ in range(chance.randint(1, 10)):
                file.write(b"real %s %d end %s\n" % (writer, written.get(writer, 0), b"." * chance.randint(0, 200)))
                written[writer] = written.get(writer, 0) + 1
            if time.monotonic() > rotation:
                which += 1
                file.close()
                for number in range(KEPT, 0, -1):
                    older = logs / f"{name}.log.{number - 1}" if number > 1 else path
                    if older.exists():
                        older.rename(logs / f"{name}.log.{number}")
                file = open(path, "ab", buffering=0)
                rotation = time.monotonic() + ROTATION
            time.sleep(0.05)
        file.close()

    def send(name, open_connection):
        """One connection to the end: whoever has been heard keeps its place."""
        with open_connection() as connection:
            connection.settimeout(5)
            while time.monotonic() < until:
                with tally.request(f"syslog by {name.decode()}"):
                    connection.sendall(b"<13>1 - host app - - - real %s %d end\n" % (name, written.get(name, 0)))
                    written[name] = written.get(name, 0) + 1
                time.sleep(0.02)

    def connect_unix():
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(logs / "syslog.sock"))
        return connection

    side_by_side(lambda: write_file("app"), lambda: write_file("web"), lambda: send(b"tcp", lambda: connect(SYSLOG)),
                 lambda: send(b"unix", connect_unix), lambda: probe(tally, until, ADMIN))
    collector.wait_for(written, 15)


def attackers(arena, tally, until, seed):
    serve_ill(tally)
    acts = {**admin_acts(tally, ADMIN), **sender_acts("syslog", SYSLOG), **sender_acts("tls", TLS), **tls_acts(arena), **volume_acts(arena)}
    attack(tally, until, seed, acts)


def serve_ill(tally):
    """The second sink: takes a batch now and then, and otherwise answers without end, late, or not at all."""
    listener = socket.create_server(("127.0.0.1", HOSTILE), backlog=64)
    answers = [
        lambda it: it.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
        lambda it: flood(it, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a" * 65536, 4 << 20),
        lambda it: flood(it, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"a" * 65536, 4 << 20),
        lambda it: flood(it, b"HTTP/1.1 503 Busy\r\n", b"X: a\r\n" * 8192, 4 << 20),
        lambda it: flood(it, b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 65536, 4 << 20),
        lambda it: it.sendall(b"HTTP/1.1 429 Wait\r\nRetry-After: 99999999999999999999\r\nContent-Length: 0\r\n\r\n"),
        lambda it: it.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
        lambda it: time.sleep(3),
        lambda it: it.sendall(bytes(range(256))),
        reset,
    ]

    def serve():
        number = 0
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection, answers[number % len(answers)]), daemon=True).start()
            number += 1

    def answer(connection, how):
        try:
            connection.settimeout(2)
            connection.recv(65536)
            how(connection)
            connection.close()
        except OSError:
            pass
        tally.act("sink ill")
    threading.Thread(target=serve, daemon=True).start()


def sender_acts(kind, port):
    """To the TLS port, this is a handshake that never comes."""
    def silent(chance):
        connections = connect_many(port, chance.randint(60, 200))
        time.sleep(chance.uniform(0.5, 2))
        close_all(connections)

    def unfinished(chance):
        connections = connect_many(port, 50)
        for connection in connections:
            connection.settimeout(0.2)
            flood(connection, b"1000000 <13>" + b"x" * 100_000, b"", 1)
        time.sleep(chance.uniform(0.2, 1))
        close_all(connections)

    def garbage(chance):
        with connect(port, 1) as connection:
            flood(connection, chance.randbytes(4096), chance.randbytes(8192), 256 << 10)

    def endless_line(chance):
        with connect(port, 1) as connection:
            flood(connection, b"<13>", b"a" * 65536, 2 << 20)

    def endless_count(chance):
        with connect(port, 1) as connection:
            flood(connection, b"1", b"0" * 65536, 1 << 20)

    def many_lines(chance):
        with connect(port, 1) as connection:
            flood(connection, b"", b"<1>a\n" * 2000, 100_000)

    def cut(chance):
        for _ in range(20):
            connection = connect(port)
            connection.sendall(b"100 <13>half"[:chance.randint(1, 12)])
            reset(connection)
    acts = {"silent": silent, "unfinished": unfinished, "garbage": garbage, "endless line": endless_line, "endless count": endless_count,
            "many lines": many_lines, "cut": cut}
    return {f"{kind} {name}": act for name, act in acts.items()}


def tls_acts(arena):
    openssl = find_program("openssl", arena.servers)

    def client(chance, send):
        reading, writing = os.pipe2(os.O_DIRECT | os.O_CLOEXEC)  # a write is a read there: each "K" is taken as a command
        with open(os.devnull, "r+b") as nothing:
            process = subprocess.Popen(openssl + ["s_client", "-connect", f"127.0.0.1:{TLS}", "-tls1_3"], stdin=reading, stdout=nothing,
                                       stderr=nothing, preexec_fn=die_with_parent)
        os.close(reading)
        fcntl.fcntl(writing, fcntl.F_SETFL, fcntl.fcntl(writing, fcntl.F_GETFL) | os.O_NONBLOCK)
        end = time.monotonic() + chance.uniform(0.5, 1.5)
        while time.monotonic() < end and process.poll() is None:
            try:
                send(writing)
            except BlockingIOError:
                time.sleep(0.001)
            except BrokenPipeError:
                break
        os.close(writing)
        process.kill()
        process.wait()

    def handshakes(chance):
        hello = bytes.fromhex("1603010200010001fc0303")
        for _ in range(10):
            with connect(TLS, 1) as connection:
                connection.sendall(hello + chance.randbytes(chance.randint(0, 600)))
                connection.recv(1024)
    return {
        "tls handshakes": handshakes,
        "tls key updates": lambda chance: client(chance, lambda pipe: os.write(pipe, b"K\n")),
        "tls unfinished": lambda chance: client(chance, lambda pipe: os.write(pipe, b"x" * 4000)),
    }


def volume_acts(arena):
    """What a container can do to the folder that it shares with its sidecar; what is made is removed again."""
    logs, outside = arena.folder / "logs", arena.folder / "outside"
    rest = {"number": 0}

    def name_for(kind):
        rest["number"] += 1
        return logs / f"{kind}-{rest['number']}.log"

    def for_a_while(chance, path):
        time.sleep(chance.uniform(0.1, 0.5))
        path.unlink(missing_ok=True)

    def link(chance):
        path = name_for("link")
        path.symlink_to(chance.choice(["/etc/shadow", arena.folder / "token", outside / "token.log", "/proc/self/environ", "/dev/zero", path]))
        for_a_while(chance, path)

    def folder_link(chance):
        path = name_for("folder").with_suffix("")
        path.symlink_to(outside)
        for_a_while(chance, path)

    def swapped(chance):
        """A file of our own, then a link to what is not ours, again and again."""
        path, other = name_for("swap"), name_for("other").with_suffix(".tmp")
        for _ in range(30):
            path.write_bytes(b"ours\n")
            other.unlink(missing_ok=True)
            other.symlink_to(outside / "token.log")
            other.rename(path)
            time.sleep(0.01)
        path.unlink()

    def fifo(chance):
        path = name_for("fifo")
        os.mkfifo(path)
        for_a_while(chance, path)

    def no_utf8(chance):
        path = os.fsencode(logs) + b"/\xff\xfe\"\n{x}" + chance.randbytes(3).replace(b"/", b"-").replace(b"\0", b"-") + b".log"
        with open(path, "wb") as file:
            file.write(b"\xff\xfe\x00 a line\n")
        time.sleep(0.3)
        os.unlink(path)

    def giant_line(chance):
        path = name_for("giant")
        with open(path, "wb") as file:
            for _ in range(32):
                file.write(b"g" * 65536)
                file.flush()
                time.sleep(0.01)
        for_a_while(chance, path)

    def many_files(chance):
        folder = name_for("many").with_suffix("")
        folder.mkdir()
        for number in range(100):
            (folder / f"{number}.log").write_bytes(b"one line\n" * chance.randint(1, 20))
        time.sleep(chance.uniform(0.5, 1.5))
        shutil.rmtree(folder)

    def renames(chance):
        path = name_for("move")
        path.write_bytes(b"begin\n" * 100)
        for _ in range(50):
            new = name_for("move")
            path.rename(new)
            path = new
            time.sleep(0.005)
        path.unlink()

    def truncated(chance):
        path = name_for("short")
        with open(path, "wb", buffering=0) as file:
            for _ in range(20):
                file.write(b"%d and so on\n" % chance.randrange(10**9) * chance.randint(1, 200))
                time.sleep(0.01)
                file.truncate(chance.choice((0, 7)))
        path.unlink()

    def sparse(chance):
        """A tebibyte that takes no room: nothing but a hole, or one behind a line, or before one."""
        path = name_for("sparse")
        with open(path, "wb", buffering=0) as file:
            file.write(chance.choice((b"", b"a line\n")))
            file.truncate(1 << 40)
            if chance.random() < 0.5:
                file.seek(0, os.SEEK_END)
                file.write(b"the last\n")
        for_a_while(chance, path)

    def odd(chance):
        path = name_for("odd")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
        for_a_while(chance, path)
        path.mkdir()
        time.sleep(0.1)
        path.rmdir()

    acts = {"link": link, "folder link": folder_link, "swapped": swapped, "fifo": fifo, "no utf-8": no_utf8, "giant line": giant_line,
            "many files": many_files, "renames": renames, "truncated": truncated, "sparse": sparse, "odd": odd}
    return {f"volume {name}": act for name, act in acts.items()}


def limits(page):
    return {reason: page.get(f"tandem_log_{reason}", 0) for reason in ("refused_links_total", "lost_bytes_total", "broken_streams_total")}
