"""Stands in for the database: keeps one JSON document, whole or not at all, for who knows the password."""
import os
from web import Handler, serve, setting

FILE = "/var/lib/postgresql/data/state.json"
PASSWORD = setting("POSTGRES_PASSWORD")


class Database(Handler):
    def answer(self):
        if self.path == "/":
            return self.reply(200, {"status": "ready"})
        if self.headers.get("X-Password") != PASSWORD:
            return self.reply(403, {"message": "password authentication failed"})
        if self.command == "PUT":
            with open(FILE + ".new", "wb") as file:
                file.write(self.body)
                file.flush()
                os.fsync(file.fileno())
            os.replace(FILE + ".new", FILE)
            return self.reply(200, {})
        text = open(FILE, "rb").read() if os.path.exists(FILE) else b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


os.umask(0o077)
serve(5432, Database)
