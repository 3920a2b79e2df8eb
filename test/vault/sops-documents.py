"""Writes files as SOPS writes them, from the description of its format alone: values under AES-256-GCM by Debian's python3-cryptography, the key of the
file by the program age.

Usage: sops-documents.py SEED COUNT RECIPIENT. Prints one JSON object a line: name, text, and the values that were encrypted, by their paths.
"""
import base64
import hashlib
import json
import os
import random
import re
import subprocess
import sys
from decimal import Decimal

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

seed, count, recipient = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
die = random.Random(seed)
LETTERS = 'abcXYZ019 _-.:/=#!*&%@"\'\\{}[]<>|é漢\U0001f511\t'
MODIFIED = '2026-02-03T04:05:06Z'
ONLY_ENCRYPTED = bytes.fromhex('8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69')


def as_go(value):
    """The bytes of a value, as they are encrypted and counted."""
    if isinstance(value, bool):
        return 'True' if value else 'False'
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), 'f')
    return str(value)


def word(flat=False):
    names = ['password', 'token', 'db', 'url', 'port_unencrypted', 'name', 'key_enc', 'a.b', 'with space', 'ünïcode', 'on', '007']
    text = die.choice(names[:7] if flat else names)
    return text + (str(die.randrange(100)) if die.random() < 0.5 else '')


def text(lines=True):
    kind = die.random()
    if kind < 0.1:
        return ''
    if kind < 0.2:
        return die.choice(['true', '123', '1.5', 'null', '2002-12-14', 'ENC', '~', '0x1f', ' '])
    letters = LETTERS + ('\n' if lines else '')
    return ''.join(die.choice(letters) for _ in range(die.randrange(1, 40)))


def leaf(of_yaml):
    return die.choice([
        text, text, text,
        lambda: die.randrange(-10**6, 10**12),
        lambda: die.choice([0.5, -1.25, 1e-7, 123456.789, 3.0e20]) if of_yaml else die.choice([0.5, -1.25]),
        lambda: die.random() < 0.5,
        lambda: None,
    ])()


def node(depth, of_yaml):
    kind = die.random()
    if depth > 0 and kind < 0.35:
        return {word(): node(depth - 1, of_yaml) for _ in range(die.randrange(1, 5))}
    if depth > 0 and kind < 0.5:
        return [node(depth - 1, of_yaml) for _ in range(die.randrange(1, 4))]
    return leaf(of_yaml)


RULES = [
    ('unencrypted_suffix', '_unencrypted'),
    ('encrypted_suffix', '_enc'),
    ('encrypted_regex', '^(password|token)'),
    ('unencrypted_regex', '^(name|port)'),
]


def is_encrypted(rule, names):
    kind, what = rule
    found = any(name.endswith(what) if kind.endswith('suffix') else re.search(what, name) for name in names)
    return not found if kind.startswith('un') else found


def seal(data, kind, key, bound):
    nonce = os.urandom(32)
    sealed = AESGCM(key).encrypt(nonce, data, bound.encode())
    parts = [base64.b64encode(part).decode() for part in (sealed[:-16], nonce, sealed[-16:])]
    return 'ENC[AES256_GCM,data:%s,iv:%s,tag:%s,type:%s]' % (*parts, kind)


def encrypted(tree, rule, only, key):
    counted = hashlib.sha512(ONLY_ENCRYPTED if only else b'')
    values = {}

    def walk(value, names, path):
        if isinstance(value, dict):
            return {name: walk(each, names + [name], path + [name]) for name, each in value.items()}
        if isinstance(value, list):
            return [walk(each, names, path + [str(at)]) for at, each in enumerate(value)]
        if value is None:
            return None
        data = as_go(value).encode()
        mine = is_encrypted(rule, names)
        if mine or not only:
            counted.update(data)
        if not mine or data == b'':
            return value
        kind = 'bool' if isinstance(value, bool) else 'int' if isinstance(value, int) else 'float' if isinstance(value, float) else 'str'
        values['\n'.join(path)] = data.decode()
        return seal(data, kind, key, ''.join(name + ':' for name in names))

    sealed = walk(tree, [], [])
    mac = seal(counted.hexdigest().upper().encode(), 'str', key, MODIFIED)
    return sealed, values, mac


