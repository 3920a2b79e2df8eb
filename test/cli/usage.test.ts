import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EXIT } from '../../lib/cli/exit-codes.ts'
import { program } from '../../lib/cli/program.ts'
import { localProject, rolecall, rolecallProcess, type Said, write } from '../support/project.ts'
import { prepare } from '../support/prepare.ts'

const test = suite('the command line')
const project = localProject()
write(project, { 'inventory/group_vars/all.yml': 'motd:\n  text: hello\n' })

// Types that were found right are not checked again by each command.
prepare(test, async () => assert.is((await rolecall(project, ['check', 'site'])).code, 0))

test('--version is the version of the package', async () => {
  const file = resolve(import.meta.dirname, '../../package.json')
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  assert.equal(await rolecallProcess(project, ['--version']), { code: 0, out: `${version}\n`, err: '' })
})

test('--help names every command and the exit codes', async () => {
  const { code, out } = await rolecall(project, ['--help'])
  assert.is(code, 0)
  for (const word of [
    'check',
    'apply',
    'verify',
    'list',
    'explain',
    'lab',
    'runs',
    'completion',
    'Exit codes:',
    'Examples:',
  ]) {
    assert.match(out, word)
  }
  for (const code of Object.values(EXIT)) assert.match(out, new RegExp(`^  ${code} +\\S`, 'm'))
})

for (const command of ['check', 'apply', 'verify', 'list', 'explain', 'lab', 'runs', 'completion']) {
  test(`${command} --help has a description and examples`, async () => {
    const { code, out } = await rolecall(project, [command, '--help'])
    assert.is(code, 0)
    assert.match(out, `Usage: rolecall ${command}`)
    assert.match(out, `  rolecall ${command}`)
  })
}

test('a file that cannot be written is told before any work is begun', async () => {
  write(project, { 'a-file': '' })
  for (const [args, words] of [
    [['check', 'site', '--out', 'nope/p.plan'], 'there is no directory nope to write nope/p.plan into'],
    [['check', 'site', '--out', ''], 'the name of the file to write is empty'],
    [['drift', 'site', '-o', 'nope/p.html'], 'there is no directory nope'],
    [['report', '-o', 'nope/p.html'], 'there is no directory nope'],
    [['report', '-o', ''], 'the name of the file to write is empty'],
    [['report', '-o', 'roles'], 'roles is a directory, and a file is to be written there'],
    [['report', '--junit', 'nope/p.xml'], 'there is no directory nope'],
    [['report', '--junit', 'a-file/p.xml'], 'a-file is not a directory'],
    [['plan', 'show', 'p.plan', '--html', 'nope/p.html'], 'there is no directory nope'],
    [['test', 'motd', '--junit', 'nope/p.xml'], 'there is no directory nope'],
  ] as const) {
    const { code, out, err } = await rolecall(project, args)
    assert.is(code, 1, args.join(' '))
    assert.is(out, '', args.join(' '))
    assert.match(err, words)
    assert.not.match(err, 'bug')
  }
})

const alike: readonly (readonly string[])[] = [
  ['check', 'site', '--no-types'],
  ['verify', 'site', '--no-types'],
  ['plan', 'show', 'none.plan'],
  ['list', 'hosts'],
  ['explain', 'motd.text', 'here'],
  ['run', 'echo here', '-l', 'here'],
  ['vault', 'view', 'none.yml'],
  ['lab', '--help'],
  ['history', 'her'],
  ['completion', 'bash'],
]
const ofAlike = localProject()
for (const args of alike)
  test(`${args.join(' ')} says the same in a process of its own and in one that ran other commands`, async () => {
    // What took a second or more is listed, which on a machine that is at work is another thing each time.
    const timed = /^Slowest\n(?: {2}.*\n)+\n|\d[\d.]* m?s/gm
    const untimed = ({ code, out, err }: Said) => [code, ...[out, err].map((text) => text.replace(timed, ''))]
    assert.equal(untimed(await rolecall(ofAlike, args)), untimed(await rolecallProcess(ofAlike, args)))
  })

