import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { argumentsInProject, projectAbove } from '../../lib/cli/project-directory.ts'
import { localProject, projectOf, rolecall, write } from '../support/project.ts'

const project = localProject()
mkdirSync(join(project, 'roles/deep/down'), { recursive: true })

test('a project is found from any directory below it', async () => {
  assert.is(projectAbove(join(project, 'roles/deep/down')), project)
  const { code, out } = await rolecall(join(project, 'roles/deep/down'), ['check', 'site', '--no-types'])
  assert.is(code, 0)
  assert.match(out, 'Checking site on 1 host')
})

test('a playbook may be named with its ending, or as a path, from the project and from below it', async () => {
  for (const [from, name] of [
    ['.', 'site.ts'],
    ['.', 'playbooks/site.ts'],
    ['.', 'playbooks/site'],
    ['roles', 'site.ts'],
    ['roles', '../playbooks/site.ts'],
    ['playbooks', 'site.ts'],
  ] as const) {
    const { code, out, err } = await rolecall(join(project, from), ['check', name, '--no-types'])
    assert.is(code, 0, err)
    assert.match(out, 'Checking site on 1 host')
  }
})

test('paths are relative to the working directory', async () => {
  write(project, { 'other/hosts.yml': 'all: { hosts: { elsewhere: { ansible_connection: local } } }\n' })
  const { out } = await rolecall(join(project, 'playbooks'), ['check', './site.ts', '-i', '../other', '--no-types'])
  assert.match(out, 'elsewhere')
})

test('arguments that are not paths stay unchanged', () => {
  const args = ['apply', 'site', '-l', 'web/1', '-e', 'a.b=./c', '--', './site.ts']
  assert.equal(argumentsInProject(args, join(project, 'playbooks'), project), args)
  assert.equal(argumentsInProject(['apply', 'site.ts', '-e', '@v.yml'], join(project, 'playbooks'), project), [
    'apply',
    'playbooks/site.ts',
    '-e',
    '@playbooks/v.yml',
  ])
})

test('the words of a command on hosts stay as they are, whatever files are there here', () => {
  const from = join(project, 'roles')
  for (const args of [
    ['run', 'cat', '/etc/hostname', 'motd.ts', '../inventory/hosts.yml', '@motd.ts', '-l', 'all'],
    ['ssh', 'here', 'cat', '/etc/hostname', 'motd.ts', '-o', 'x', '../inventory'],
    ['ssh', 'here', '--', 'cat', '../inventory'],
    ['check', '/etc/hostname'],
  ])
    assert.equal(argumentsInProject(args, from, project), args)
  assert.equal(
    argumentsInProject(['run', '-i', '../inventory', 'ls ../inventory', '-e@motd.ts', '-l', '@motd.ts'], from, project),
    ['run', '-i', 'inventory', 'ls ../inventory', '-e@roles/motd.ts', '-l', '@roles/motd.ts'],
  )
  assert.equal(argumentsInProject(['ssh', '-i', '../inventory', 'here', 'ls', '../inventory'], from, project), [
    'ssh',
    '-i',
    'inventory',
    'here',
    'ls',
    '../inventory',
  ])
})

test('each option that names a file means the one beside the person, in all ways to write it', () => {
  const from = join(project, 'roles')
  for (const [given, meant] of [
    [
      ['check', 'site', '--out=x.plan'],
      ['check', 'site', '--out=roles/x.plan'],
    ],
    [
      ['report', '-ox.html', '--junit', 'x.xml'],
      ['report', '-oroles/x.html', '--junit', 'roles/x.xml'],
    ],
    [
      ['report', '-o', '/tmp/x.html'],
      ['report', '-o', '/tmp/x.html'],
    ],
    [
      ['plan', 'show', 'x.plan', '--html', '--json'],
      ['plan', 'show', 'x.plan', '--html', '--json'],
    ],
    [
      ['plan', 'show', 'x.plan', '--html', 'x.html'],
      ['plan', 'show', 'x.plan', '--html', 'roles/x.html'],
    ],
    [
      ['check', 'site', '-i../inventory'],
      ['check', 'site', '-iinventory'],
    ],
    [
      ['check', 'site', '--inventory=../inventory'],
      ['check', 'site', '--inventory=inventory'],
    ],
    [
      ['check', 'site', '-i', 'h1,h2,'],
      ['check', 'site', '-i', 'h1,h2,'],
    ],
    [
      ['check', '--diff', './motd.ts'],
      ['check', '--diff', 'roles/motd.ts'],
    ],
    [
      ['check', 'site', '--vault-password-file', 'pw'],
      ['check', 'site', '--vault-password-file', 'roles/pw'],
    ],
    [
      ['check', 'site', '--vault-id', 'dev@motd.ts'],
      ['check', 'site', '--vault-id', 'dev@roles/motd.ts'],
    ],
    [
      ['check', 'site', '--vault-id', 'dev@prompt'],
      ['check', 'site', '--vault-id', 'dev@prompt'],
    ],
    [
      ['copy', '--json', 'motd.ts', 'all:/x'],
      ['copy', '--json', 'roles/motd.ts', 'all:/x'],
    ],
    [
      ['copy', '--owner', 'motd.ts', 'new', 'all:/x'],
      ['copy', '--owner', 'motd.ts', 'roles/new', 'all:/x'],
    ],
  ])
    assert.equal(argumentsInProject(given ?? [], from, project), meant)
})

test('a parent project that another user can change is not used', () => {
  const open = projectOf({ 'playbooks/site.ts': '', 'below/x': '' })
  assert.is(projectAbove(join(open, 'below')), open)
  // As below /tmp: an inventory beside the playbooks could come from anybody.
  chmodSync(open, 0o1777)
  assert.is(projectAbove(join(open, 'below')), undefined)
  chmodSync(open, 0o755)
  chmodSync(join(open, 'playbooks'), 0o777)
  assert.is(projectAbove(join(open, 'below')), undefined)
})

test('without a project, none is found', () => {
  assert.is(projectAbove(projectOf({ 'x/y': '' })), undefined)
})

test.run()
