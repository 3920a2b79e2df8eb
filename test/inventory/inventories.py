"""Reads cases as JSON from standard input and writes what ansible-core makes of each: hosts and groups in order, variables as
ansible-inventory prints them, patterns.

A case is { "sources": [paths], "patterns": [texts], "basedir": path or null }. Ansible walks the groups below a group through a Python set, whose
order is that of memory addresses; here it walks them in the order in which they were named.
"""
import json
import sys

from ansible import context
from ansible.cli.inventory import InventoryCLI
from ansible.inventory.group import Group
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.utils.display import Display
from ansible.vars.manager import VariableManager


def walk(self, rel, include_self=False, preserve_ordering=False):
    level = ([self] if include_self else []) + list(getattr(self, rel))
    found = list(dict.fromkeys(level))
    seen = set(found)
    unprocessed = found
    if include_self:
        unprocessed = [self] + [group for group in found if group is not self]
    while unprocessed:
        below = []
        for group in unprocessed:
            for new in getattr(group, rel):
                if new not in seen:
                    seen.add(new)
                    below.append(new)
        found.extend(below)
        unprocessed = below
    return found if preserve_ordering else set(found)


context.CLIARGS = {'yaml': False, 'toml': False}
Group._walk_relationship = walk
Display.warning = lambda *_, **__: None


def answer(case):
    loader = DataLoader()
    if case.get('basedir'):
        loader.set_basedir(case['basedir'])
    inventory = InventoryManager(loader=loader, sources=case['sources'])
    manager = VariableManager(loader=loader, inventory=inventory)
    manager.safe_basedir = bool(case.get('basedir'))
    variables = {}
    for host in inventory.get_hosts():
        found = manager.get_vars(host=host, include_hostvars=False, stage='all')
        variables[host.name] = InventoryCLI.dump(InventoryCLI._remove_internal(dict(found)))
    patterns = {}
    for pattern in case['patterns']:
        try:
            patterns[pattern] = [host.name for host in inventory.get_hosts(pattern)]
        except Exception as error:
            patterns[pattern] = 'error: ' + str(error)
    groups = {
        group.name: {
            'own': [host.name for host in group.hosts],
            'hosts': [host.name for host in group.get_hosts()],
            'children': [child.name for child in group.child_groups],
            'priority': group.priority,
        }
        for group in inventory.groups.values()
    }
    return {
        'processed': len(inventory._inventory.processed_sources),
        'hosts': [host.name for host in inventory.get_hosts()],
        'groups': groups,
        'variables': variables,
        'patterns': patterns,
    }


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
