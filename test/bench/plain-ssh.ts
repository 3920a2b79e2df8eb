import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender } from './contest.ts'
import type { Ran } from './sample.ts'

/** A host that the `ssh` program can log in to. */
export interface SshTarget {
  readonly address: string
  readonly port?: number
  readonly user: string
  readonly privateKey: string
  readonly knownHosts: string
}

/** Key exchanges of OpenSSH: its default is safe from quantum computers too, and costs the client several times more. */
export const EXCHANGES = {
  'ssh script': [],
  'ssh script, curve25519': ['-o', 'KexAlgorithms=curve25519-sha256'],
} as const

/** The limit: one hand-written script per host, by the `ssh` program, all hosts at once. */
export function sshScripts(targets: readonly SshTarget[], script: string): Contender[] {
  return Object.entries(EXCHANGES).map(([name, options]) => ({
    name,
    command: { argv: ['/bin/sh', '-c', everywhere(targets, options), 'sh', script] },
  }))
}

/** The same for the cluster: keys are made here first, and go to each host with the script. */
export function clusterScript(targets: readonly SshTarget[], { mirror, hosts }: SiteOfScript): Contender {
  const [keys, script] = ['cluster-keys.sh', 'cluster.sh'].map((name) =>
    readFileSync(join(import.meta.dirname, 'limit', name), 'utf8'),
  )
  const told = `hosts='${pairsOf(hosts)}'`
  const releases = `mirror=${mirror} kubernetes=1.20.2 etcd=3.4.23`
  const send = `pki=$(${told} /bin/sh -c "$2") || exit
set -- "pki=$pki
$1"
${everywhere(targets, EXCHANGES['ssh script, curve25519'])}`
  const whole = `${told} ${releases}\n{\n${script ?? ''}\n} </dev/null`
  return { name: 'ssh script', command: { argv: ['/bin/sh', '-c', send, 'sh', whole, keys ?? ''] } }
}

/** What the script by hand is told of a lab: its own first words. */
export interface SiteOfScript {
  readonly dns: string
  readonly mirror: string
  readonly hosts: readonly { readonly name: string; readonly address: string }[]
}

export function siteScript({ dns, mirror, hosts }: SiteOfScript): string {
  const script = readFileSync(join(import.meta.dirname, 'limit/site.sh'), 'utf8')
  // It is read to its end first: nothing in it can take a part of it for its own input.
  return `dns=${dns} hosts='${pairsOf(hosts)}' mirror=${mirror}\n{\n${script}\n} </dev/null`
}

function pairsOf(hosts: SiteOfScript['hosts']): string {
  return hosts.map(({ name, address }) => `${name}=${address}`).join(' ')
}

/** Throws when a script by hand has changed something where nothing was to be done. */
export function scriptIsIdle({ said }: Ran): void {
  const changed = said.split('\n').filter((line) => line.startsWith('changed: ') && line !== 'changed: nothing')
  if (changed.length > 0) throw new Error(`the script by hand had something to do:\n${changed.join('\n')}`)
}

/** Shell text that sends `$1` to each target, waits for all, and fails when one did. */
function everywhere(targets: readonly SshTarget[], options: readonly string[]): string {
  const each = targets.map((target) => {
    const words = ['ssh', ...sshOptions(target), ...options, `${target.user}@${target.address}`]
    const become = target.user === 'root' ? '/bin/sh -s' : 'sudo /bin/sh -s'
    return `printf '%s\\n' "$1" | ${words.map(quoted).join(' ')} ${quoted(become)} & all="$all $!"`
  })
  return `all=; ${each.join('\n')}\nfor one in $all; do wait "$one" || exit 1; done`
}

export function sshOptions({ port = 22, privateKey, knownHosts }: SshTarget): string[] {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
  ]
  return ['-F', 'none', '-p', String(port), '-i', privateKey, ...options.flatMap((option) => ['-o', option])]
}

export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