test('lists of commands are broken by the screen alone', async () => {
  for (const command of ['list', 'lab']) {
    const { out } = await rolecall(project, [command, '--help'], { COLUMNS: '80' })
    // A word that would have fitted behind a line was put on the next one by hand.
    const lines = out.split('\n')
    const short = lines.filter((line, at) => {
      const [next = ''] = /\S+/.exec(lines[at + 1] ?? '') ?? []
      const isMore = /^ {20,}\S/.test(line) && /^ {20,}\S/.test(lines[at + 1] ?? '')
      return isMore && line.length + 1 + next.length <= 79
    })
    assert.equal(short, [])
  }
})

test('a run makes its own command alone, which is that of the whole command line', () => {
  const all = program().commands.map((command) => command.name())
  assert.ok(all.includes('apply') && all.length > 20)
  for (const name of all.filter((one) => one !== 'complete')) {
    const own = program(name).commands.map((command) => command.name())
    assert.equal(own, [name, 'complete'])
  }
  assert.equal(
    program('aply').commands.map((command) => command.name()),
    all,
    'a word that is no command gives the whole',
  )
})

const mistakes: readonly [args: readonly string[], said: RegExp][] = [
  [['constructor'], /unknown command 'constructor'\n {2}hint {6}rolecall --help/],
  [['chek', 'site'], /unknown command 'chek'\n {2}hint {6}did you mean check\?/],
  [['check', 'site', '--limt', 'x'], /unknown option '--limt'\n {2}hint {6}did you mean --limit\?/],
  [['check'], /missing required argument 'playbook'\n {2}hint {6}write rolecall check PLAYBOOK; here there is site$/m],
  [['test'], /missing required argument 'role'\n {2}hint {6}write rolecall test ROLE; here there is motd$/m],
  [
    ['explain', 'motd.text'],
    /hint {6}write rolecall explain VARIABLE HOST \[PLAYBOOK\]; rolecall list hosts shows the names/,
  ],
  [
    ['completion'],
    /missing required argument 'shell'\n {2}hint {6}write rolecall completion SHELL, with one of bash, zsh, fish$/m,
  ],
  [['run', '-l', 'here'], /missing required argument 'command'\n {2}hint {6}write rolecall run COMMAND\.\.\./],
  [
    ['test', 'motd'],
    /lab default is not up\n {2}hint {6}rolecall lab up; -i INVENTORY -l HOST tests on hosts of your own/,
  ],
  [['check', 'site', '--concurrency', '0'], /must be a whole number, 1 or more/],
  [['check', 'sit'], /there is no playbook "sit"[^]*did you mean site\?/],
  [['apply', 'site', '--role', 'mtd'], /playbook site has no role "mtd"[^]*did you mean "motd"\?/],
  [['apply', 'site', '--start-at', 'mtd'], /playbook site has no role "mtd"[^]*did you mean "motd"\?/],
  [['apply', 'site', '--start-at-task', 'motd'], /use --start-at ROLE/],
  [['explain', 'motd.txt', 'here'], /role motd has no variable "txt"[^]*did you mean "text"\?/],
  [['explain', 'motd.text', 'her'], /no host "her"[^]*did you mean "here"\?/],
  [
    ['explain', 'text', 'here'],
    /no variable "text" is set, and no role reads one[^]*hint +variables of roles have the role's name before them: rolecall explain motd\.text here/,
  ],
  [['completion', 'ksh'], /Allowed choices are bash, zsh, fish/],
  [['plan', 'site'], /unknown command 'site'\n {2}hint {6}rolecall check PLAYBOOK shows what apply would change/],
  [['site.yml'], /unknown command 'site\.yml'\n {2}hint {6}playbooks are TypeScript: rolecall apply PLAYBOOK/],
  [['inventory.py', 'deploy.py'], /unknown command 'inventory\.py'\n {2}hint {6}playbooks are TypeScript/],
  [['playbooks/site.ts'], /hint {6}rolecall apply PLAYBOOK runs a playbook/],
  [['exec', 'uptime'], /unknown command 'exec'\n {2}hint {6}rolecall run/],
  [
    ['site'],
    /hint {6}site is a playbook: rolecall check site shows what it would change, rolecall apply site makes the changes/,
  ],
  [['--chek', 'site'], /unknown option '--chek'\n {2}hint {6}rolecall check PLAYBOOK shows what apply would change/],
  [['apply', 'site', '--chek'], /unknown option '--chek'\n {2}hint {6}rolecall check PLAYBOOK shows/],
  [['check', 'site', '--dry-rnu'], /hint {6}rolecall check PLAYBOOK shows what apply would change/],
  [['check', 'site', '--verfy'], /hint {6}verify is a command: rolecall verify --help/],
  [['--apply', 'site'], /hint {6}apply is a command: rolecall apply --help/],
  [['apply', 'site', '-b'], /hint {6}set it in the inventory: ansible_become: true/],
  [['apply', 'site', '--tags', 'web'], /playbook site has no tag "web"[^]*hint/],
  [['help', 'chek'], /unknown command 'chek'\n {2}hint {6}did you mean check\?/],
  [['history', 'hre'], /no run here changed "hre", and the inventory has no such host[^]*did you mean "here"\?/],
  [['history', 'here', '--since', 'tomorrow'], /--since tomorrow is not a time[^]*hint +write --since yesterday/],
  [
    ['history', 'here', '--since', '2099-01-01'],
    /--since 2099-01-01 is in the future[^]*hint +it is \d{4}-\d\d-\d\d here/,
  ],
  [['history', 'here', '--since', 'yesteday'], /--since yesteday is not a time[^]*did you mean "yesterday"\?/],
  [['check', 'site', '-l', 'hre'], /--limit {2}the pattern "hre" matches no host[^]*did you mean here\?/],
  [['run', 'true', '-l', 'hre'], /^--limit {2}the pattern "hre" matches no host/],
  [['facts', 'hre'], /^HOST {2}the pattern "hre" matches no host[^]*did you mean here\?/],
  [['ping', 'hre'], /^HOST {2}the pattern "hre" matches no host/],
  [['ssh', 'hre'], /^HOST {2}the pattern "hre" matches no host/],
  [['copy', 'hre:/etc/x', '.'], /^hre:\/etc\/x {2}the pattern "hre" matches no host/],
  [['frobnicate'], /unknown command 'frobnicate'\n {2}hint {6}rolecall --help/],
  [['apply', 'site', '--dry-run'], /unknown option '--dry-run'\n {2}hint {6}rolecall check PLAYBOOK/],
  [['apply', 'site', '-K'], /there is no terminal to ask for \"BECOME password\"/],
  [['apply', 'site', '--extra-vars=x=1'], /hint {6}use -e ROLE\.VARIABLE=VALUE/],
  // What people of other tools type.
  [['lab', 'list'], /unknown command 'list'\n {2}hint {6}rolecall lab status shows the state of each host/],
  [['lab', 'destroy'], /unknown command 'destroy'\n {2}hint {6}rolecall lab down removes the hosts/],
  [['lab', 'constructor'], /unknown command 'constructor'\n {2}hint {6}rolecall lab --help/],
  [['vault', 'show', 'f.yml'], /unknown command 'show'\n {2}hint {6}rolecall vault view FILE shows its content/],
  [['list', 'tasks'], /unknown command 'tasks'\n {2}hint {6}rolecall list units PLAYBOOK/],
  [['list', 'host'], /unknown command 'host'\n {2}hint {6}did you mean hosts\?/],
  [['state', 'list'], /unknown command 'state'\n {2}hint {6}there is no state file/],
  [['destroy'], /hint {6}there is no undo: give resources state: absent/],
  [['import', 'web', 'node-01'], /hint {6}there is no state file to import into/],
  [['fmt'], /hint {6}roles are TypeScript: npx prettier --write/],
  [['validate'], /hint {6}rolecall check PLAYBOOK checks types, variables and the inventory/],
  [['output'], /hint {6}rolecall runs show RUN shows the output of steps/],
  [['apply', 'site', '-var', 'x=1'], /unknown option '-var'\n {2}hint {6}use -e ROLE\.VARIABLE=VALUE/],
  [['apply', 'site', '-auto-approve'], /unknown option '-auto-approve'\n {2}hint {6}use --yes/],
  [['apply', 'site', '-destroy'], /unknown option '-destroy'\n {2}hint {6}there is no undo/],
  [['check', 'site', '-no-color'], /hint {6}NO_COLOR=1 in the environment/],
  [['check', 'site', '--refresh-only'], /hint {6}rolecall drift PLAYBOOK lists the differences/],
  [['all', '-m', 'ping'], /unknown command 'all'\n {2}hint {6}rolecall ping shows which hosts can be reached/],
  [['run', '-m', 'shell', '-a', 'uptime', 'web'], /hint {6}there are no modules on the command line: rolecall run/],
  [['apply', 'site', '-t', 'web'], /hint {6}use --tags TAGS/],
  [['apply', 'site', '--forks=10'], /hint {6}use --concurrency NUMBER/],
  [['apply', 'site', '--list-hosts'], /hint {6}rolecall list hosts/],
  [['apply', 'site', '--syntax-check'], /hint {6}rolecall check PLAYBOOK checks types/],
  [['apply', 'site', '--step'], /hint {6}rolecall check PLAYBOOK --diff/],
  [['apply', 'site', '--force-handlers'], /hint {6}there are no handlers: restartedAfter/],
  [['--limit', 'here', 'apply', 'site'], /hint {6}options come after the command: rolecall apply \.\.\. --limit/],
  [['-i', 'inventory', 'site'], /hint {6}options come after the command: rolecall apply PLAYBOOK -i/],
  [['-v'], /hint {6}rolecall --version prints the version/],
  [['*', 'test.ping'], /unknown command '\*'\n {2}hint {6}rolecall ping/],
  [['highstate'], /hint {6}rolecall apply PLAYBOOK runs a playbook/],
  [['check', 'site', '--why-run'], /hint {6}rolecall check PLAYBOOK shows what apply would change/],
  [['facter'], /hint {6}rolecall facts HOST/],
  [['cap', 'production', 'deploy'], /hint {6}rolecall apply PLAYBOOK runs a playbook/],
  [['deploy:rollback'], /hint {6}there is no undo: check out the previous commit/],
  [['check', 'site', '-E', 'production'], /hint {6}use an inventory for each environment: -i/],
  // A variable of the shell that is not set.
  [
    ['apply', 'site', '-l', ''],
    /'-l, --limit <pattern>' argument '' is invalid\. Expected a host, got an empty value\./,
  ],
  [['apply', 'site', '--tags', ''], /'--tags <tags>' argument '' is invalid\. Expected a tag, got an empty value\./],
  [['run', '', '-l', 'here'], /the command is empty[^]*hint/],
  // What says how a plan is applied or saved is no promise of a playbook.
  [['apply', 'site', '--all-or-nothing'], /--all-or-nothing is an option for saved plans[^]*hint {6}rolecall check/],
  [['apply', 'site', '--allow-unknown'], /--allow-unknown is an option for saved plans/],
  [['check', 'site', '--expires', '7d'], /--expires limits how long a saved plan is valid[^]*--out FILE\.plan/],
  [['plan', 'show', 'x.plan', '--markdown', '--html'], /cannot be used with option/],
  [['apply', 'site.yml'], /there is no playbook "site\.yml"[^]*did you mean site\?/],
  [
    ['apply', 'inventory/hosts.yml'],
    /inventory\/hosts\.yml is not a playbook\n {2}expected {2}a file that ends with \.ts/,
  ],
  [['apply', 'site', '--junit', 'x.xml'], /hint {6}rolecall report --junit FILE writes it after a run/],
  [['facts', '-l', 'here'], /unknown option '-l'\n {2}hint {6}the host is an argument here: rolecall facts HOST/],
  [['ping', '--limit=here'], /hint {6}the host is an argument here: rolecall ping HOST/],
  [['runs', '9c41'], /too many arguments[^]*hint {6}rolecall runs show RUN shows the details of a run/],
  [['check', 'site', 'here'], /too many arguments[^]*hint {6}hosts follow -l: rolecall check site -l here/],
  [['apply', '-v', 'site', '-e', 'motd.text=x', 'here'], /hint {6}hosts follow -l: rolecall apply site -l here/],
  [['check', 'site', 'site'], /hint {6}one playbook at a time: rolecall check site, then site/],
  [['apply', 'site', 'motd.text=x'], /hint {6}variables follow -e: -e motd\.text=x/],
  [['apply', 'plan', 'site.plan'], /hint {6}a saved plan takes the place of the playbook: rolecall apply site\.plan/],
  [['apply', '--plan', 'site.plan'], /hint {6}a saved plan takes the place of the playbook: rolecall apply FILE\.plan/],
  [['ping', 'here', 'there'], /hint {6}several hosts are one word: rolecall ping here,there/],
  [['check', 'site', '--format', 'json'], /unknown option '--format'\n {2}hint {6}use --json/],
  // A hint names no option that the command does not have.
  [['completion', 'bash', '--format'], /unknown option '--format'\n {2}hint {6}rolecall completion --help/],
  [['doctor', '-D'], /unknown option '-D'\n {2}hint {6}rolecall doctor --help/],
  [['lab', 'plan'], /unknown command 'plan'\n {2}hint {6}rolecall lab --help/],
  [['lab', 'sttus'], /unknown command 'sttus'\n {2}hint {6}did you mean status\?/],
]
for (const [args, said] of mistakes) {
  test(`rolecall ${args.join(' ')}: exit code 1, and what to do`, async () => {
    const { code, out, err } = await rolecall(project, args)
    assert.is(code, 1)
    assert.is(out, '')
    assert.match(err, said)
    assert.not.match(err, /^\s+at /m)
  })
}

for (const args of [
  ['explain', 'motd.text', 'here', '--json'],
  ['runs', 'prune', '--json'],
  ['list', 'groups', '--tree', '--json'],
  ['list', 'hosts', '--json', '--tree'],
])
  test(`rolecall ${args.join(' ')}: --json is refused where it has no effect, and standard output is JSON`, async () => {
    const { code, out } = await rolecall(project, args)
    assert.is(code, 1)
    const { problem } = JSON.parse(out) as { problem: { message: string; hint: string } }
    assert.match(
      `${problem.message} ${problem.hint}`,
      /--json is an option of other commands: rolecall|cannot be used with/,
    )
  })

test('help fits 80 columns, and shows no internal values', async () => {
  for (const command of [[], ['apply'], ['check'], ['resume'], ['explain'], ['lab'], ['lab', 'save']]) {
    const { out } = await rolecall(project, [...command, '--help'])
    assert.not.match(out, 'preset')
    for (const line of out.split('\n').filter((each) => !each.startsWith('  rolecall ')))
      assert.ok(line.length <= 80, line)
  }
})

test('without a command it shows the help, and ends with 1', async () => {
  const { code, err } = await rolecall(project, [])
  assert.is(code, 1)
  assert.match(err, 'Usage: rolecall')
})

test('list says what there is', async () => {
  assert.is((await rolecall(project, ['list', 'hosts'])).out, 'HOST  ADDRESS  GROUPS\nhere  (local)  ungrouped\n')
  assert.is(
    (await rolecall(project, ['list', 'roles', 'site'])).out,
    'ROLE  TAGS  ABOUT\nmotd        a word of welcome\n',
  )
  assert.equal(JSON.parse((await rolecall(project, ['list', 'units', 'site', '--json'])).out), [
    { play: 'all', host: 'here', role: 'motd' },
  ])
  assert.match((await rolecall(project, ['list', 'groups'])).out, /^GROUP +HOSTS\nall +here$/m)
})

test('explain names the winner and every level with its place', async () => {
  const { code, out } = await rolecall(project, ['explain', 'motd.text', 'here', '-e', 'motd.text=now'])
  assert.is(code, 0)
  assert.is(
    out,
    `motd.text on here is "now"

  *  -e            "now"      -e motd.text=...
     group all     "hello"    inventory/group_vars/all.yml:2:9
     role default  "welcome"  roles/motd.ts:6
`,
  )
})

test('explain masks what may be a secret', async () => {
  const { out } = await rolecall(project, [
    'explain',
    'ansible_become_password',
    'here',
    '-e',
    'ansible_become_password=hunter22',
  ])
  assert.match(out, '***')
  assert.not.match(out, 'hunter22')
})

test('runs lists what there was', async () => {
  await rolecall(project, ['check', 'site'])
  const { out } = await rolecall(project, ['runs'])
  assert.match(out, /check site {2}1 host {2}done in .*: 1\s+would\s+change/)
})

test('a reader that closes the pipe early causes no error', () => {
  const bin = resolve(import.meta.dirname, '../../bin/rolecall.js')
  const script = `set -o pipefail; ${process.execPath} ${bin} --help | true; ${process.execPath} ${bin} list hosts -i ${join(project, 'inventory')} | head -n 0`
  assert.is(execFileSync('bash', ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }), '')
})

test.run()
