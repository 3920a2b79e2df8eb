"""Takes syslog lines over TCP from the docker daemon, and keeps a file for each container, rotated as asked."""
import os
import re
import signal
import socketserver
import threading

DIRECTORY = "/var/log/docker"
LINE = re.compile(rb"^<\d+>(.*?) ([\w.-]+)\[\d+\]: ?(.*)$")
UNITS = {"": 1, "k": 1024, "M": 1024**2, "G": 1024**3}
lock = threading.Lock()


def rotation():
    text = open("/etc/logrotate.d/logrotate.conf").read()
    count = int(re.search(r"rotate (\d+)", text).group(1))
    size = re.search(r"size (\d+)([kMG]?)", text)
    return count, int(size.group(1)) * UNITS[size.group(2)]


def keep(name, text):
    path = os.path.join(DIRECTORY, name + ".log")
    with lock:
        if os.path.exists(path) and os.path.getsize(path) > SIZE:
            for number in range(COUNT, 0, -1):
                older = path if number == 1 else f"{path}.{number - 1}"
                if os.path.exists(older):
                    os.replace(older, f"{path}.{number}")
        with open(path, "ab") as file:
            file.write(text)


class Lines(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            found = LINE.match(line.rstrip(b"\n"))
            if found:
                stamp, tag, text = found.groups()
                keep(tag.decode(), stamp + b" " + tag + b": " + text + b"\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
COUNT, SIZE = rotation()
Server(("0.0.0.0", 10514), Lines).serve_forever()
