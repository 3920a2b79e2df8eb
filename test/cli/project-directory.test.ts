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