def for_age(key):
    return subprocess.run(['age', '--armor', '-r', recipient], input=key, stdout=subprocess.PIPE, check=True).stdout.decode()


def scalar(value):
    """A scalar as YAML has it, in one of its styles."""
    if value is None:
        return die.choice(['null', '~', ''])
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, float):
        return die.choice([repr(value), as_go(value)]) if '.' in as_go(value) else '%se+20' % (value / 1e20)
    if isinstance(value, int):
        return str(value)
    if value.startswith('ENC['):
        return value
    styles = [json.dumps(value), json.dumps(value, ensure_ascii=False)]
    if '\n' not in value and '\t' not in value:
        styles.append("'%s'" % value.replace("'", "''"))
    return die.choice(styles)


def yaml(value, depth=0):
    pad = ' ' * 4 * depth
    lines = []
    for name, each in value.items() if isinstance(value, dict) else ((None, each) for each in value):
        head = pad + ('- ' if name is None else (name if re.fullmatch(r'[a-z_]+\d*', name) and name != 'on' else json.dumps(name)) + ': ')
        if isinstance(each, (dict, list)) and each:
            lines += [head.rstrip(), *yaml(each, depth + 1)]
        else:
            lines.append(head + scalar(each))
        if die.random() < 0.1:
            lines.append(pad + die.choice(['', '# a comment']))
    return lines


def flattened(prefix, value):
    if isinstance(value, dict):
        return [pair for name, each in value.items() for pair in flattened(prefix + ('__map_' if '__list_' in prefix else '') + name, each)]
    if isinstance(value, list):
        return [pair for at, each in enumerate(value) for pair in flattened('%s__list_%d' % (prefix, at), each)]
    return [(prefix, 'true' if value is True else value.replace('\n', '\\n'))]


for at in range(count):
    form = die.choice(['yml', 'yml', 'yaml', 'json', 'env'])
    rule = die.choice(RULES)
    only = die.random() < 0.3
    key = os.urandom(32)
    if form == 'env':
        tree = {word(True).replace(' ', '_'): text(False).replace('\\', '') for _ in range(die.randrange(1, 6))}
    else:
        tree = {word(): node(3, form != 'json') for _ in range(die.randrange(1, 6))}
    sealed, values, mac = encrypted(tree, rule, only, key)
    sops = {
        'age': [{'recipient': recipient, 'enc': for_age(key)}],
        'lastmodified': MODIFIED,
        'mac': mac,
        'version': '3.9.4',
        rule[0]: rule[1],
        **({'mac_only_encrypted': True} if only else {}),
    }
    if form == 'json':
        whole = json.dumps({**sealed, 'sops': sops}, indent=die.choice([None, 4, '\t']), ensure_ascii=die.random() < 0.5)
    elif form == 'env':
        own = [('sops_' + name, value) for part, each in sops.items() for name, value in flattened(part, each)]
        whole = ''.join('%s=%s\n' % pair for pair in [*sealed.items(), *own])
    else:
        whole = '\n'.join(yaml(sealed)) + '\nsops:\n' + '\n'.join(
            '    ' + line for line in [
                'age:', '    - recipient: ' + recipient, '      enc: |',
                *('        ' + line for line in sops['age'][0]['enc'].splitlines()),
                'lastmodified: "%s"' % MODIFIED, 'mac: ' + mac, "%s: %s" % (rule[0], json.dumps(rule[1])),
                *(['mac_only_encrypted: true'] if only else []), 'version: 3.9.4',
            ]
        ) + '\n'
    print(json.dumps({'name': 'file-%d.%s' % (at, form), 'text': whole, 'values': values}))
