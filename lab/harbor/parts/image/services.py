"""The compose file of the stand-in: the services of Harbor, under its names."""
import json

# The names of the log files, where they are not those of the containers.
TAGS = {"harbor-core": "core", "harbor-db": "postgresql", "harbor-portal": "portal", "harbor-jobservice": "jobservice", "nginx": "proxy"}


def compose(version, config, port):
    second = version.startswith("v2.")
    data, logs = config["data"], config["location"]

    def image(name):
        patched = name == "registry-photon" and not second
        return f"goharbor/{name}:" + ("v2.7.1-patch-2819-" if patched else "") + version

    def service(name, container, volumes=(), env=None, needs=("log",)):
        return {
            "image": image(name),
            "container_name": container,
            "restart": "always",
            **({"env_file": [f"./common/config/{env}/env"]} if env else {}),
            "volumes": list(volumes),
            "networks": ["harbor"],
            "dns_search": ".",
            "depends_on": list(needs),
            "logging": {
                "driver": "syslog",
                "options": {"syslog-address": "tcp://localhost:1514" if second else "tcp://127.0.0.1:1514", "tag": TAGS.get(container, container)},
            },
        }

    def config_of(name, target):
        return f"./common/config/{name}:{target}:ro"

    log = service(
        "harbor-log",
        "harbor-log",
        [f"{logs}/:/var/log/docker/:z", config_of("log/logrotate.conf", "/etc/logrotate.d/logrotate.conf")],
    )
    del log["depends_on"], log["logging"]
    log["ports"] = ["127.0.0.1:1514:10514"]
    secret = [f"{data}/secret/core/private_key:/etc/core/private_key:ro"]
    proxy = service("nginx-photon", "nginx", [config_of("nginx/nginx.conf", "/etc/nginx/nginx.conf")], None, ("registry", "core", "portal", "log"))
    proxy["ports"] = [f"{config['port']}:{port}"]
    services = {
        "log": log,
        "registry": service("registry-photon", "registry", [f"{data}/registry:/storage:z", config_of("registry", "/etc/registry")]),
        "registryctl": service("harbor-registryctl", "registryctl"),
        "postgresql": service("harbor-db", "harbor-db", [f"{data}/database:/var/lib/postgresql/data:z"], "db"),
        "core": service("harbor-core", "harbor-core", secret, "core", ("log", "registry", "redis", "postgresql")),
        "portal": service("harbor-portal", "harbor-portal", [config_of("portal/nginx.conf", "/etc/nginx/nginx.conf")]),
        "jobservice": service("harbor-jobservice", "harbor-jobservice", [], None, ("core",)),
        "redis": service("redis-photon", "redis", [f"{data}/redis:/var/lib/redis"]),
        "proxy": proxy,
    }
    # JSON is YAML, and nobody edits this file by hand: prepare writes it anew.
    return json.dumps({"version": "2.3", "services": services, "networks": {"harbor": {"external": False}}}, indent=2) + "\n"
