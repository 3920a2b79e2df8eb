import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import * as rolecall from '../../../lib/index.ts'
import { kindsWithOtherNames, otherToolNames } from '../../../lib/resources/kit/options/names/other-names.ts'
import { optionsOfKind } from '../../../lib/resources/kit/options/options.ts'

const test = suite('names that users of other tools write first')

type Call = (...given: readonly unknown[]) => unknown
const call = (kind: string): Call => (rolecall as unknown as Readonly<Record<string, Call>>)[kind] as Call

/** The hint for one problem of a call. */
function hintOf(about: string, made: () => unknown): string | undefined {
  try {
    made()
  } catch (error) {
    if (error instanceof RolecallError) return error.problems.find(({ message }) => message.includes(about))?.hint
    throw error
  }
  return undefined
}

/** Kinds whose options stand elsewhere than behind one name. */
const CALLED: Readonly<Record<string, (call: Call, options: object) => unknown>> = {
  ufw: (call, options) => call(options),
  debconf: (call, options) => call('x', 'x/y', options),
  dropIn: (call, options) => call('x.service', 'x', options),
}

const hint = (kind: string, option: string) =>
  hintOf(`unknown option ${JSON.stringify(option)}`, () => {
    const options = { [option]: 'x' }
    return CALLED[kind]?.(call(kind), options) ?? call(kind)('/srv/x', options)
  })

const first = (kind: string) => `it is the first argument: ${kind}('...', { ... })`
const table: readonly (readonly [kind: string, option: string, hint: string])[] = [
  ['mount', 'device', 'write source'],
  ['mount', 'fstype', 'write type'],
  ['mount', 'name', first('mount')],
  ['cron', 'command', 'write job'],
  ['cron', 'cmd', 'write job'],
  ['cron', 'dow', 'write weekday'],
  ['exec', 'cmd', 'write run'],
  ['exec', 'command', 'write run'],
  ['exec', 'chdir', 'write cwd'],
  ['exec', 'environment', 'write env'],
  ['certificate', 'cn', 'write commonName'],
  ['user', 'gid', 'write group'],
  ['user', 'ssh_keys', "write authorizedKeys('...', { keys: ['...'] })"],
  ['user', 'expires', "write passwordAging('...', { expires: '...' })"],
  ['logrotate', 'rotate', 'write keep'],
  ['logrotate', 'notifempty', 'write ifEmpty: false'],
  [
    'service',
    'state',
    'write running: true or running: false; restartedAfter and reloadedAfter name what it is restarted or reloaded after',
  ],
  // The option of the same subject would mean the opposite.
  [
    'user',
    'append',
    'not needed: other groups stay; onlyTheseGroups: true takes them away, as Ansible does without append',
  ],
  ['dir', 'recurse', "ownership('...', { ... }) sees to all that is in a directory"],
  ['file', 'force', "a file that stays once it is there: if (!(await exists('...'))) before it"],
  ['archive', 'remote_src', 'not needed: source is a file of the host or a URL'],
  ['iniFile', 'section', "write set: { SECTION: { KEY: 'value' } }"],
  ['service', 'ensure', 'write running'],
  ['service', 'daemon_reload', 'not needed: changed units are reloaded'],
  ['link', 'target', 'write to'],
  ['link', 'src', 'write to'],
  ['file', 'ensure', 'write state'],
  ['file', 'permissions', 'write mode'],
  ['file', 'user', 'write owner'],
  ['file', 'dest', first('file')],
  ['dir', 'ensure', 'write state'],
  ['git', 'revision', 'write version'],
  ['git', 'branch', 'write version'],
  ['pkg', 'ensure', 'write state'],
  ['pkg', 'name', first('pkg')],
  ['pkg', 'update_cache', 'not needed: lists older than a day are fetched'],
  ['pkg', 'latest', "write state: 'latest'"],
  ['kernelModule', 'parameters', 'write params'],
  ['replace', 'replacement', 'write by'],
  ['repository', 'baseurl', 'write yum'],
  ['timer', 'cmd', 'write command'],
  ['dockerContainer', 'cmd', 'write command'],
  ['dockerContainer', 'cap_add', 'write capabilities'],
]
for (const [kind, option, expected] of table)
  test(`${kind}: ${option}: ${expected}`, () => {
    assert.is(hint(kind, option), expected)
  })

test('each name of the table is none of the kind itself, and is answered with an option that there is', () => {
  const nested: Readonly<Record<string, readonly string[]>> = { sudoers: ['as', 'noPassword'] }
  let seen = 0
  for (const kind of kindsWithOtherNames()) {
    const known = optionsOfKind(kind)
    assert.ok(known.length > 0, `${kind} is a kind`)
    for (const [name, option] of otherToolNames(kind)) {
      seen++
      assert.ok(known.includes(option) || nested[kind]?.includes(option) === true, `${kind}: ${option} is an option`)
      assert.ok(!known.includes(name), `${kind}: ${name} is an option itself`)
      if (known.includes(option)) assert.is(hint(kind, name), `write ${option}`, `${kind}: ${name}`)
    }
  }
  assert.ok(seen > 300, String(seen))
})

test('a name inside of an option is answered too, and never as the first argument', () => {
  const rule = (name: string) =>
    hintOf(name, () => call('sudoers')('deploy', { rules: [{ user: 'deploy', [name]: 'x' }] }))
  assert.is(rule('runas'), 'write as')
  assert.is(rule('nopasswd'), 'write noPassword')
  assert.is(rule('path'), undefined)
})

for (const [given, expected] of [
  ['x*', "name each package: pkg(['...', '...']); apt list 'x*' (dnf list) on a host names them"],
  ['php8.?', "name each package: pkg(['...', '...']); apt list 'php8.?' (dnf list) on a host names them"],
  ['nano-', "write pkg('nano', { state: 'absent' })"],
  ['nginx=1.2', "write pkg('nginx', { version: '1.2' })"],
  ['@web', "a group is packageGroup('web')"],
] as const)
  test(`pkg('${given}'): ${expected}`, () => {
    assert.is(
      hintOf('pkg name', () => rolecall.pkg(given)),
      expected,
    )
  })

test.run()
