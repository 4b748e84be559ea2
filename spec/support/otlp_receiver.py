"""A receiver of OTLP over HTTP that fails as it is told to, for specs.

    python3 otlp_receiver.py FOLDER [CERTIFICATE KEY [CLIENTS]]

With a certificate it speaks TLS; with CLIENTS, only with those whose certificate is in that file.
It prints its port and its process id on one line. Each request is kept in FOLDER: `N.head` has the
request line and the headers, `N.body` the body, decompressed; then it prints its number, path and
how it answers. That is the first line of FOLDER/answers, which is removed from the file; 200 if
there is none. An answer is a status, and headers after it, as in `429 Retry-After: 0`; or a name of
`ANSWERS`. `partial N MESSAGE` is 200 for a partial success.
"""
import os
import re
import signal
import socket
import sys
import threading
import time

FOLDER = sys.argv[1]
lock = threading.Lock()
counted = 0


def varint(number):
    data = b""
    while number > 127:
        data += bytes([number % 128 + 128])
        number //= 128
    return data + bytes([number])


def partial(connection, is_json, count, message):
    """The same message in both forms; a name for each signal is enough for JSON."""
    if is_json:
        answer = ('{"partialSuccess":{"rejectedSpans":"%s","rejectedDataPoints":"%s",'
                  '"errorMessage":"%s"}}' % (count, count, message)).encode()
    else:
        inner = b"\x08" + varint(int(count)) + b"\x12" + varint(len(message)) + message.encode()
        answer = b"\x0a" + varint(len(inner)) + inner
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))


def endless(connection, first, piece):
    connection.sendall(first)
    while True:
        connection.sendall(piece)


def slow(connection):
    for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10000:
        connection.sendall(bytes([byte]))
        time.sleep(0.01)


def hang(connection):
    while connection.recv(1):
        pass


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SETTINGS = b"\0\0\x06\x04\0\0\0\0\0\0\x05\0\0\x40\0"
ANSWERS = {
    "drop": lambda connection: None,
    "cut-status": lambda connection: connection.sendall(b"HTT"),
    "cut-version": lambda connection: connection.sendall(b"HTTP/1.1"),
    "cut-head": lambda connection: connection.sendall(HEAD + b"Content-Le"),
    "cut-body": lambda connection: connection.sendall(HEAD + b"Content-Length: 10\r\n\r\n{"),
    "slow": slow,
    "hang": hang,
    "grpc": lambda connection: connection.sendall(SETTINGS),
    "goaway": lambda connection: connection.sendall(b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\1"),
    "grpc-status": lambda connection: connection.sendall(
        HEAD + b"Content-Type: application/grpc\r\nContent-Length: 0\r\n\r\n"),
    "tls-alert": lambda connection: connection.sendall(b"\x15\3\3\0\2\2\x46"),
    "garbage": lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "huge": lambda connection: endless(
        connection, HEAD + b"Content-Length: 99999999999999\r\n\r\n", b"x" * 65536),
    "huge-chunk": lambda connection: endless(
        connection, CHUNKED + b"fffffff\r\n", b"x" * 65536),
    "huge-size": lambda connection: endless(
        connection, CHUNKED + b"f" * 400 + b"\r\n", b"x" * 65536),
    "bad-chunk": lambda connection: connection.sendall(CHUNKED + b"-1\r\n"),
    "bad-length": lambda connection: connection.sendall(HEAD + b"Content-Length: -1\r\n\r\n"),
    "endless-100": lambda connection: endless(connection, b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "huge-head": lambda connection: endless(connection, HEAD, b"x" * 65536),
    "until-closed": lambda connection: connection.sendall(HEAD + b"\r\n"),
    "chunks": lambda connection: connection.sendall(
        b"HTTP/1.1 100 Continue\r\n\r\n" + CHUNKED + b"1;a=b\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
}


def next_answer():
    path = FOLDER + "/answers"
    try:
        with open(path) as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return "200"
    with open(path + ".new", "w") as file:
        file.writelines(line + "\n" for line in lines[1:])
    os.replace(path + ".new", path)
    return lines[0] if lines else "200"


# What is answered, and the connection closed, as soon as there is a header `X-Answer` with the name.
EARLY = {
    b"early-grpc": SETTINGS + b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\1",
    b"early-alert": b"\x15\3\3\0\2\2\x46",
    b"early-413": b"HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n",
    b"early-drop": b"",
}


def receive(connection):
    """The head, a dictionary of the headers, and the body; None for what was answered early."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
        if data[0] == 22:  # a greeting of TLS
            connection.sendall(b"HTTP/1.0 400 X\r\n\r\n")
            return None
    early = re.search(b"X-Answer: (.*)\r\n", data)
    if early:
        connection.sendall(EARLY[early[1]])
        return None
    head, body = data.split(b"\r\n\r\n", 1)
    headers = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n")[1:])
    while len(body) < int(headers["content-length"]):
        body += connection.recv(65536)
    if headers.get("content-encoding") == "gzip":
        import gzip  # here, as most receivers start without
        body = gzip.decompress(body)
    return head.decode(), headers, body


def keep(head, body):
    """Keeps a request. Returns the answer to it."""
    global counted
    with lock:
        counted += 1
        with open("%s/%d.head" % (FOLDER, counted), "w") as file:
            file.write(head)
        with open("%s/%d.body" % (FOLDER, counted), "wb") as file:
            file.write(body)
        answer = next_answer()
        print(counted, head.split(" ")[1], answer, flush=True)
    return answer


def reply(connection, answer, is_json):
    words = answer.split(" ", 2)
    if words[0] in ANSWERS:
        ANSWERS[words[0]](connection)
    elif words[0] == "partial":
        partial(connection, is_json, *words[1:])
    else:
        status, _, headers = answer.partition(" ")
        body = b"{}" if is_json else b""
        connection.sendall(("HTTP/1.1 %s X\r\n%sContent-Length: %d\r\n\r\n" % (
            status, headers and headers + "\r\n", len(body))).encode() + body)


def serve(connection):
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        request = receive(connection)
        if request:
            head, headers, body = request
            reply(connection, keep(head, body), "json" in headers.get("content-type", ""))
    except OSError:  # also of TLS
        pass  # the other end has gone
    connection.close()


def make_context(certificate, key, clients=None):
    import ssl  # here, as it takes as long as all the rest
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    if clients:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(clients)
    return made


signal.alarm(60)  # nothing is left if a spec dies, and one that waits in vain fails
context = make_context(*sys.argv[2:]) if len(sys.argv) > 2 else None
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], os.getpid(), flush=True)
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
