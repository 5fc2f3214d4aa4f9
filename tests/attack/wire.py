"""Sockets as both sides use them: with limits, and without a client library that would mend what is sent."""
import socket
import struct


def connect(port, seconds=5, host="127.0.0.1"):
    connection = socket.create_connection((host, port), seconds)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def connect_many(port, many):
    """Up to so many: whoever is not let in is not counted."""
    all_of_them = []
    for _ in range(many):
        try:
            all_of_them.append(connect(port, 1))
        except OSError:
            break
    return all_of_them


def close_all(connections):
    for connection in connections:
        connection.close()


def flood(connection, head, piece, most):
    """Sends head, then piece again and again, until `most` bytes or until the other side has enough."""
    sent, next_piece = 0, head
    try:
        while sent < most:
            connection.sendall(next_piece)
            sent += len(next_piece)
            next_piece = piece
    except OSError:
        pass
    return sent


def reset(connection):
    """Closes it with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def read_to_end(connection, most=64 << 20):
    parts, size = [], 0
    while size < most:
        part = connection.recv(65536)
        if not part:
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def get(port, path, seconds=5, host="localhost"):
    """Status and body of one GET; 0 when what came is no answer."""
    with connect(port, seconds) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    if len(words) < 3 or not words[0].startswith(b"HTTP/1."):
        return 0, b""
    if b"transfer-encoding: chunked" in head.lower():
        body = joined_chunks(body)
    return int(words[1]), body


def joined_chunks(body):
    whole = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        count = int(size.split(b";")[0] or b"0", 16)
        if count == 0:
            return whole
        whole, body = whole + body[:count], body[count + 2:]
