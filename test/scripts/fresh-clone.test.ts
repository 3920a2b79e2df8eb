import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { scratch } from '../support/converge-locally.ts'

const project = resolve(import.meta.dirname, '../..')
const scripts = join(project, 'scripts')

/** What the scripts of package.json import of each other before they install packages. */
const imported = new Set(
  readdirSync(scripts)
    .filter((name) => name.endsWith('.js'))
    .flatMap((name) => {
      const text = readFileSync(join(scripts, name), 'utf8')
      return text.includes('await bootstrap()') ? [...text.matchAll(/ from '\.\/([\w-]+\.js)'/g)] : []
    })
    .map(([, name = '']) => name),
)

test('in a fresh clone, where no package is installed, each command comes as far as installing them', () => {
  const clone = scratch()
  for (const part of ['scripts', 'package.json']) cpSync(join(project, part), join(clone, part), { recursive: true })
  assert.ok(imported.has('jobs.js') && imported.size > 8, [...imported].join())
  for (const name of imported) {
    const args = ['--input-type=module', '-e', `await import('./scripts/${name}')`]
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: clone, encoding: 'utf8' })
    assert.is(status, 0, `${name}: ${stderr}`)
  }
})

test('each command of package.json installs the packages first, but the one that npm runs itself', () => {
  const { scripts: commands } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const bare = Object.entries(commands).filter(([name, command]) => {
    if (name === 'prepare' || command.startsWith('node scripts/install.js && ')) return false
    const [, file] = /^node (scripts\/[\w-]+\.js)/.exec(command) ?? []
    return file === undefined || !readFileSync(join(project, file), 'utf8').includes('await bootstrap()')
  })
  assert.equal(bare, [])
})

test('packages that are missing are installed by npm, and a failure ends the command', () => {
  const [clone, tools] = [scratch(), scratch()]
  for (const part of ['scripts', 'package.json', 'package-lock.json'])
    cpSync(join(project, part), join(clone, part), { recursive: true })
  writeFileSync(join(tools, 'npm'), '#!/bin/sh\necho "npm $1"\nexit 7\n', { mode: 0o755 })
  const { npm_execpath: _, ...env } = process.env
  const { status, stdout } = spawnSync(process.execPath, ['scripts/install.js'], {
    cwd: clone,
    encoding: 'utf8',
    env: { ...env, PATH: `${tools}:${env['PATH'] ?? ''}` },
  })
  assert.is(status, 1)
  assert.match(stdout, /^Installing dependencies \.\.\.\nnpm ci\n.*failed with exit code 7/)
})

test.run()
