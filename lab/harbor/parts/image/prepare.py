"""Reads harbor.yml and writes what the services read: configuration, secrets and docker-compose.yml."""
import ctypes
import os
import secrets
import sys
import yaml
from services import compose

VERSION = os.environ["HARBOR_VERSION"]
MAJOR = 2 if VERSION.startswith("v2.") else 1


def refuse(message):
    sys.exit(f"Error happened in config validation...\n{message}")


def section(config, *names):
    for name in names:
        config = config.get(name) or {}
        if not isinstance(config, dict):
            refuse(f"Error: {'.'.join(names)} is not a map")
    return config


def checked(config):
    hostname = config.get("hostname")
    if hostname in (None, "", "localhost", "127.0.0.1", "reg.mydomain.com"):
        refuse(f"Error: Please specify hostname: {hostname} cannot be reached from other machines")
    http, https = section(config, "http"), section(config, "https")
    if https:
        refuse("Error: this stand-in for Harbor has no https; remove the https block of harbor.yml")
    log = section(config, "log", "local") if MAJOR == 2 else section(config, "log")
    port = http.get("port", 80)
    known = {
        "hostname": hostname,
        "port": port,
        "admin": config.get("harbor_admin_password"),
        "database": section(config, "database").get("password"),
        "data": config.get("data_volume"),
        "level": section(config, "log").get("level"),
        "rotate_count": log.get("rotate_count"),
        "rotate_size": log.get("rotate_size"),
        "location": log.get("location"),
    }
    for name, value in known.items():
        if value in (None, ""):
            refuse(f"Error: harbor.yml does not say the value of {name}")
    if known["level"] not in ("debug", "info", "warning", "error", "fatal"):
        refuse(f"Error: log level {known['level']!r} is none of debug, info, warning, error, fatal")
    for name in ("data", "location"):
        if not str(known[name]).startswith("/"):
            refuse(f"Error: {name} is no absolute path: {known[name]}")
    plain = f"http://{hostname}" + ("" if port == 80 else f":{port}")
    known["external"] = (config.get("external_url") or plain).rstrip("/")
    return known


def kept(path, make):
    """A secret that is made once."""
    if not os.path.exists(path):
        write(path, make(), 0o600)
    return open(path).read()


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    file = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    os.fchmod(file, mode)
    with os.fdopen(file, "w") as stream:
        stream.write(text)
    os.replace(path + ".new", path)
    print(f"Generated configuration file: {path}")


def bcrypt(password):
    """docker-registry takes nothing else; Python 3.13 has no module `crypt` any more."""
    crypt = ctypes.CDLL("libcrypt.so.1").crypt
    crypt.restype = ctypes.c_char_p
    return crypt(password.encode(), b"$2b$05$" + secrets.token_hex(11).encode()).decode()


def env(path, values):
    write(path, "".join(f"{name}={value}\n" for name, value in values.items()), 0o640)


def main():
    with open("/input/harbor.yml") as file:
        config = checked(yaml.safe_load(file) or {})
    port = 8080 if MAJOR == 2 else 80
    registry = kept("/data/secret/registry/password", lambda: secrets.token_hex(16))
    kept("/data/secret/core/private_key", lambda: secrets.token_hex(32))
    for name in ("database", "registry", "redis", "ca_download", "job_logs"):
        os.makedirs(f"/data/{name}", exist_ok=True)
    templates = "/harbor/templates"
    for name, words in {"nginx": {"port": port}, "portal": {}, "registry": {"level": config["level"]}}.items():
        text = open(f"{templates}/{name}").read()
        for word, value in words.items():
            text = text.replace(f"@{word}@", "warn" if value == "warning" else str(value))
        write(f"/config/{name}/{'config.yml' if name == 'registry' else 'nginx.conf'}", text)
    write("/config/registry/passwd", f"harbor_registry_user:{bcrypt(registry)}\n", 0o640)
    rotate = f"rotate {config['rotate_count']}\nsize {config['rotate_size']}\n"
    write("/config/log/logrotate.conf", "/var/log/docker/*.log {\n" + rotate + "}\n")
    env("/config/db/env", {"POSTGRES_PASSWORD": config["database"]})
    env(
        "/config/core/env",
        {
            "EXT_ENDPOINT": config["external"],
            "POSTGRES_PASSWORD": config["database"],
            "REGISTRY_PASSWORD": registry,
            "HARBOR_ADMIN_PASSWORD": config["admin"],
        },
    )
    write("/compose_location/docker-compose.yml", compose(VERSION, config, port))


main()
