import { execFile } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { projectOf, write } from '../support/project.ts'
import { fakeHost, keys, type Behaviour } from './fake-host.ts'

/** What a run over a hostile host and an honest one came to. */
export interface Trial {
  /** The first problem of each host, and under `NAME end` how its role ended. */
  readonly said: Readonly<Record<string, string>>
  readonly cpuMs: number
  /** What the process grew by, at its largest. */
  readonly memoryMiB: number
  /** How long the run went on after it was told to end. */
  readonly abortedFor: number
}

const Answer: z.ZodType<Trial> = z.object({
  said: z.record(z.string(), z.string()),
  cpuMs: z.number(),
  memoryMiB: z.number(),
  abortedFor: z.number(),
})

/** Runs one small role over these hosts, in a process of its own. */
export async function tryHosts(
  behaviours: Readonly<Record<string, Behaviour>>,
  { mode = 'check', abortAfterMs = 0 }: { readonly mode?: string; readonly abortAfterMs?: number } = {},
): Promise<Trial> {
  const hosts = await Promise.all(
    Object.entries(behaviours).map(async ([name, behaviour]) => ({ name, host: await fakeHost(behaviour) })),
  )
  const project = projectOf({ key: keys.private })
  const options = `-o UserKnownHostsFile=${project}/known_hosts -o StrictHostKeyChecking=accept-new -o ConnectTimeout=4`
  const lines = hosts.map(({ name, host }) => `    ${name}: { ansible_port: ${host.port} }\n`)
  write(project, {
    'hosts.yml': `all:
  vars:
    ansible_host: 127.0.0.1
    ansible_user: anybody
    ansible_ssh_private_key_file: ${project}/key
    ansible_ssh_common_args: ${options}
  hosts:
${lines.join('')}`,
  })
  chmodSync(join(project, 'key'), 0o600)
  try {
    return Answer.parse(JSON.parse(await controller(project, join(project, 'hosts.yml'), mode, String(abortAfterMs))))
  } finally {
    for (const { host } of hosts) host.close()
  }
}

/** A machine on which much else is at work takes ten times as long as one that is idle. */
const LONGEST_MS = 900_000

const program = fileURLToPath(new URL('controller.ts', import.meta.url))

function controller(cwd: string, ...args: readonly string[]): Promise<string> {
  return new Promise((done, reject) => {
    const words = ['--import', import.meta.resolve('tsx'), program, ...args]
    execFile(
      process.execPath,
      words,
      { cwd, timeout: LONGEST_MS, env: { ...process.env, HOME: resolve(cwd) } },
      (error, out, err) => {
        if (error === null) done(out)
        else if (error.killed === true)
          reject(new Error(`the controller was ended after ${LONGEST_MS / 60_000} minutes`))
        else reject(new Error(`the controller ended with ${error.message}: ${err}`))
      },
    )
  })
}
