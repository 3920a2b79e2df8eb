import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { localProject, rolecall, write } from '../support/project.ts'

const project = localProject()
write(project, {
  'code/hosts.ts': `import { inventory } from 'rolecall'
export default inventory(async () => ({ hosts: { made: { ansible_host: '192.0.2.9' } }, groups: { cloud: ['made'] } }))
`,
  'more/hosts.ini': '[cloud]\nextra ansible_shell_type=sh port=80\n',
  'cloud.sh': '#!/bin/sh\n[ "$1" = --list ] && echo \'{ "cloud": ["asked"], "_meta": { "hostvars": {} } }\'\n',
  'group_vars/cloud.yml': 'zone: eu\n',
})
chmodSync(join(project, 'cloud.sh'), 0o755)
const all = ['-i', 'code', '-i', 'more/hosts.ini', '-i', 'cloud.sh', '-i', 'typed,']

test('inventories of code, INI, a program and the command line are one', async () => {
  const { out, err } = await rolecall(project, ['list', 'groups', '--tree', ...all])
  assert.is(out, '@all:\n  |--@ungrouped:\n  |  |--typed\n  |--@cloud:\n  |  |--made\n  |  |--extra\n  |  |--asked\n')
  assert.match(
    err,
    /^note: more\/hosts.ini:2:7 {2}ansible_shell_type: nothing here reads this; it may stay for Ansible$/m,
  )
})

test('list hosts --json has the shape of ansible-inventory --list, also of a part', async () => {
  const { out } = await rolecall(project, ['list', 'hosts', '--json', ...all, '-l', 'cloud[0:1]'])
  assert.equal(JSON.parse(out), {
    _meta: {
      hostvars: {
        made: { ansible_host: '192.0.2.9', zone: 'eu' },
        extra: { ansible_shell_type: 'sh', port: 80, zone: 'eu' },
      },
    },
    all: { children: ['ungrouped', 'cloud'] },
    cloud: { hosts: ['made', 'extra'] },
  })
})

test('list hosts --json has variables as they are: of several lines, long, deep, under any name, with secrets masked', async () => {
  const variables = {
    motd: 'two\n  lines\tand a tab\r\n',
    active: '\u202e\u001b[2J\u0085\u{e0041}\ufeff',
    long: 'x'.repeat(20_000),
    deep: [[[[[[[[[[[['here']]]]]]]]]]]],
    message: 42,
    steps: { diff: true, output: null, text: [1, { got: 2.5 }] },
    'odd\nkey': 'é 主机',
    url: 'postgres://app:hunter22@db/',
  }
  write(project, { 'odd.yml': JSON.stringify({ all: { hosts: { odd: variables } } }) })
  const { out } = await rolecall(project, ['list', 'hosts', '--json', '-i', 'odd.yml'])
  const { _meta } = JSON.parse(out) as { _meta: { hostvars: { odd: unknown } } }
  assert.equal(_meta.hostvars.odd, { ...variables, url: 'postgres://app:***@db/' })
  assert.not.match(out, /[^\n\x20-\x7e\xa1-\u1fff\u3000-\ud7ff]/)
})

test('an inventory in code that throws is told with its line, and no host is touched', async () => {
  write(project, {
    'broken/hosts.ts':
      "import { inventory } from 'rolecall'\nexport default inventory(() => {\n  throw new Error('no credentials')\n})\n",
  })
  const { code, err } = await rolecall(project, ['list', 'hosts', '-i', 'broken'])
  assert.is(code, 1)
  assert.match(err, /broken\/hosts.ts throws: no credentials/)
  assert.match(err, /broken\/hosts.ts:3/)
})

test.run()
