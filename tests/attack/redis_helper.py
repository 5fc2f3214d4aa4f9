"""tandem-redis before a real cluster of three: python3-redis works through it, others send what is no Redis, or take no answers."""
import random
import time

import redis

from admin_attacks import admin_acts
from arena import find_program, wait_until
from sides import attack, probe, side_by_side
from wire import close_all, connect, connect_many, flood, reset

NAME = "tandem-redis"
PORT, ADMIN, NODES = 6379, 9102, (7001, 7002, 7003)
BIG = 256 << 10
SPEAKING = 6  # of one attacker at once: who has asked for something keeps its place, as at a Redis, so places must be left

CONFIG = f"""listen: 127.0.0.1:{PORT}
cluster: {{seeds: ["127.0.0.1:{NODES[0]}", "127.0.0.1:{NODES[1]}"]}}
limits: {{pipeline: 64, outputBuffer: 256Ki, requestSize: 512Ki, replySize: 2Mi, clientMemory: 8Mi, nodeQueue: 8Mi, waiting: 4Mi}}
admin: {{listen: "127.0.0.1:{ADMIN}"}}
"""


def set_up(arena):
    server = find_program("redis-server", arena.servers)
    for node in NODES:
        folder = arena.folder / f"node-{node}"
        folder.mkdir()
        arena.start(server + ["--port", str(node), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no",
                              "--cluster-enabled", "yes", "--cluster-require-full-coverage", "yes"], f"node-{node}")
    nodes = [redis.Redis(port=node, socket_timeout=5) for node in NODES]
    wait_until(lambda: all(answers(node) for node in nodes), "the Redis servers answer")
    for at, node in enumerate(nodes):
        first, last = 16384 * at // 3, 16384 * (at + 1) // 3 - 1
        node.execute_command("CLUSTER", "SET-CONFIG-EPOCH", at + 1)
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        if at > 0:
            nodes[0].execute_command("CLUSTER", "MEET", "127.0.0.1", NODES[at])
    wait_until(lambda: all(b"cluster_state:ok" in node.execute_command("CLUSTER", "INFO") for node in nodes), "the cluster is formed")
    arena.start_bounded(NAME, CONFIG)


def answers(node):
    try:
        return node.ping()
    except redis.RedisError:
        return False


def work(arena, tally, until, seed):
    """Values that only we know, through connections that were there before the attack and through fresh ones."""
    def ask(number):
        chance = random.Random(f"{seed}/{number}")
        client = redis.Redis(port=PORT, socket_timeout=5, socket_connect_timeout=5)
        known = {}
        while time.monotonic() < until:
            key = f"real:{number}:{chance.randrange(500)}"
            if chance.random() < 0.3:
                one_pipeline(tally, client, known, number, chance)
            elif chance.random() < 0.5:
                value = chance.randbytes(chance.choice((1, 10, 1000, 100_000)))
                with tally.request("set"):
                    known[key] = None  # until we know better
                    expect(client.set(key, value), True)
                    known[key] = value
            else:
                with tally.request("get"):
                    expect(client.get(key), known.get(key))
            time.sleep(0.02)

    def come_anew():
        while time.monotonic() < until:
            with tally.request("new client"):
                client = redis.Redis(port=PORT, socket_timeout=5, socket_connect_timeout=5)
                expect(client.ping(), True)
                client.close()
            time.sleep(0.5)
    side_by_side(lambda: ask(1), lambda: ask(2), come_anew, lambda: probe(tally, until, ADMIN))


def one_pipeline(tally, client, known, number, chance):
    with tally.request("pipeline"):
        pipeline = client.pipeline(transaction=False)
        expected = []
        for _ in range(50):
            key = f"real:{number}:{chance.randrange(500)}"
            if chance.random() < 0.5:
                value = chance.randbytes(chance.randint(1, 500))
                pipeline.set(key, value)
                known[key] = value
                expected.append(True)
            else:
                pipeline.get(key)
                expected.append(known.get(key))
        expect(pipeline.execute(), expected)


