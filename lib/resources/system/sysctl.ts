import { MASK } from '../../secret.ts'
import { raw, sh, type Sh } from '../../sh/quote.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { refusedValue } from './sysctl-values.ts'
import { predictFiles, probeFiles, winner } from './sysctl-files.ts'
import { parseReadFiles, type ReadFile } from '../drop-ins/read-order.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { readSysctlAbsent, sysctlAbsent, type SysctlAbsent } from './sysctl-absent.ts'
import { flag } from '../kit/options/option-types.ts'
import { objectOptions } from '../kit/options/options.ts'

export interface SysctlOptions {
  /** Leave it out where the kernel has no such parameter. Default false: that is refused. */
  readonly whereKnown?: boolean
}

export interface SysctlWant {
  readonly key: string
  /** Below /proc/sys. */
  readonly path: string
  readonly value: string
  /** Where the value is kept for the next boot. */
  readonly file: string
  readonly whereKnown: boolean
}

interface SysctlHave {
  /** Undefined when the kernel has no such parameter. */
  readonly live: string | undefined
  readonly kept: string | undefined
  readonly readOnly: boolean
  /** It can only be written: nobody knows what it is. */
  readonly writeOnly: boolean
  /** The kernel lets nobody write it. */
  readonly fixed: boolean
  /** The kernel did not take the value, where that could be tried. */
  readonly notTaken: boolean
  /** What is read at boot. */
  readonly files: readonly ReadFile[]
  /** A command or a package that is still to come may bring the parameter, with a kernel module. */
  readonly mayCome?: boolean
}

/**
 * A kernel parameter, at once and after the next boot: written below /proc/sys, and kept in /etc/sysctl.d/90-rolecall-KEY.conf.
 *
 * `key` has dots, or slashes where a part has dots of its own (`net/ipv4/conf/eth0.100/forwarding`), as sysctl.d(5) has it. The dots of an
 * interface are known without that: `net.ipv4.conf.eth0.100.forwarding`.
 * Spaces and tabs within a value are the same. The value must read back as it was written (write 16, not 0x10).
 *
 * With `{ state: 'absent' }` the file in /etc/sysctl.d is removed. The value that the kernel has stays until the next boot: nobody knows what it was before.
 *
 * Refused: a parameter that the kernel does not have (its module is not loaded), unless `whereKnown`, or a pending command or package may
 * bring it; a value that differs where /proc/sys is read-only, as in most containers; a parameter that can only be written, or only be read;
 * a value that a file which comes later at boot sets otherwise (sysctl.d(5); /etc/sysctl.conf is the last); a value that is no number where the
 * kernel has one, and for `net.*` a value that the kernel does not take: that is tried in a network namespace of its own.
 *
 * @example
 * sysctl('net.ipv4.ip_forward', 1)
 * sysctl('net.ipv4.ip_local_port_range', '10000 65000')
 * sysctl('net.ipv6.conf.all.forwarding', 1, { whereKnown: true })
 * sysctl('vm.swappiness', { state: 'absent' })
 *
 * Source: sysctl.d(5), proc(5), sysctl(8).
 */
