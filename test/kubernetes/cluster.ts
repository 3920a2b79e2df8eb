import { execFile, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { sshArguments, up, type Lab } from '../../lib/lab/lab.ts'
import { pointAtMirror } from '../support/mirror.ts'
import { patientInventory } from '../support/patient.ts'

const execute = promisify(execFile)
const repository = resolve(import.meta.dirname, '../..')

/** The lab that the cluster stands on: one of its own, unless ROLECALL_TEST_LAB names another. */
export const request = { project: repository, name: process.env['ROLECALL_TEST_LAB'] ?? 'kubernetes' }

/** What its hosts download. */
export const artifacts = ['images', 'containerRuntime', 'kubernetes']

let lab: Lab | undefined

const site = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-kubernetes-')))
process.on('exit', () => rmSync(site, { recursive: true, force: true }))

/** The site's inventory, of the lab's own hosts. Written by `setUp`. */
export const inventory = join(site, 'inventory')

/** Boots the five hosts, with what they download, and sets the cluster up. A cluster that is there is left alone. */
export async function setUp(): Promise<void> {
  await boot()
  await apply('kubernetes')
}

/** Boots the hosts alone. */
export async function boot(more: { readonly family?: string } = {}): Promise<void> {
  const found = await up({ ...request, artifacts, ...more }, ({ node = '', detail }) =>
    process.stdout.write(`  ${node} ${detail}\n`),
  )
  lab = found
  cpSync(join(repository, 'inventory'), inventory, { recursive: true })
  writeFileSync(join(inventory, 'hosts.yml'), patientInventory(found))
  pointAtMirror(site, found)
}

/** Applies a playbook, and shows what it says. */
export async function apply(playbook: string, ...more: readonly string[]): Promise<void> {
  const args = [join(repository, 'bin/rolecall.js'), 'apply', playbook, '-i', inventory, ...more]
  const code = await new Promise((done) => {
    spawn(process.execPath, args, { cwd: repository, stdio: 'inherit' }).once('close', done)
  })
  if (code !== 0) throw new Error(`rolecall apply ${playbook} ended with ${String(code)}`)
}

/** Runs a command line as root on a host, and gives what it prints. Fails with what it said. */
export async function on(node: string, command: string, input = ''): Promise<string> {
  if (lab === undefined) throw new Error('the cluster is not set up')
  const running = execute('ssh', [...sshArguments(lab, node), 'sudo', 'sh', '-c', quote(command)])
  running.child.stdin?.end(input)
  const { stdout } = await running
  return stdout.trim()
}

/** Where the lab's mirror is. */
export function gateway(): string {
  if (lab === undefined) throw new Error('the cluster is not set up')
  return lab.gateway
}

/** The address of a host of the cluster. */
export function addressOf(name: string): string {
  const found = lab?.nodes.find((node) => node.name === name)
  if (found === undefined) throw new Error(`the cluster has no host ${name}`)
  return found.address
}

/** kubectl on the first host of the control plane, in the namespace of these tests. */
export async function kubectl(command: string, node = 'node-02'): Promise<string> {
  return await on(node, `kubectl --request-timeout=60s -n chapters ${command}`)
}

/** The last of the times that the API server names for something that became ready, in milliseconds. */
export async function lastReady(what: string, node = 'node-01'): Promise<number> {
  const times = await on(
    node,
    `kubectl get ${what} -o jsonpath='{.items[*].status.conditions[?(@.type=="Ready")].lastTransitionTime}'`,
  )
  return Math.max(...times.split(' ').map((time) => Date.parse(time)))
}

/** Applies objects. */
export async function applied(...objects: readonly object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  await on('node-02', `printf %s ${quote(list)} | kubectl -n chapters apply -f -`)
}

/**
 * Asks until the answer is as wanted. What fails to answer is asked again.
 *
 * @param limit seconds: far more than it takes, for a machine that much else is using
 * @returns how many seconds it took
 */
export async function until(
  what: string,
  ask: () => Promise<string>,
  isWanted: (answer: string) => boolean,
  limit = 900,
): Promise<number> {
  const started = Date.now()
  for (;;) {
    const answer = await ask().catch((error: unknown) => `no answer: ${String(error)}`)
    const took = Math.round((Date.now() - started) / 100) / 10
    if (isWanted(answer)) {
      process.stdout.write(`  ${what}: ${took} s\n`)
      return took
    }
    if (took > limit) throw new Error(`${what}: not within ${limit} s, the last answer was ${answer}`)
    await sleep(500)
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