def expect(got, wanted):
    if got != wanted:
        raise ValueError(f"got {repr(got)[:100]}, not {repr(wanted)[:100]}")


def attackers(arena, tally, until, seed):
    fill()
    attack(tally, until, seed, {**admin_acts(tally, ADMIN), **data_acts()})


def fill():
    """Values that are large to take, straight in the cluster."""
    nodes = redis.RedisCluster(host="127.0.0.1", port=NODES[0])
    for number in range(8):
        nodes.set(f"big:{number}", b"v" * BIG)
    nodes.close()


def command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def data_acts():
    def endless(head, piece):
        def act(chance):
            with connect(PORT) as connection:
                flood(connection, head, piece, 1 << 20)
        return act

    def bad(chance):
        for text in (b"*1000000000\r\n", b"*-5\r\n", b"*1\r\n$999999999999\r\n", b"*2\r\n$-3\r\nx", b"*1\r\n$3\r\nabcdef\r\n", b"$5\r\nhello\r\n",
                     b"*99999999999999999999\r\n", b"+OK\r\n:5\r\n", chance.randbytes(2000)):
            with connect(PORT, 1) as connection:
                connection.sendall(text)
                connection.shutdown(1)
                connection.recv(4096)

    def silent(chance):
        connections = connect_many(PORT, chance.randint(40, 120))
        time.sleep(chance.uniform(0.5, 2))
        close_all(connections)

    def unfinished(chance):
        connections = connect_many(PORT, SPEAKING)
        for connection in connections:
            connection.settimeout(0.5)
            flood(connection, b"*3\r\n$3\r\nSET\r\n$3\r\nbad\r\n$500000\r\n" + b"x" * 400_000, b"", 1)
        time.sleep(chance.uniform(0.2, 1))
        close_all(connections)

    def slow_reader(chance):
        """Asks for gigabytes and takes none of them."""
        connections = connect_many(PORT, SPEAKING)
        for connection in connections:
            connection.settimeout(0.2)
            flood(connection, b"", command(b"GET", b"big:%d" % chance.randrange(8)) * 500, 1 << 20)
        time.sleep(chance.uniform(0.5, 2))
        close_all(connections)

    def many_keys(chance):
        with connect(PORT) as connection:
            connection.settimeout(1)
            connection.sendall(command(b"MGET", *[b"big:%d" % (number % 8) for number in range(100)]))
            time.sleep(chance.uniform(0.2, 1))

    def grown_value(chance):
        """A value that no limit of requests knows of, asked for by several."""
        connections = connect_many(PORT, SPEAKING)
        for connection in connections:
            connection.settimeout(1)
            connection.sendall(command(b"SETRANGE", b"grown", b"100000000", b"x") + command(b"GET", b"grown"))
        time.sleep(chance.uniform(0.5, 1))
        close_all(connections)

    def half_open(chance):
        with connect(PORT, 1) as connection:
            connection.sendall(command(b"GET", b"big:1") * 10)
            connection.shutdown(1)
            time.sleep(0.3)
            connection.recv(4096)

    def reset_in_the_middle(chance):
        for _ in range(20):
            connection = connect(PORT)
            whole = command(b"GET", b"big:1") * 3
            connection.sendall(whole[:chance.randint(1, len(whole))])
            reset(connection)

    return {
        "redis bad": bad, "redis silent": silent, "redis unfinished": unfinished, "redis slow reader": slow_reader,
        "redis many keys": many_keys, "redis grown value": grown_value, "redis half open": half_open, "redis reset": reset_in_the_middle,
        "redis inline": endless(b"GET ", b"a" * 65536),
        "redis nested": endless(b"", b"*1\r\n" * 16384),
        "redis long count": endless(b"*", b"1" * 65536),
        "redis many words": endless(b"*1000000\r\n", b"$1\r\na\r\n" * 8192),
        "redis zeros": endless(b"*2\r\n$", b"0" * 65536),
    }


def limits(page):
    return {reason: page.get(f"tandem_redis_{reason}", 0) for reason in ("clients_refused_total", "clients_evicted_total", "errors_total")}
