"""A web server with one file, that fails, stalls, truncates and lies as a test plans it."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import threading

from advtheory.data import download

NAME = "some-file"
CONTENT = b"".join(hashlib.sha256(bytes([i, j])).digest() for i in range(16) for j in range(250))
FILES = {NAME: hashlib.sha256(CONTENT).hexdigest()}
PACKED = gzip.compress(CONTENT, mtime=0)


class Mirror(http.server.ThreadingHTTPServer):
    """A web server with one file; ``plan`` holds what it does to its next requests, then it serves.

    Words: serve, plain (no ranges), shifted (the wrong range), truncate, stall, mute, drip, lie,
    broken (a whole file that ends early), other (compressed in another way), html, endless, or a
    number: a status of HTTP.
    """

    def __init__(self, *plan: str) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.plan = list(plan)
        self.ranges: list[str | None] = []
        self.over = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what these tests are about."""


class Answer(http.server.BaseHTTPRequestHandler):
    server: Mirror

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        self.server.ranges.append(self.headers["Range"])
        what = self.server.plan.pop(0) if self.server.plan else "serve"
        if what.isdigit():
            self.send_error(int(what))
        elif what == "mute":
            self.server.over.wait()
        else:
            self.answer(what)

    def answer(self, what: str) -> None:
        bodies = {
            "lie": gzip.compress(CONTENT[::-1]),
            "broken": PACKED[:-9],
            "other": gzip.compress(CONTENT, 1),
            "html": b"<!DOCTYPE html><p>Please log in</p>",
        }
        body = bodies.get(what, PACKED)
        start = int((self.headers["Range"] or "bytes=0-")[6:-1])
        start = {"plain": 0, "shifted": start // 2}.get(what, start)
        if start >= len(body):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if what != "endless":
            self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        self.send(what, body[start:])

    def send(self, what: str, body: bytes) -> None:
        if what in ("truncate", "stall", "drip"):
            self.wfile.write(body[: len(body) // 2])
        if what == "stall":
            self.server.over.wait()
        while what == "drip" and not self.server.over.wait(0.05):
            self.wfile.write(b"." * download.CHUNK)
        while what == "endless":
            self.wfile.write(body)
        if what not in ("truncate", "stall", "drip"):
            self.wfile.write(body)
