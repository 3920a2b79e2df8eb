"""Stands in for core: the API of projects, and the tokens of the registry. The major version decides which API it is."""
import base64
import json
import os
import re
import socket
import threading
import time
import urllib.parse

import access
from web import Handler, fetch, serve, setting

VERSION = setting("HARBOR_VERSION")
EXTERNAL = setting("EXT_ENDPOINT")
API = "/api/v2.0" if VERSION.startswith("v2.") else "/api"
KEY = open("/etc/core/private_key", "rb").read()
DATABASE = {"X-Password": setting("POSTGRES_PASSWORD")}
REGISTRY = "Basic " + base64.b64encode(f"harbor_registry_user:{setting('REGISTRY_PASSWORD')}".encode()).decode()
lock = threading.RLock()


def load():
    while True:
        try:
            return json.loads(fetch("http://postgresql:5432/state", headers=DATABASE))
        except OSError as error:
            print(f"waiting for the database: {error}", flush=True)
            time.sleep(1)


def save():
    fetch("http://postgresql:5432/state", json.dumps(state).encode(), "PUT", DATABASE)


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def create(name, public):
    state["last"] = state.get("last", 0) + 1
    state["projects"][name] = {"id": state["last"], "public": public, "created": now()}
    save()


def set_password(password):
    salt = os.urandom(16).hex()
    state["admin"] = {"salt": salt, "hash": access.hashed(password, salt)}
    save()


state = load()
state.setdefault("projects", {})
if "admin" not in state:
    # As in Harbor: the password of harbor.yml counts at the first start only.
    set_password(setting("HARBOR_ADMIN_PASSWORD"))
if "library" not in state["projects"]:
    create("library", True)


def component(name, probe):
    try:
        probe()
        return {"name": name, "status": "healthy"}
    except Exception as error:
        return {"name": name, "status": "unhealthy", "error": str(error)}


def redis():
    with socket.create_connection(("redis", 6379), 2) as connection:
        connection.sendall(b"PING\r\n")
        if connection.recv(16) != b"+PONG\r\n":
            raise OSError("no PONG")


def health():
    components = [
        component("core", lambda: None),
        component("database", lambda: fetch("http://postgresql:5432/")),
        component("jobservice", lambda: fetch("http://jobservice:8080/api/v1/stats")),
        component("portal", lambda: fetch("http://portal:8080/")),
        component("redis", redis),
        component("registry", lambda: fetch("http://registry:5000/")),
        component("registryctl", lambda: fetch("http://registryctl:8080/api/health")),
    ]
    well = all(each["status"] == "healthy" for each in components)
    return {"status": "healthy" if well else "unhealthy", "components": components}


def described(name, project):
    return {
        "project_id": project["id"],
        "name": name,
        "owner_id": 1,
        "owner_name": "admin",
        "creation_time": project["created"],
        "update_time": project["created"],
        "deleted": False,
        "repo_count": 0,
        "metadata": {"public": "true" if project["public"] else "false"},
    }


