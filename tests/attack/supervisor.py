"""A pod whose containers flood their output and their name server, beside one that counts; its supervisor has no more than a helper."""
import json
import pathlib
import random
import re
import resource
import shutil
import socket
import struct
import subprocess
import threading
import time

from arena import DESCRIPTORS, MemoryCgroup, Missing, Watched, enter_network_of, libc, wait_until
from sides import attack, side_by_side
from wire import close_all, flood, reset

NAME = "tandem-pod"
POD = "attacked"
NAME_SERVER = ("169.254.20.10", 53)
UPSTREAM = ("127.0.0.1", 53)

MANIFEST = """apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: None, selector: {app: attacked}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: attacked, labels: {app: attacked}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: real
    image: localhost/busybox
    command: [sh, -c, 'i=0; while :; do echo "real out $i end"; i=$((i+1)); usleep 20000; done']
    livenessProbe: {exec: {command: ["true"]}, periodSeconds: 1, timeoutSeconds: 5}
  - name: flood
    image: localhost/busybox
    command: [sh, -c, 'yes >&2 & exec yes']
    resources: {limits: {cpu: 100m, memory: 16Mi}}
  - name: giant
    image: localhost/busybox
    command: [sh, -c, 'while :; do head -c 3000000 /dev/zero | tr "\\0" x; usleep 100000; echo; printf partial; usleep 50000; printf "\\377\\000\\033[2J\\n" >&2; done']
    resources: {limits: {cpu: 100m, memory: 16Mi}}
"""


def tandem(arena, *words, text=None):
    """What it printed; throws when it did not end with 0."""
    ended = subprocess.run([str(arena.binaries / "tandem"), *words], input=text, capture_output=True, text=True, timeout=60)
    if ended.returncode != 0:
        raise RuntimeError(f"tandem {' '.join(words)}: {ended.returncode}: {ended.stderr[-500:]}")
    return ended.stdout


def set_up(arena):
    busybox = shutil.which("busybox")
    if not busybox:
        raise Missing("busybox is not here (Debian: busybox-static)")
    own_resolver(arena)
    words = [word for tool in ("sh", "yes", "head", "tr", "usleep", "true", "echo", "printf") for word in ("--link", f"/usr/bin/{tool}:busybox")]
    tandem(arena, "image", "pack", "-q", "localhost/busybox", "--bin", busybox, *words)
    tandem(arena, "apply", "-f", "-", text=MANIFEST)
    arena.undo.append(lambda: tandem(arena, "delete", "pod", POD, "--grace-period", "0"))
    wait_until(lambda: pod(arena)["status"]["phase"] == "Running", "the pod runs")
    pids = dict(line.split()[:2] for line in tandem(arena, "get", "pod", POD, "-o", "pids").splitlines())
    run = next((pathlib.Path(arena.folder) / "t" / "run" / "pods").iterdir())
    cgroup = MemoryCgroup.of_process(int(pids["supervisor"]))
    cgroup.limit(arena.memory)
    for guardian in ("supervisor", "keeper"):
        pid = int(pids[guardian])
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]))
        arena.watched.append(Watched(f"{NAME} {guardian}", pid, cgroup, run / "keeper.log"))


def own_resolver(arena):
    """The host's name server is one of ours, in this mount namespace."""
    file = arena.folder / "resolv.conf"
    file.write_text(f"nameserver {UPSTREAM[0]}\n")
    target = str(pathlib.Path("/etc/resolv.conf").resolve()).encode()
    if libc.mount(str(file).encode(), target, None, 4096, None) != 0:  # MS_BIND
        raise Missing("/etc/resolv.conf cannot be mounted over")
    arena.undo.append(lambda: libc.umount2(target, 2))


def pod(arena):
    return json.loads(tandem(arena, "get", "pod", POD, "-o", "json"))


def network_of_pod(arena):
    """By a process in it: the container's."""
    return int(dict(line.split()[:2] for line in tandem(arena, "get", "pod", POD, "-o", "pids").splitlines())["real"])


def question(chance, name, kind=1):
    """RFC 1035, 4.1: a header with RD and one question."""
    labels = b"".join(bytes([len(label)]) + label for label in name.encode().split(b"."))
    number = chance.randrange(65536)
    return number, struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", kind, 1)


def addresses(answer, number):
    """Those of the A records; throws when it does not answer `number`."""
    identifier, flags, questions, answers = struct.unpack(">4H", answer[:8])
    if identifier != number or not flags & 0x8000 or flags & 15:
        raise ValueError(f"answer {answer[:12].hex()}")
    at, found = 12, []

    def skip_name(at):
        while answer[at]:
            if answer[at] >= 0xC0:
                return at + 2
            at += answer[at] + 1
        return at + 1
    for _ in range(questions):
        at = skip_name(at) + 4
    for _ in range(answers):
        at = skip_name(at)
        kind, _, _, size = struct.unpack(">2HIH", answer[at:at + 10])
        if kind == 1:
            found.append(socket.inet_ntoa(answer[at + 10:at + 14]))
        at += 10 + size
    return found


