import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { withPath } from '../../lib/machine/write-whole.ts'
import { environmentProblem } from '../../lib/cli/environment.ts'

function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const failure = (code: string, syscall: string, path?: string) =>
  Object.assign(new Error(code), { code, syscall, ...(path === undefined ? {} : { path }) })

test('a path that cannot be written, opened or made is reported with the reason, and not as a bug', () => {
  for (const [error, words] of [
    [
      failure('EACCES', 'mkdir', '/srv/.rolecall'),
      'cannot make the directory /srv/.rolecall on this machine: permission denied',
    ],
    [failure('EROFS', 'open', '/srv/x'), 'cannot open /srv/x on this machine: the file system is read-only'],
    [failure('ENOSPC', 'write'), 'cannot write a file on this machine: no space is left on the device'],
    [failure('EMFILE', 'open', '/srv/x'), 'cannot open /srv/x on this machine: this process has too many files open'],
    [failure('ENOENT', 'uv_cwd'), 'the working directory was deleted, or cannot be read'],
    [
      thrownBy(() => mkdirSync('/dev/null/x')),
      'cannot make the directory /dev/null/x on this machine: a part of the path is not a directory',
    ],
    [thrownBy(() => readFileSync(tmpdir())), undefined],
  ] as const)
    assert.is(environmentProblem(error)?.message, words)
})

test('a write to an open file fails with the name of the file', () => {
  assert.is(
    environmentProblem(withPath(failure('ENOSPC', 'write'), '.rolecall/runs/r1.jsonl'))?.message,
    'cannot write .rolecall/runs/r1.jsonl on this machine: no space is left on the device',
  )
  assert.match(environmentProblem(withPath(failure('EIO', 'read', '/a'), '/b'))?.message ?? '', '/a')
  assert.is(environmentProblem(withPath(new Error('it changed'), '/b')), undefined)
})

test("what Node's permission model forbids is told as that", () => {
  const denied = Object.assign(new Error('Access to this API has been restricted'), {
    code: 'ERR_ACCESS_DENIED',
    permission: 'ChildProcess',
  })
  assert.match(
    environmentProblem(denied)?.message ?? '',
    'Node runs with --permission, and does not allow to start programs',
  )
  assert.match(environmentProblem(denied)?.hint ?? '', '--allow-child-process')
})

test('other errors are not taken for failures of this machine', () => {
  assert.is(environmentProblem(new TypeError('x is not a function')), undefined)
  assert.is(environmentProblem(thrownBy(() => openSync(join(tmpdir(), 'no-such-file'), 'r'))), undefined)
})

test.run()
