"""One Kafka broker with transactions, after the protocol guide and KIP-98: what is in no committed transaction is not
in the topic. librdkafka's mock cluster shows aborted messages too, so it cannot judge exactly once.

    kafka_broker.py PORT TOPIC PARTITIONS OUT [FAULTS]

Appends to OUT what consumers of committed messages would see, "PARTITION VALUE" a line; values have no newlines.
FAULTS: every so many requests of a kind are done, and the connection is closed instead of an answer: "produce=7,end=3".
Strict: an error for an old epoch, a sequence with a gap, a partition that is not in the transaction.
"""
import socketserver
import struct
import sys
import threading

PORT, TOPIC, PARTITIONS, OUT = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
FAULTS = dict((kind, int(n)) for kind, n in (f.split("=") for f in (sys.argv[5].split(",") if len(sys.argv) > 5 else [])))
OK, UNKNOWN_TOPIC, UNSUPPORTED, OUT_OF_ORDER, OLD_EPOCH, TXN_STATE = 0, 3, 35, 45, 47, 48
APIS = {0: 3, 1: 4, 2: 1, 3: 1, 8: 2, 9: 1, 10: 1, 11: 0, 12: 0, 13: 0, 14: 0, 18: 0, 22: 0, 24: 0, 25: 0, 26: 0, 28: 0}
lock = threading.Lock()
counts = {}


class Producer:
    def __init__(self, number):
        self.number, self.epoch = number, -1
        self.open = False
        self.partitions, self.messages, self.offsets, self.sequences = set(), [], {}, {}

    def end(self, commit):
        if commit:
            with open(OUT, "ab") as out:
                out.write(b"".join(b"%d %s\n" % m for m in self.messages))
            committed.update(self.offsets)
        self.open, self.partitions, self.messages, self.offsets = False, set(), [], {}


producers, by_id, committed = {}, {}, {}


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        value = struct.unpack_from(">" + form, self.data, self.at)[0]
        self.at += struct.calcsize(">" + form)
        return value

    def raw(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def string(self):
        size = self.take("h")
        return None if size < 0 else self.raw(size).decode()

    def blob(self):
        return self.raw(max(self.take("i"), 0))

    def list(self, read):
        return [read() for _ in range(max(self.take("i"), 0))]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take("B")
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)


def text(value):
    return struct.pack(">h", -1) if value is None else struct.pack(">h", len(value.encode())) + value.encode()


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def find(transactional, number, epoch):
    """The producer and what is wrong with its claim."""
    producer = producers.get(number)
    if not producer or (transactional is not None and by_id.get(transactional) is not producer):
        return None, 49
    return producer, OLD_EPOCH if epoch != producer.epoch else OK


def take_batches(partition, data, transactional):
    r = Reader(data)
    while r.at < len(data):
        r.take("q")
        end = r.take("i") + r.at
        r.take("i"), r.take("b"), r.take("I")
        attributes = r.take("h")
        r.take("i"), r.take("q"), r.take("q")
        number, epoch, sequence, count = r.take("q"), r.take("h"), r.take("i"), r.take("i")
        if attributes & 7:
            return 76  # compressed: not here
        producer, error = find(transactional, number, epoch) if number >= 0 else (None, OK)
        if error:
            return error
        if producer:
            if transactional is not None and (not producer.open or partition not in producer.partitions or not attributes & 16):
                return TXN_STATE
            wanted = producer.sequences.get(partition, 0)
            if sequence + count <= wanted:  # known already
                r.at = end
                continue
            if sequence != wanted:
                return OUT_OF_ORDER
            producer.sequences[partition] = sequence + count
        messages = []
        for _ in range(count):
            r.varint(), r.take("b"), r.varint(), r.varint()
            r.raw(max(r.varint(), 0))
            messages.append((partition, r.raw(max(r.varint(), 0))))
            for _ in range(r.varint()):
                r.raw(max(r.varint(), 0)), r.raw(max(r.varint(), 0))
        if transactional is not None:
            producer.messages += messages
        else:
            with open(OUT, "ab") as out:
                out.write(b"".join(b"%d %s\n" % m for m in messages))
        r.at = end
    return OK


