"""A small HTTP server for the services of the stand-in, and the words they share."""
import json
import os
import signal
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "harbor"
    sys_version = ""

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length) if length else b""
        self.answer()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any

    def answer(self):
        self.reply(404, {})

    def reply(self, status, value=None, headers=()):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        if value is not None:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, form, *words):
        if self.path not in ("/", "/api/ping", "/auth"):
            print(form % words, flush=True)


def serve(port, handler):
    # The first process of a container gets no default for this signal: docker would wait ten seconds, then kill.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    Server(("0.0.0.0", port), handler).serve_forever()


def fetch(url, data=None, method=None, headers=None, limit=3):
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    with urllib.request.urlopen(request, timeout=limit) as answer:
        return answer.read()


def setting(name):
    value = os.environ.get(name)
    if value is None:
        sys.exit(f"{name} is not set")
    return value
