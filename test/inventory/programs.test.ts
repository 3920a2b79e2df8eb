import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import { shownJson } from '../../lib/gate/shown-json.ts'
import type { Inventory } from '../../lib/inventory/inventory.ts'
import { listing } from '../../lib/inventory/patterns/listing.ts'
import { openInventory } from '../../lib/inventory/sources/open.ts'
import { directoryOf, inOneLine } from './support.ts'

const importNothing = () => Promise.reject(new Error('no module is imported here'))

function program(text: string): { readonly directory: string; readonly open: () => Promise<Inventory> } {
  const directory = directoryOf({ hosts: text })
  const path = join(directory, 'hosts')
  chmodSync(path, 0o755)
  return { directory, open: () => openInventory([path], { importModule: importNothing }) }
}

/** A program that prints the one for --list and the other for --host. */
function printing(list: string, host = '{}'): string {
  return `#!/bin/sh\nif [ "$1" = --list ]; then\ncat <<'EOF'\n${list}\nEOF\nelse\ncat <<'EOF'\n${host}\nEOF\nfi\n`
}

function listed(inventory: Inventory): string {
  return shownJson(listing(inventory)).replaceAll(/\n\s*/g, '')
}

const answers: Readonly<Record<string, { readonly program: string; readonly lists: string }>> = {
  'floats, long numbers and texts that are no templates': {
    program: printing(
      '{"web": ["w"], "_meta": {"hostvars": {"w": {"a": 1.0, "b": 12345678901234567890, "c": 1e3, "d": [NaN], "e": {"__ansible_unsafe": "{{ x }}"}}}}}',
    ),
    lists:
      '{"_meta": {"hostvars": {"w": {"a": 1.0,"b": 12345678901234567890,"c": 1000.0,"d": [NaN],"e": {"__ansible_unsafe": "{{ x }}"}}}},"all": {"children": ["ungrouped","web"]},"web": {"hosts": ["w"]}}',
  },
  'groups named by digits alone, in the order of the answer': {
    program: printing(
      '{"b": ["w"], "30": ["30"], "2": ["v"], "_meta": {"hostvars": {"w": {"x": 1}, "30": {"y": {"9": 1}}}}}',
    ),
    lists:
      '{"2": {"hosts": ["v"]},"30": {"hosts": ["30"]},"_meta": {"hostvars": {"30": {"y": {"9": 1}},"w": {"x": 1}}},"all": {"children": ["ungrouped","b","30","2"]},"b": {"hosts": ["w"]}}',
  },
  'hostvars that are null, so that each host is asked for': {
    program: printing('{"web": ["w"], "_meta": {"hostvars": null}}', '{"x": 1.0}'),
    lists:
      '{"_meta": {"hostvars": {"w": {"x": 1.0}}},"all": {"children": ["ungrouped","web"]},"web": {"hosts": ["w"]}}',
  },
  'hosts of which only one is in a group': {
    program: printing('{"web": ["w"], "_meta": {"hostvars": {"lost": {"x": 1}, "w": {"y": 2}}}}'),
    lists: '{"_meta": {"hostvars": {"w": {"y": 2}}},"all": {"children": ["ungrouped","web"]},"web": {"hosts": ["w"]}}',
  },
  'an answer after the whole standard input was read': {
    program: '#!/bin/sh\nread=$(cat)\nprintf \'{"web": ["w"], "_meta": {"hostvars": {"w": {"x": "%s"}}}}\' "$read"\n',
    lists: '{"_meta": {"hostvars": {"w": {"x": ""}}},"all": {"children": ["ungrouped","web"]},"web": {"hosts": ["w"]}}',
  },
  'names and values that are not ASCII': {
    program: printing('{"wéb": ["hôst"], "_meta": {"hostvars": {"hôst": {"näme": "\\ud83d\\ude00"}}}}'),
    lists:
      '{"_meta": {"hostvars": {"hôst": {"näme": "😀"}}},"all": {"children": ["ungrouped","wéb"]},"wéb": {"hosts": ["hôst"]}}',
  },
}

for (const [what, { program: text, lists }] of Object.entries(answers)) {
  test(`a program gives ${what}`, async () => {
    assert.is(listed(await program(text).open()), lists)
  })
}

const refused: Readonly<Record<string, { readonly program: string; readonly says: string }>> = {
  'a range, which is a name in a program': {
    program: printing('{"web": ["w[1:3]"], "_meta": {"hostvars": {}}}'),
    says: 'hosts inventory: "w[1:3]" cannot be the name of a host',
  },
  'a port behind a name': {
    program: printing('{"web": ["w:22"], "_meta": {"hostvars": {}}}'),
    says: 'hosts inventory: "w:22" cannot be the name of a host',
  },
  'a host that is a number': {
    program: printing('{"web": ["w", 1], "_meta": {"hostvars": {}}}'),
    says: 'hosts inventory: the group "web" of hosts is not understood',
  },
  'hostvars that are a list': {
    program: printing('{"web": ["w"], "_meta": {"hostvars": []}}'),
    says: 'hosts inventory: _meta.hostvars of hosts is not a map',
  },
  'variables of a host that are a list': {
    program: printing('{"web": ["w"]}', '[1]'),
    says: 'hosts inventory: the variables of host "w" of hosts are no map',
  },
  'another encoding than UTF-8': {
    program: '#!/bin/sh\nprintf \'{"web": ["w\\351"], "_meta": {"hostvars": {}}}\'\n',
    says: 'hosts inventory: the inventory program hosts --list answers in another encoding than UTF-8',
  },
}

for (const [what, { program: text, says }] of Object.entries(refused)) {
  test(`of a program is refused ${what}`, async () => {
    const { directory, open } = program(text)
    try {
      await open()
    } catch (error) {
      if (!(error instanceof RolecallError)) throw error
      return assert.equal(
        error.problems.map((problem) => inOneLine(problem, directory)),
        [says],
      )
    }
    throw new Error('expected a refusal')
  })
}

test.run()