def answer(key, version, r):
    if key == 18:
        error = OK if version == 0 else UNSUPPORTED
        return "versions", struct.pack(">h", error) + array([struct.pack(">hhh", k, 0, v) for k, v in APIS.items()])
    if key == 3:
        names = r.list(r.string) if r.data[r.at:r.at + 4] != b"\xff\xff\xff\xff" else [TOPIC]
        nodes = [struct.pack(">i", 1) + text("127.0.0.1") + struct.pack(">i", PORT) + (text(None) if version else b"")]
        topics = []
        for name in names:
            known = name == TOPIC
            parts = [struct.pack(">hii", OK, p, 1) + array([struct.pack(">i", 1)]) * 2 for p in range(PARTITIONS if known else 0)]
            topics.append(struct.pack(">h", OK if known else UNKNOWN_TOPIC) + text(name) + (b"\0" if version else b"") + array(parts))
        return "metadata", array(nodes) + (struct.pack(">i", 1) if version else b"") + array(topics)
    if key == 10:
        node = struct.pack(">i", 1) + text("127.0.0.1") + struct.pack(">i", PORT)
        return "coordinator", (struct.pack(">ih", 0, OK) + text(None) if version else struct.pack(">h", OK)) + node
    if key == 22:
        name = r.string()
        producer = by_id.get(name) if name is not None else None
        if not producer:
            producer = Producer(1000 + len(producers))
            producers[producer.number] = producer
            if name is not None:
                by_id[name] = producer
        producer.end(False)
        producer.epoch += 1
        producer.sequences = {}
        return "init", struct.pack(">ihqh", 0, OK, producer.number, producer.epoch)
    if key == 24:
        name, number, epoch = r.string(), r.take("q"), r.take("h")
        topics = r.list(lambda: (r.string(), r.list(lambda: r.take("i"))))
        producer, error = find(name, number, epoch)
        if not error:
            producer.open = True
            for _, parts in topics:
                producer.partitions.update(parts)
        return "partitions", struct.pack(">i", 0) + array(
            [text(t) + array([struct.pack(">ih", p, error) for p in parts]) for t, parts in topics])
    if key == 25:
        name, number, epoch, _ = r.string(), r.take("q"), r.take("h"), r.string()
        producer, error = find(name, number, epoch)
        if not error:
            producer.open = True
        return "offsets", struct.pack(">ih", 0, error)
    if key == 28:
        name, group, number, epoch = r.string(), r.string(), r.take("q"), r.take("h")
        topics = r.list(lambda: (r.string(), r.list(lambda: (r.take("i"), r.take("q"), r.string()))))
        producer, error = find(name, number, epoch)
        if not error and not producer.open:
            error = TXN_STATE
        if not error:
            for topic, parts in topics:
                producer.offsets.update({(group, topic, p): (offset, note) for p, offset, note in parts})
        return "note", struct.pack(">i", 0) + array(
            [text(t) + array([struct.pack(">ih", p[0], error) for p in parts]) for t, parts in topics])
    if key == 26:
        name, number, epoch, commit = r.string(), r.take("q"), r.take("h"), r.take("b")
        producer, error = find(name, number, epoch)
        if not error:
            producer.end(bool(commit))
        return "end", struct.pack(">ih", 0, error)
    if key == 9:
        group = r.string()
        topics = r.list(lambda: (r.string(), r.list(lambda: r.take("i"))))
        return "fetch", array([text(t) + array([
            struct.pack(">iq", p, committed.get((group, t, p), (-1, ""))[0]) + text(committed.get((group, t, p), (-1, ""))[1])
            + struct.pack(">h", OK) for p in parts]) for t, parts in topics])
    if key == 0:
        name, _, _ = r.string(), r.take("h"), r.take("i")
        topics = r.list(lambda: (r.string(), r.list(lambda: (r.take("i"), r.blob()))))
        return "produce", array([text(t) + array([
            struct.pack(">ihqq", p, take_batches(p, data, name), 0, -1) for p, data in parts]) for t, parts in topics]) + struct.pack(">i", 0)
    raise ValueError(f"request {key} is not expected")


class Connection(socketserver.BaseRequestHandler):
    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.request.recv(size - len(data))
            if not more:
                raise ConnectionError
            data += more
        return data

    def handle(self):
        try:
            while True:
                r = Reader(self.read(struct.unpack(">i", self.read(4))[0]))
                key, version, correlation, _ = r.take("h"), r.take("h"), r.take("i"), r.string()
                with lock:
                    kind, body = answer(key, version, r)
                    counts[kind] = counts.get(kind, 0) + 1
                    if kind in FAULTS and counts[kind] % FAULTS[kind] == 0:
                        return
                self.request.sendall(struct.pack(">ii", len(body) + 4, correlation) + body)
        except (ConnectionError, OSError):
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


open(OUT, "ab").close()
Server(("127.0.0.1", PORT), Connection).serve_forever()
