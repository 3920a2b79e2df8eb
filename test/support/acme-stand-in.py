"""A stand-in for an ACME server (RFC 8555), for tests of the kind acmeCertificate: it fetches challenges of http-01 from this host and signs by openssl.
It proves nothing about real authorities: accounts and signatures of requests are not looked at."""
import base64
import hashlib
import http.client
import http.server
import json
import subprocess
import sys

directory, port = sys.argv[1], int(sys.argv[2])
base = f"http://127.0.0.1:{port}"
orders = []


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def token(number, domain):
    return base64.urlsafe_b64encode(hashlib.md5(f"{number} {domain}".encode()).digest()).decode().rstrip("=")


def fetch(domain, sent):
    connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=10)
    connection.request("GET", f"/.well-known/acme-challenge/{sent}", headers={"Host": domain})
    answer = connection.getresponse()
    return answer.status == 200 and answer.read().decode().startswith(f"{sent}.")


def sign(csr):
    days = open(f"{directory}/days").read().strip()
    said = subprocess.run(
        ["openssl", "x509", "-req", "-inform", "DER", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", days, "-copy_extensions", "copyall"],
        input=csr, capture_output=True, cwd=directory, check=True,
    )
    return said.stdout.decode() + open(f"{directory}/ca.pem").read()


def shown(number):
    order = orders[number]
    ready = all(each["valid"] for each in order["domains"].values())
    status = "valid" if "certificate" in order else "ready" if ready else "pending"
    return {
        "status": status,
        "identifiers": [{"type": "dns", "value": domain} for domain in order["domains"]],
        "authorizations": [f"{base}/authorization/{number}/{domain}" for domain in order["domains"]],
        "finalize": f"{base}/finalize/{number}",
        **({"certificate": f"{base}/certificate/{number}"} if "certificate" in order else {}),
    }


def challenge(number, domain):
    status = "valid" if orders[number]["domains"][domain]["valid"] else "pending"
    return {"type": "http-01", "url": f"{base}/challenge/{number}/{domain}", "token": token(number, domain), "status": status}


class Server(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=None, headers=()):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        for name, value in [("Replay-Nonce", "bm9uY2U"), ("Content-Length", str(len(data))), *headers]:
            self.send_header(name, value)
        if not any(name == "Content-Type" for name, _ in headers):
            self.send_header("Content-Type", "application/json")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_GET(self):
        names = ["newNonce", "newAccount", "newOrder", "revokeCert", "keyChange"]
        self.answer(200, {name: f"{base}/{name}" for name in names})

    def do_HEAD(self):
        self.answer(200)

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        payload = json.loads(decode(sent["payload"]) or b"{}")
        what, *rest = self.path.strip("/").split("/")
        number = int(rest[0]) if rest else len(orders)
        if what == "newAccount":
            return self.answer(201, {"status": "valid"}, [("Location", f"{base}/account/1")])
        if what == "newOrder":
            orders.append({"domains": {each["value"]: {"valid": False} for each in payload["identifiers"]}})
            return self.answer(201, shown(number), [("Location", f"{base}/order/{number}")])
        if what == "order":
            return self.answer(200, shown(number))
        if what == "authorization":
            domain = rest[1]
            each = challenge(number, domain)
            return self.answer(200, {"identifier": {"type": "dns", "value": domain}, "status": each["status"], "challenges": [each]})
        if what == "challenge":
            domain = rest[1]
            orders[number]["domains"][domain]["valid"] = fetch(domain, challenge(number, domain)["token"])
            return self.answer(200, challenge(number, domain), [("Link", f'<{base}/authorization/{number}/{domain}>;rel="up"')])
        if what == "finalize":
            orders[number]["certificate"] = sign(decode(payload["csr"]))
            return self.answer(200, shown(number), [("Location", f"{base}/order/{number}")])
        if what == "certificate":
            return self.answer(200, orders[number]["certificate"], [("Content-Type", "application/pem-certificate-chain")])
        return self.answer(404, {"type": "urn:ietf:params:acme:error:malformed", "detail": self.path})

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Server).serve_forever()
