"""Reads templates as JSON from standard input and writes what ansible-core's own Templar makes of each, for a host of an inventory.

Usage: python3 templar.py INVENTORY HOST < templates.json
"""
import json
import sys

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

loader = DataLoader()
inventory = InventoryManager(loader=loader, sources=[sys.argv[1]])
manager = VariableManager(loader=loader, inventory=inventory)
variables = manager.get_vars(host=inventory.get_host(sys.argv[2]))
variables['hostvars'] = HostVars(inventory, manager, loader)
answers = []
for template in json.load(sys.stdin):
    variables['vars'] = dict(variables)
    try:
        value = Templar(loader=loader, variables=variables).template(template)
        answers.append({'value': json.loads(json.dumps(value, default=repr))})
    except Exception as error:
        answers.append({'error': str(error)})
json.dump(answers, sys.stdout)