def work(arena, tally, until, seed):
    inside, address = network_of_pod(arena), pod(arena)["status"]["podIP"]

    def resolve():
        """As a resolver does: asks again after a second, five times."""
        enter_network_of(inside)
        chance = random.Random(f"{seed}/names")
        while time.monotonic() < until:
            with tally.request("name"):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
                    asking.connect(NAME_SERVER)
                    asking.settimeout(1)
                    for attempt in range(5):
                        number, packet = question(chance, "web.default.svc.cluster.local")
                        asking.send(packet)
                        try:
                            answer = asking.recv(4096)
                            break
                        except TimeoutError:
                            tally.act("name asked again")
                    else:
                        raise TimeoutError("no answer to five questions")
                if addresses(answer, number) != [address]:
                    raise ValueError(f"{addresses(answer, number)} is not {address}")
            time.sleep(0.2)

    def execute():
        number = 0
        while time.monotonic() < until:
            with tally.request("exec", 10):
                if tandem(arena, "exec", POD, "-c", "real", "--", "echo", f"number {number}") != f"number {number}\n":
                    raise ValueError("it printed something else")
            number += 1
            time.sleep(0.5)

    def look():
        while time.monotonic() < until:
            with tally.request("get", 10):
                status = pod(arena)["status"]
                restarts = [one["restartCount"] for one in status["containerStatuses"]]
                if status["phase"] != "Running" or any(restarts):
                    raise ValueError(f"{status['phase']}, restarts {restarts}")
            time.sleep(0.5)
    begin = time.monotonic()
    side_by_side(resolve, execute, look)
    judge_log(arena, tally, time.monotonic() - begin)


def judge_log(arena, tally, seconds):
    """Every number in its place, whatever was rotated: what `real` said, CRI lines of files in the order of their names."""
    folder = next((arena.folder / "t" / "lib" / "pods").glob("*/logs/real"))
    files = sorted(path for path in folder.iterdir() if path.name != "0.log") + [folder / "0.log"]
    expected = 0
    for file in files:
        for line in file.read_bytes().splitlines():
            number = re.fullmatch(rb"\S+ stdout F real out (\d+) end", line)
            if not number or int(number[1]) != expected:
                return tally.fail("log line", f"{line[:100]!r} where {expected} was expected, in {file.name}")
            expected += 1
    if expected < 5 * seconds:
        return tally.fail("log line", f"only {expected} in {seconds:.0f} s")
    tally.count("log line", many=expected)


def attackers(arena, tally, until, seed):
    serve_ill(tally)
    enter_network_of(network_of_pod(arena))
    attack(tally, until, seed, name_acts())


def serve_ill(tally):
    """The host's name server answers too much, too late, something else, or nothing."""
    upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    upstream.bind(UPSTREAM)
    chance = random.Random("upstream")

    def serve():
        while True:
            asked, who = upstream.recvfrom(4096)
            tally.act("upstream asked")
            head = bytearray(asked)
            head[2] |= 0x80
            answers = [bytes(head), bytes(head[:12]), chance.randbytes(500), bytes(head) + b"\xc0\x0c" * 200,
                       bytes(head[:4]) + b"\xff" * 8 + bytes(head[12:]), bytes([head[0] ^ 1]) + bytes(head[1:]), b""]
            for answer in chance.sample(answers, 3):
                upstream.sendto(answer, who)
    threading.Thread(target=serve, daemon=True).start()


def name_acts():
    def udp(packets, chance):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.connect(NAME_SERVER)
            asking.setblocking(False)
            for _ in range(20):
                for _ in range(100):
                    try:
                        asking.send(packets())
                    except BlockingIOError:
                        break
                time.sleep(0.02)

    def tcp():
        connection = socket.create_connection(NAME_SERVER, 1)
        connection.settimeout(0.5)
        return connection

    def foreign(chance):
        udp(lambda: question(chance, f"n{chance.randrange(10**9)}.example.com", chance.choice((1, 28, 255)))[1], chance)

    def own_names(chance):
        udp(lambda: question(chance, "web.default.svc.cluster.local")[1], chance)

    def garbage(chance):
        udp(lambda: chance.randbytes(chance.randint(0, 600)), chance)

    def pointers(chance):
        """Names that point at themselves, are too long, or are many."""
        head = struct.pack(">6H", chance.randrange(65536), 0x0100, 1, 0, 0, 0)
        names = (b"\xc0\x0c", b"\xc0\x0e\xc0\x0c", b"\x3f" + b"a" * 63 * 7, b"\xc0\xff", b"\x80a\0", b"\x01a" * 250 + b"\0")
        udp(lambda: head + chance.choice(names) + b"\0\1\0\1", chance)

    def counts(chance):
        udp(lambda: struct.pack(">6H", 1, chance.choice((0x0100, 0x8180, 0x7800)), *[chance.choice((0, 1, 65535)) for _ in range(4)]) + b"\1a\0\0\1\0\1", chance)

    def silent(chance):
        connections = []
        for _ in range(50):
            try:
                connections.append(tcp())
            except OSError:
                break
        time.sleep(chance.uniform(0.5, 2))
        close_all(connections)

    def unfinished(chance):
        with tcp() as connection:
            connection.sendall(b"\xff\xff" + chance.randbytes(100))
            time.sleep(chance.uniform(0.2, 1))

    def endless(chance):
        with tcp() as connection:
            flood(connection, b"", chance.randbytes(65536), 1 << 20)

    def never_read(chance):
        with tcp() as connection:
            _, packet = question(chance, "web.default.svc.cluster.local")
            flood(connection, b"", (struct.pack(">H", len(packet)) + packet) * 1000, 1 << 20)
            time.sleep(chance.uniform(0.2, 1))

    def cut(chance):
        for _ in range(20):
            connection = tcp()
            connection.sendall(b"\0\x20"[:chance.randint(1, 2)])
            reset(connection)
    acts = {"foreign": foreign, "own": own_names, "garbage": garbage, "pointers": pointers, "counts": counts, "tcp silent": silent,
            "tcp unfinished": unfinished, "tcp endless": endless, "tcp never read": never_read, "tcp cut": cut}
    return {f"names {name}": act for name, act in acts.items()}