export function sysctl(key: string, value: string | number | SysctlAbsent, options: SysctlOptions = {}): Resource {
  const { whereKnown = false } = readOptions(`sysctl:${typeof key === 'string' ? key : '?'}`, options)
  if (typeof key !== 'string' || !/^[\w-][\w./:@+-]*[\w-]$/.test(key) || /\.\.|\/\/|\/\.\//.test(key))
    throw invalidOption('sysctl key', 'like net.ipv4.ip_forward', describeValue(key))
  const path = pathOf(key)
  const file = `/etc/sysctl.d/90-rolecall-${path.replaceAll('/', '-')}.conf`
  if (typeof value === 'object') {
    readSysctlAbsent(`sysctl ${key}`, value)
    return sysctlAbsent(key, { key, path, file })
  }
  const isValue = typeof value === 'string' ? !value.includes(MASK) : Number.isFinite(value)
  if (!isValue)
    throw invalidOption(`value of sysctl ${key}`, "a text, a number or { state: 'absent' }", describeValue(value))
  const text = normal(String(value))
  if (text === '' || /[\p{Cc}]/u.test(text))
    throw invalidOption(`value of sysctl ${key}`, 'one line that is not empty', JSON.stringify(value))
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw invalidOption(`value of sysctl ${key}`, 'a whole number, or a text', String(value))
  return make(key, { key, path, whereKnown, value: text, file })
}

/** When the first separator is a dot, dots and slashes change places (sysctl.d(5)). */
function swapped(key: string): string {
  const first = /[./]/.exec(key)?.[0]
  return first === '.' ? key.replaceAll(/[./]/g, (sign) => (sign === '.' ? '/' : '.')) : key
}

/** An interface may have dots in its name; below conf and neigh there is nothing but interfaces, and nothing below them but one part. */
function pathOf(key: string): string {
  const [, above, name = '', last] = /^(net\.\w+\.(?:conf|neigh))\.([^/]+)\.([^./]+)$/.exec(key) ?? []
  return above !== undefined && last !== undefined ? `${above.replaceAll('.', '/')}/${name}/${last}` : swapped(key)
}

/** As written in a file: with slashes where a part has dots. */
function keyOf({ key, path }: SysctlWant): string {
  return swapped(key) === path ? key : path
}

const readOptions = objectOptions<SysctlOptions>()(() => ({ whereKnown: flag().optional() }))

const make = kind<SysctlWant, SysctlHave>({
  name: 'sysctl',
  probe: ({ path, file, value }) => sh`p=${`/proc/sys/${path}`} s=
[ -e "$p" ] && { echo '# live'; s=$(cat "$p" 2>/dev/null); printf '%s\\n' "$s"
case $s in '') case $(stat -c %a -- "$p") in *[4567]??) ;; *) echo '# write-only';; esac;; esac
set -f; set -- $s; set +f
if [ "$*" != ${value} ]; then case $(stat -c %a -- "$p") in *[2367]??) ;; *) echo '# fixed';; esac
${path.startsWith('net/') ? tried(path, value) : raw(':')}; fi; }
[ -r ${file} ] && { echo '# kept'; cat ${file}; }
${probeFiles(path)}
echo '# mounts'; grep -E '^[^ ]+ /proc(/sys[^ ]*)? ' /proc/self/mounts`,
  read({ path }, reply) {
    const sections = new Map<string, string[]>()
    let at: string[] = []
    for (const line of reply.lines) {
      if (/^# (live|kept|mounts|files|write-only|fixed|not-taken)$/.test(line)) sections.set(line.slice(2), (at = []))
      else at.push(line)
    }
    const kept = sections.get('kept')?.findLast((line) => swapped(line.replace(/^-?\s*|\s*=.*$/g, '')) === path)
    const mounts = (sections.get('mounts') ?? []).map((line) => line.split(' '))
    const [mount] = mounts
      .filter(([, dir = '']) => `/proc/sys/${path}/`.startsWith(`${dir}/`))
      .toReversed()
      .toSorted(([, a = ''], [, b = '']) => b.length - a.length)
    const live = sections.get('live')
    return {
      live: live === undefined ? undefined : normal(live.join(' ')),
      kept: kept === undefined ? undefined : normal(kept.replace(/^[^=]*=/, '')),
      writeOnly: sections.has('write-only'),
      fixed: sections.has('fixed'),
      notTaken: sections.has('not-taken'),
      files: parseReadFiles(sections.get('files') ?? []),
      readOnly: mount?.[3]?.split(',').includes('ro') ?? false,
    }
  },
  plan(want, have): Step[] | Refused {
    const { key, path, value, file } = want
    const { live, kept, readOnly, mayCome } = have
    if (live === undefined && mayCome !== true) {
      if (want.whereKnown) return []
      const [, device] = /^net\/\w+\/(?:conf|neigh)\/([^/]+)\//.exec(path) ?? []
      const hint =
        device === undefined
          ? 'load the module that brings it, such as br_netfilter, before this resource'
          : `make the network interface ${device} before this resource`
      return { refused: `the kernel has no parameter ${key}`, hint }
    }
    if (live !== value && readOnly) {
      return {
        refused: `${key} is ${live ?? 'unset'} and cannot be changed here: /proc/sys is read-only`,
        hint: 'set it on the machine that this container runs on',
      }
    }
    const objection = live === undefined ? undefined : refusedValue(want, live, have)
    if (objection !== undefined) return objection
    const other = winner(have.files, file, (each) => swapped(each) === path)
    if (other !== undefined && normal(other.value) !== value)
      return {
        refused: `${key} would be ${normal(other.value)} after the next boot: ${other.path} sets it in line ${other.number}, and comes later than ${file}`,
        hint: `remove line ${other.number} there, or give it the same value`,
      }
    const steps: Step[] = []
    // First the kernel, so that a value which it does not take is not kept either.
    if (live !== value) {
      steps.push({
        summary: `set ${key} = ${value}${live === undefined ? '' : ` (was ${live})`}`,
        sh: sh`printf '%s\\n' ${value} >${`/proc/sys/${path}`}`,
      })
    }
    if (kept !== value) {
      steps.push({
        summary: `keep ${key} = ${value} for the next boot${kept === undefined ? '' : ` (was ${kept})`}`,
        sh: sh`mkdir -p /etc/sysctl.d && t=${file.replace(/[^/]*$/, '.$&.new')} &&
printf '%s\\n' '# Kept by Rolecall.' ${`${keyOf(want)} = ${value}`} >"$t" && chmod 0644 "$t" && mv -f "$t" ${file}`,
      })
    }
    return steps
  },
  paths: ({ file }) => [file],
  effects: (want) => [
    {
      type: 'path',
      path: want.file,
      state: { type: 'file', content: Buffer.from(`${keyOf(want)} = ${want.value}\n`) },
    },
  ],
  predict({ file }, seen, prediction) {
    if (prediction.empty) return seen
    const files = predictFiles(seen.files, file, prediction)
    if ('unknown' in files) return files
    const opaque = seen.notTaken ? prediction.opaque() : undefined
    const have =
      files === seen.files && opaque === undefined
        ? seen
        : { ...seen, files, notTaken: seen.notTaken && opaque === undefined }
    const pending = prediction.paths.get(file)
    if (pending?.from.startsWith('sysctl:') === true && pending.state.type === 'file') {
      const set = normal(
        Buffer.from(pending.state.content ?? [])
          .toString('utf8')
          .replace(/^[^=]*=/, ''),
      )
      return { ...have, live: set, kept: set }
    }
    if (pending?.state.type === 'absent') return { ...have, kept: undefined }
    return have.live !== undefined || prediction.opaque() === undefined ? have : { ...have, mayCome: true }
  },
  advanced: { declarations: ({ path, value }) => [[`sysctl ${path}`, value]] },
})

/** Says whether the kernel takes the value, in a network namespace of its own, where nothing else sees it. What is not there is not tried. */
function tried(path: string, value: string): Sh {
  const there = path.replace(/\/(conf|neigh)\/[^/]+\//, '/$1/default/')
  return sh`command -v unshare >/dev/null 2>&1 && unshare -n true 2>/dev/null && { unshare -n sh -c 'p=$1; [ -e "$p" ] || exit 0
printf "%s\\n" "$2" >"$p"' sh ${`/proc/sys/${there}`} ${value} 2>/dev/null || echo '# not-taken'; }; :`
}

function normal(value: string): string {
  return value.trim().replaceAll(/\s+/g, ' ')
}