class Core(Handler):
    def user(self):
        """The name of who asks, None for anybody, False for a wrong password."""
        kind, _, text = (self.headers.get("Authorization") or "").partition(" ")
        if kind.lower() != "basic":
            return None
        name, _, password = base64.b64decode(text).decode().partition(":")
        admin = state["admin"]
        return name if name == "admin" and access.hashed(password, admin["salt"]) == admin["hash"] else False

    def fail(self, status, code, message):
        value = {"code": status, "message": message} if API == "/api" else {"errors": [{"code": code, "message": message}]}
        self.reply(status, value)

    def answer(self):
        address = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(address.query)
        path = address.path
        if path == "/auth":
            return self.authorize()
        if path == "/service/token":
            return self.token(query)
        if path == "/api/ping" or path == f"{API}/ping":
            return self.reply(200, "Pong")
        if path == f"{API}/health":
            return self.reply(200, health())
        user = self.user()
        if user is False:
            return self.fail(401, "UNAUTHORIZED", "unauthorized")
        if path == f"{API}/systeminfo":
            return self.reply(200, self.about(user))
        if path == f"{API}/projects":
            return self.projects(user, query)
        if path.startswith(f"{API}/projects/"):
            return self.project(user, path[len(API) + 10 :])
        if path == f"{API}/users/current":
            return self.reply(200, {"user_id": 1, "username": "admin"}) if user else self.fail(401, "UNAUTHORIZED", "unauthorized")
        if path == f"{API}/users/1/password" and self.command == "PUT" and user:
            asked = json.loads(self.body or b"{}")
            with lock:
                set_password(asked["new_password"])
            return self.reply(200)
        self.fail(404, "NOT_FOUND", f"path {path} was not found")

    def about(self, user):
        host = urllib.parse.urlsplit(EXTERNAL).netloc
        seen = {"auth_mode": "db_auth", "harbor_version": VERSION, "registry_url": host, "external_url": EXTERNAL}
        return {**seen, "project_creation_restriction": "everyone", "read_only": False} if user else seen

    def projects(self, user, query):
        if self.command == "HEAD":
            name = query.get("project_name", [""])[0]
            return self.reply(200 if name in state["projects"] else 404)
        if self.command == "POST":
            return self.create(user)
        part = query.get("name", [""])[0]
        public = query.get("public", [""])[0]
        seen = [
            described(name, project)
            for name, project in state["projects"].items()
            if part in name and (user or project["public"]) and (public == "" or project["public"] == (public in ("1", "true")))
        ]
        page, size = int(query.get("page", ["1"])[0]), min(100, int(query.get("page_size", ["10"])[0]))
        self.reply(200, seen[(page - 1) * size : page * size], [("X-Total-Count", str(len(seen)))])

    def create(self, user):
        if not user:
            return self.fail(401, "UNAUTHORIZED", "unauthorized")
        asked = json.loads(self.body or b"{}")
        name = asked.get("project_name", "")
        if not re.fullmatch(access.NAME, name) or "/" in name:
            return self.fail(400, "BAD_REQUEST", f"invalid project name {name!r}")
        public = asked.get("metadata", {}).get("public", asked.get("public")) in ("true", True, 1)
        with lock:
            if name in state["projects"]:
                return self.fail(409, "CONFLICT", f"The project named {name} already exists")
            create(name, public)
        self.reply(201, None, [("Location", f"{API}/projects/{state['projects'][name]['id']}")])

    def project(self, user, which):
        found = [(name, each) for name, each in state["projects"].items() if which in (name, str(each["id"]))]
        if not found or not (user or found[0][1]["public"]):
            return self.fail(404 if user else 401, "NOT_FOUND" if user else "UNAUTHORIZED", f"project {which} not found")
        name, project = found[0]
        if self.command in ("GET", "HEAD"):
            return self.reply(200, described(name, project))
        if not user:
            return self.fail(401, "UNAUTHORIZED", "unauthorized")
        with lock:
            if self.command == "PUT":
                public = json.loads(self.body or b"{}").get("metadata", {}).get("public")
                project["public"] = project["public"] if public is None else public in ("true", True)
            elif self.command == "DELETE":
                del state["projects"][name]
            save()
        self.reply(200)

    def token(self, query):
        user = self.user()
        if user is False:
            return self.fail(401, "UNAUTHORIZED", "unauthorized")
        granted = []
        for scope in " ".join(query.get("scope", [])).split():
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            may = access.allowed(user, name, state["projects"]) if kind == "repository" else []
            granted.append({"type": kind, "name": name, "actions": [each for each in actions.split(",") if each in may]})
        token = access.issue(KEY, user, granted)
        self.reply(200, {"token": token, "access_token": token, "expires_in": access.LIFE, "issued_at": now()})

    def authorize(self):
        """nginx asks this about every request of the registry's API before it lets it through."""
        needs = access.wanted(self.headers.get("X-Original-Method"), self.headers.get("X-Original-URI") or "")
        kind, _, text = (self.headers.get("Authorization") or "").partition(" ")
        claims = access.read(KEY, text) if kind.lower() == "bearer" else None
        user = self.user()
        if needs is None:
            passes = claims is not None or bool(user)
        else:
            passes = user is not False and all(self.may(claims, user, name, action) for name, action in needs)
        if passes:
            return self.reply(200, None, [("X-Registry-Authorization", REGISTRY)])
        scope = "" if needs is None or needs[0][1] == "admin" else f',scope="repository:{needs[0][0]}:{self.scope(needs[0][1])}"'
        challenge = f'Bearer realm="{EXTERNAL}/service/token",service="harbor-registry"{scope}'
        self.reply(401, {}, [("WWW-Authenticate", challenge)])

    def scope(self, action):
        return "pull,push" if action == "push" else action

    def may(self, claims, user, name, action):
        if action == "admin":
            return user == "admin"
        if claims is None:
            return action in access.allowed(user or None, name, state["projects"]) and (user is not None or action == "pull")
        return any(each["name"] == name and action in each["actions"] for each in claims["access"])


serve(8080, Core)
