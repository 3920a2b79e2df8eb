"""Who may do what with which repository, and the tokens that say so."""
import base64
import hashlib
import hmac
import json
import re
import time

LIFE = 1800
NAME = r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"


def wanted(method, uri):
    """What a request of the registry's API needs: None for the API's root, else [(repository, action), ...]."""
    path, _, query = uri.partition("?")
    if path in ("/v2", "/v2/"):
        return None
    found = re.match(rf"^/v2/({NAME})/(?:manifests|blobs|tags|referrers)/", path)
    if not found:
        return [("", "admin")]
    action = {"GET": "pull", "HEAD": "pull", "DELETE": "delete"}.get(method, "push")
    needs = [(found.group(1), action)]
    mounted = re.search(r"(?:^|&)from=([^&]+)", query)
    if mounted:
        needs.append((mounted.group(1).replace("%2F", "/").replace("%2f", "/"), "pull"))
    return needs


def allowed(user, repository, projects):
    """The actions that a user (None: anybody) may do in a repository."""
    project = projects.get(repository.split("/")[0]) if "/" in repository else None
    if project is None:
        return []
    if user == "admin":
        return ["pull", "push", "delete"]
    return ["pull"] if project["public"] else []


def issue(key, user, access):
    claims = {"sub": user or "", "access": access, "exp": int(time.time()) + LIFE}
    text = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    return f"{text}.{sign(key, text)}"


def read(key, token):
    """The claims of a token that we signed and that has not expired; None otherwise."""
    text, _, signature = token.partition(".")
    if not hmac.compare_digest(sign(key, text), signature):
        return None
    claims = json.loads(base64.urlsafe_b64decode(text))
    return claims if claims["exp"] > time.time() else None


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def hashed(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), bytes.fromhex(salt), 10000).hex()
