# What Ansible itself makes of Ansible Vault texts: one JSON object a line in, one out.
# {"do": "encrypt", "password": base64, "id": text or null, "plain": base64} -> {"text": ...}
# {"do": "decrypt", "password": base64, "text": ...}                         -> {"plain": base64} or {"error": ...}
import base64
import json
import sys

from ansible.parsing.vault import VaultLib, VaultSecret

for line in sys.stdin:
    asked = json.loads(line)
    secret = VaultSecret(base64.b64decode(asked["password"]))
    vault = VaultLib([(asked.get("id") or "default", secret)])
    try:
        if asked["do"] == "encrypt":
            text = vault.encrypt(base64.b64decode(asked["plain"]), secret, vault_id=asked["id"])
            answer = {"text": text.decode("ascii")}
        else:
            answer = {"plain": base64.b64encode(vault.decrypt(asked["text"].encode())).decode("ascii")}
    except Exception as error:
        answer = {"error": str(error)}
    print(json.dumps(answer))
