import { MASK } from '../secret.ts'
import { sh } from '../sh/quote.ts'
import { kind, type Refused, type Resource, type Step } from './kind.ts'
import { shown } from './shown.ts'
import { wrong } from './wrong.ts'

export interface SysctlWant {
  readonly key: string
  /** Below /proc/sys. */
  readonly path: string
  readonly value: string
  /** Where the value is kept for the next boot. */
  readonly file: string
}

interface SysctlHave {
  /** Undefined when the kernel has no such parameter. */
  readonly live: string | undefined
  readonly kept: string | undefined
  readonly readOnly: boolean
  /** A command or a package that is still to come may bring the parameter, with a kernel module. */
  readonly mayCome?: boolean
}

/**
 * A kernel parameter, at once and after the next boot: written below /proc/sys, and kept in /etc/sysctl.d/90-rolecall-KEY.conf.
 *
 * `key` has dots, or slashes where a part has dots of its own (`net/ipv4/conf/eth0.100/forwarding`), as sysctl.d(5) has it.
 * Spaces and tabs within a value are the same. The value must read back as it was written (write 16, not 0x10).
 * A file that sorts later, such as 99-sysctl.conf, wins at boot.
 *
 * Refused: a parameter that the kernel does not have (its module is not loaded), unless a pending command or package may
 * bring it; a value that differs where /proc/sys is read-only, as in most containers.
 *
 * @example
 * sysctl('net.ipv4.ip_forward', 1)
 * sysctl('net.ipv4.ip_local_port_range', '10000 65000')
 *
 * Source: sysctl.d(5), proc(5), sysctl(8).
 */
export function sysctl(key: string, value: string | number): Resource<SysctlWant> {
  if (typeof key !== 'string' || !/^[\w-][\w./:@+-]*[\w-]$/.test(key) || /\.\.|\/\/|\/\.\//.test(key))
    throw wrong('sysctl key', 'like net.ipv4.ip_forward', shown(key))
  const isValue = typeof value === 'string' ? !value.includes(MASK) : Number.isFinite(value)
  if (!isValue) throw wrong(`value of sysctl ${key}`, 'a text or a number', shown(value))
  const text = normal(String(value))
  if (text === '' || /[\p{Cc}]/u.test(text))
    throw wrong(`value of sysctl ${key}`, 'one line that is not empty', JSON.stringify(value))
  const path = swapped(key)
  return make(key, { key, path, value: text, file: `/etc/sysctl.d/90-rolecall-${path.replaceAll('/', '-')}.conf` })
}

/** When the first separator is a dot, dots and slashes change places (sysctl.d(5)). */
function swapped(key: string): string {
  const first = /[./]/.exec(key)?.[0]
  return first === '.' ? key.replaceAll(/[./]/g, (sign) => (sign === '.' ? '/' : '.')) : key
}

const make = kind<SysctlWant, SysctlHave>({
  name: 'sysctl',
  claims: ({ path, value }) => [[`sysctl ${path}`, value]],
  probe: ({ path, file }) => sh`p=${`/proc/sys/${path}`}
[ -e "$p" ] && { echo '# live'; cat "$p"; }
[ -r ${file} ] && { echo '# kept'; cat ${file}; }
echo '# mounts'; grep -E '^[^ ]+ /proc(/sys[^ ]*)? ' /proc/self/mounts`,
  read({ key, path }, reply) {
    const sections = new Map<string, string[]>()
    let at: string[] = []
    for (const line of reply.lines) {
      if (/^# (live|kept|mounts)$/.test(line)) sections.set(line.slice(2), (at = []))
      else at.push(line)
    }
    const kept = sections.get('kept')?.findLast((line) => swapped(line.replace(/^-?\s*|\s*=.*$/g, '')) === swapped(key))
    const mounts = (sections.get('mounts') ?? []).map((line) => line.split(' '))
    const [mount] = mounts
      .filter(([, dir = '']) => `/proc/sys/${path}/`.startsWith(`${dir}/`))
      .toReversed()
      .toSorted(([, a = ''], [, b = '']) => b.length - a.length)
    const live = sections.get('live')
    return {
      live: live === undefined ? undefined : normal(live.join(' ')),
      kept: kept === undefined ? undefined : normal(kept.replace(/^[^=]*=/, '')),
      readOnly: mount?.[3]?.split(',').includes('ro') ?? false,
    }
  },
  plan({ key, path, value, file }, { live, kept, readOnly, mayCome }): Step[] | Refused {
    if (live === undefined && mayCome !== true) {
      return {
        refused: `the kernel has no parameter ${key}`,
        hint: 'load the module that brings it, such as br_netfilter, before it',
      }
    }
    if (live !== value && readOnly) {
      return {
        refused: `${key} is ${live ?? 'unset'} and cannot be changed here: /proc/sys is read-only`,
        hint: 'set it on the machine that this container runs on',
      }
    }
    const steps: Step[] = []
    // First the kernel, so that a value which it does not take is not kept either.
    if (live !== value) {
      steps.push({
        say: `set ${key} = ${value}${live === undefined ? '' : ` (was ${live})`}`,
        sh: sh`printf '%s\\n' ${value} >${`/proc/sys/${path}`}`,
      })
    }
    if (kept !== value) {
      steps.push({
        say: `keep ${key} = ${value} for the next boot${kept === undefined ? '' : ` (was ${kept})`}`,
        sh: sh`mkdir -p /etc/sysctl.d && t=${file.replace(/[^/]*$/, '.$&.new')} &&
printf '%s\\n' '# Kept by Rolecall.' ${`${key} = ${value}`} >"$t" && chmod 0644 "$t" && mv -f "$t" ${file}`,
      })
    }
    return steps
  },
  paths: ({ file }) => [file],
  effects: ({ key, value, file }) => [
    { about: 'path', path: file, state: { is: 'file', content: Buffer.from(`${key} = ${value}\n`) } },
  ],
  foresee({ file }, have, later) {
    const pending = later.path(file)
    if (pending?.from.startsWith('sysctl:') === true && pending.state.is === 'file') {
      const set = normal(
        Buffer.from(pending.state.content ?? [])
          .toString('utf8')
          .replace(/^[^=]*=/, ''),
      )
      return { ...have, live: set, kept: set }
    }
    return have.live !== undefined || later.opaque() === undefined ? have : { ...have, mayCome: true }
  },
})

function normal(value: string): string {
  return value.trim().replaceAll(/\s+/g, ' ')
}
