import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { homeDirectory } from '../../machine/account.ts'
import { RolecallError, type Problem } from '../../errors.ts'
import type { RunEvent } from '../../events.ts'
import { paintFor } from '../../report/text/paint.ts'
import { counted } from '../../report/text/words.ts'
import { placeText } from '../../report/problem.ts'
import type { RunView } from '../../report/report.ts'
import { playbookNames } from '../../playbook/load/find.ts'
import { JOURNALS } from '../../runner/journal/journal-directory.ts'
import { environmentProblem } from '../environment.ts'
import { EXIT } from '../exit-codes.ts'
import { print, printJson } from '../print.ts'
import { performOnHosts } from '../by-hand/perform.ts'
import type { RunFlags } from '../run-options.ts'

/** The result of one check. */
export interface Finding {
  readonly what: string
  readonly ok: boolean
  readonly found: string
  /** What to do about it. */
  readonly cure?: string
}

/** `rolecall doctor`: checks this machine, the project and the hosts, and prints a line for each, with a fix. */
export async function doctor(limit: string | undefined, flags: RunFlags): Promise<void> {
  const hosts = await aboutHosts(limit ?? 'all', flags)
  // No key is missing if no host is reached with one.
  const needsKeys = hosts.length === 0 || hosts.some(({ ok }) => !ok)
  const findings = [...(await aboutThisMachine(needsKeys)), ...aboutProject(), ...hosts]
  const isWell = findings.every(({ ok }) => ok)
  process.exitCode = isWell ? EXIT.done : EXIT.request
  if (flags.json === true) return printJson(findings)
  const paint = paintFor('stdout')
  const width = Math.max(...findings.map(({ what }) => what.length))
  const lines = findings.map(({ what, ok, found, cure }) => {
    const mark = ok ? paint.ok('ok  ') : paint.failed('cure')
    return `${mark}  ${what.padEnd(width)}  ${found}${cure === undefined ? '' : `: ${cure}`}`
  })
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
  const bad = findings.filter(({ ok }) => !ok).length
  print(['', isWell ? 'No problems.' : `${counted(bad, 'problem')}.`])
}

async function aboutThisMachine(needsKeys: boolean): Promise<Finding[]> {
  const version = process.versions.node
  return [
    { what: 'Node', ok: true, found: version },
    { what: 'Rolecall', ok: true, found: process.env['ROLECALL_VERSION'] ?? 'development' },
    await sshFinding(needsKeys),
    await agentFinding(needsKeys),
    ...keyFindings(),
    knownHostsFinding(),
  ]
}

async function sshFinding(isNeeded: boolean): Promise<Finding> {
  const what = 'ssh'
  const said = await output('ssh', ['-V'])
  if (said === undefined)
    return {
      what,
      ok: false,
      found: 'is not in PATH',
      cure: 'install it (Debian: openssh-client, Red Hat: openssh-clients)',
    }
  const found = said.trim().split('\n', 1)[0] ?? ''
  // ssh refuses to work for a user id without an account, as in some containers.
  if (!/^No user exists/.test(found)) return { what, ok: true, found }
  return isNeeded
    ? {
        what,
        ok: false,
        found,
        cure: 'add an account with this id to /etc/passwd, for hosts that are reached by the program ssh',
      }
    : { what, ok: true, found: `${found}; each host is reached without it` }
}

async function agentFinding(needsKeys: boolean): Promise<Finding> {
  const what = 'ssh-agent'
  const cure = 'eval "$(ssh-agent)" && ssh-add'
  const lacking = (found: string, next: string): Finding =>
    needsKeys
      ? { what, ok: false, found, cure: next }
      : { what, ok: true, found: `${found}; each host is reached without one` }
  if ((process.env['SSH_AUTH_SOCK'] ?? '') === '')
    return keyFiles().length > 0
      ? { what, ok: true, found: 'not running; keys are read from their files' }
      : lacking('not running, and there is no key file', `ssh-keygen -t ed25519, then ${cure}`)
  const listed = await output('ssh-add', ['-l'])
  const keys = (listed ?? '').split('\n').filter((line) => /^\d+ /.test(line)).length
  if (keys > 0) return { what, ok: true, found: `holds ${counted(keys, 'key')}` }
  return keyFiles().length > 0
    ? { what, ok: true, found: 'holds no key; keys are read from their files' }
    : lacking('holds no key, and there is no key file', 'ssh-keygen -t ed25519, then ssh-add')
}

