"""What is done to the port that every helper has: an HTTP server for probes and Prometheus."""
import time

from wire import close_all, connect, connect_many, flood, get, reset

MUCH = 1 << 20
CHUNKED = b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


def endless(port, head, piece):
    with connect(port) as connection:
        flood(connection, head, piece, MUCH)


def silent(port, chance):
    connections = connect_many(port, chance.randint(70, 150))
    time.sleep(chance.uniform(0.5, 2))
    close_all(connections)


def slow_loris(port, chance):
    connections = connect_many(port, chance.randint(20, 70))
    for byte in b"GET /healthz HTTP/1.1\r\nHost"[:chance.randint(8, 20)]:
        for connection in connections:
            try:
                connection.send(bytes([byte]))
            except OSError:
                pass
        time.sleep(0.1)
    close_all(connections)


def greedy(port, path, chance):
    """Asks for pages again and again and takes none."""
    connections = connect_many(port, 20)
    for connection in connections:
        connection.settimeout(0.2)
        flood(connection, b"", f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 50, 64 << 10)
    time.sleep(chance.uniform(0.2, 1))
    close_all(connections)


def half_close(port, chance):
    for end in (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /hea", CHUNKED + b"5\r\nab"):
        with connect(port, 2) as connection:
            connection.sendall(end)
            connection.shutdown(1)
            connection.recv(1024)


def reset_in_the_middle(port, chance):
    for _ in range(20):
        connection = connect(port)
        whole = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection.sendall(whole[:chance.randint(0, len(whole))])
        reset(connection)


def garbage(port, chance):
    for _ in range(5):
        with connect(port, 2) as connection:
            connection.sendall(chance.randbytes(chance.randint(1, 4096)))
            connection.recv(1024)


def foreign_host(tally, port, chance):
    """DNS rebinding: a name that is not ours must not get an answer of ours."""
    for path in ("/configz", "/metrics"):
        status, _ = get(port, path, host="evil.example")
        if status == 200:
            tally.fail("foreign host", f"{path} was answered")


def admin_acts(tally, port, path="/metrics"):
    return {
        "admin silent": lambda chance: silent(port, chance),
        "admin extension": lambda chance: endless(port, CHUNKED + b"1;", b"a" * 65536),
        "admin trailer": lambda chance: endless(port, CHUNKED + b"0\r\nX: ", b"a" * 65536),
        "admin zeros": lambda chance: endless(port, CHUNKED, b"0" * 65536),
        "admin small chunks": lambda chance: endless(port, CHUNKED, (b"1;" + b"a" * 1000 + b"\r\n#\r\n") * 64),
        "admin headers": lambda chance: endless(port, b"GET / HTTP/1.1\r\n", b"X: a\r\n" * 8192),
        "admin long header": lambda chance: endless(port, b"GET / HTTP/1.1\r\nX: ", b"a" * 65536),
        "admin slow loris": lambda chance: slow_loris(port, chance),
        "admin greedy": lambda chance: greedy(port, path, chance),
        "admin half close": lambda chance: half_close(port, chance),
        "admin reset": lambda chance: reset_in_the_middle(port, chance),
        "admin garbage": lambda chance: garbage(port, chance),
        "admin foreign host": lambda chance: foreign_host(tally, port, chance),
    }