function keyFiles(): string[] {
  try {
    const directory = join(homeDirectory(), '.ssh')
    return (
      readdirSync(directory)
        .filter((name) => name.startsWith('id_') && !name.endsWith('.pub'))
        .map((name) => join(directory, name))
        // A link may lead nowhere.
        .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    )
  } catch {
    return []
  }
}

function keyFindings(): Finding[] {
  return keyFiles().flatMap((file) => {
    const mode = statSync(file).mode & 0o077
    return mode === 0
      ? []
      : [
          {
            what: 'key',
            ok: false,
            found: `${file} is not used, because other accounts can read it`,
            cure: `chmod 600 ${file}`,
          },
        ]
  })
}

function knownHostsFinding(): Finding {
  const file = join(homeDirectory(), '.ssh/known_hosts')
  const found = statSync(file, { throwIfNoEntry: false })
  const what = 'known_hosts'
  return found === undefined || found.size === 0
    ? { what, ok: true, found: 'empty: the first run with --accept-new-host-keys adds keys' }
    : { what, ok: true, found: file }
}

function aboutProject(): Finding[] {
  const what = 'project'
  const names = playbookNames(process.cwd())
  return names.length === 0
    ? [
        {
          what,
          ok: false,
          found: 'no playbooks/ here',
          cure: 'rolecall init DIRECTORY creates a project; or change to the directory of one',
        },
      ]
    : [{ what, ok: true, found: counted(names.length, 'playbook') }, ...journalFindings()]
}

/** Whether journals can be written. Without a journal no run begins. */
function journalFindings(): Finding[] {
  try {
    const nearest = [JOURNALS, dirname(JOURNALS), '.'].find((path) => existsSync(path)) ?? '.'
    // The final slash causes an error if a file has this name.
    accessSync(`${nearest}/`, constants.W_OK)
    return []
  } catch (error) {
    const problem = environmentProblem(error)
    const { message = `${JOURNALS} cannot be written`, hint = 'give this user write access' } = problem ?? {}
    return [{ what: 'journal', ok: false, found: message, cure: hint }]
  }
}

/** Connects to the hosts: whether connection, login and, if the inventory says so, becoming root succeed. */
async function aboutHosts(limit: string, flags: RunFlags): Promise<Finding[]> {
  const findings = new Map<string, Finding>()
  const problems: Problem[] = []
  const view: RunView = {
    tell: (event: RunEvent) => {
      if (event.type === 'problem') problems.push(event.problem)
    },
    say: () => undefined,
    end: () => undefined,
  }
  try {
    const work = {
      command: 'doctor',
      resource: 'doctor',
      summary: 'look at the host',
      locksHost: false,
      perform: (host: Parameters<Parameters<typeof performOnHosts>[0]['work']['perform']>[0]) => {
        const { facts, become } = host
        const isRoot = facts.uid === 0
        const found = `${facts.os.name}, ${isRoot ? 'root' : `uid ${facts.uid}`}${become === undefined ? '' : ` by ${become.method ?? 'sudo'}`}`
        findings.set(host.name, { what: host.name, ok: true, found })
        return Promise.resolve({ type: 'ok' as const })
      },
    }
    await performOnHosts({ work, limit, view, isKept: false }, { ...flags, json: false })
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    return error.problems.map(({ message, hint, place }) => ({
      what: 'inventory',
      ok: false,
      // The message already has the place if it is the whole inventory.
      found: `${place === undefined || (place.line === undefined && message.includes(place.file)) ? '' : `${placeText(place)} `}${message}`,
      ...(hint === undefined ? {} : { cure: hint }),
    }))
  }
  for (const { host = 'hosts', message, hint } of problems)
    findings.set(host, { what: host, ok: false, found: message, ...(hint === undefined ? {} : { cure: hint }) })
  return [...findings.values()]
}

function output(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((done) => {
    execFile(program, args, { timeout: 5000 }, (error, stdout, stderr) => {
      const isMissing = error !== null && 'code' in error && error.code === 'ENOENT'
      done(isMissing ? undefined : `${stdout}${stderr}`)
    })
  })
}
