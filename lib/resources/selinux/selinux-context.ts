import { sh } from '../../sh/quote.ts'
import type { Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { flag, oneOf, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { semanage, TYPE } from './selinux-tools.ts'

export interface SelinuxContextOptions {
  /** The type that the paths have: `httpd_sys_content_t`. */
  readonly type?: string
  /** What it is said of. Default `all`. */
  readonly files?: 'all' | 'file' | 'directory' | 'link' | 'socket' | 'pipe' | 'block device' | 'character device'
  /** What is there already gets its label, too (restorecon). Default true. */
  readonly restore?: boolean
  readonly state?: 'present' | 'absent'
}

export interface SelinuxContextWant {
  readonly pattern: string
  readonly type: string | undefined
  readonly files: NonNullable<SelinuxContextOptions['files']>
  readonly restore: boolean
}

interface State {
  /** What this host has added for this very pattern: its type. */
  readonly own: string | undefined
  /** The first path that does not have the label it should have. */
  readonly first: string | undefined
  readonly isOff: boolean
}

/** As semanage lists them, and as its `-f` takes them. */
const FILES = {
  all: ['all files', 'a'],
  file: ['regular file', 'f'],
  directory: ['directory', 'd'],
  link: ['symbolic link', 'l'],
  socket: ['socket', 's'],
  pipe: ['named pipe', 'p'],
  'block device': ['block device', 'b'],
  'character device': ['character device', 'c'],
} as const

/**
 * Which type SELinux gives paths that fit a regular expression; existing files are relabelled. Absent: what this host has added is gone, and the policy's own
 * label holds again.
 *
 * Labels are set up to the first sign of the expression that is no plain path: below `/srv/www` for `/srv/www(/.*)?`. Where SELinux is off there are no labels, and only
 * the rule is kept.
 *
 * @example
 * selinuxContext('/srv/www(/.*)?', { type: 'httpd_sys_content_t' })
 * selinuxContext('/srv/old(/.*)?', { state: 'absent' })
 *
 * Refused: a host without semanage; one without a policy; a type that the policy does not have, with semanage's words.
 *
 * Source: semanage-fcontext(8), restorecon(8).
 */
export function selinuxContext(pattern: string, options: SelinuxContextOptions): Resource {
  const { name, options: given } = read(pattern, options)
  const { type, files = 'all', restore = true, state } = given
  return make(name, { pattern: name, type: state === 'absent' ? undefined : type, files, restore })
}

const read = resourceOptions<SelinuxContextOptions>()(
  'selinuxContext',
  (given) => {
    if (typeof given === 'string' && /^\/[^\s\0]*$/.test(given)) return given
    throw invalidOption(
      'selinuxContext',
      'a regular expression for whole paths, such as "/srv/www(/.*)?"',
      describeValue(given),
    )
  },
  () => ({
    type: text('a type such as "httpd_sys_content_t"', TYPE).optional(),
    files: oneOf(['all', 'file', 'directory', 'link', 'socket', 'pipe', 'block device', 'character device']).optional(),
    restore: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  (options, given) =>
    options.state === 'absent'
      ? leftOut(['type'], 'with state: absent', options)
      : [
          given.has('type')
            ? undefined
            : { what: 'type', expected: 'a type such as "httpd_sys_content_t"', got: 'nothing' },
        ],
)

/** The part of an expression that is a plain path, whole names only. */
export function plainPart(pattern: string): string {
  const plain = /^[\w/@%+=:,-]*/.exec(pattern)?.[0] ?? ''
  if (plain === pattern || pattern.slice(plain.length).startsWith('(/')) return plain.replace(/(?<=.)\/$/, '')
  return plain.slice(0, Math.max(plain.lastIndexOf('/'), 1))
}

const make = toolKind<SelinuxContextWant, State>({
  name: 'selinuxContext',
  tool: () => semanage,
  probe: ({ pattern, restore }) => sh`said=$(semanage fcontext -l -n -C 2>&1) || { echo "# silent $said"; exit 0; }
printf '%s\\n' "$said" | sed 's/^/own /'
[ -d /sys/fs/selinux/class ] || { echo off; exit 0; }
${restore ? sh`[ ! -e ${plainPart(pattern)} ] || restorecon -n -v -R -- ${plainPart(pattern)} 2>/dev/null | sed -n 's/^Would relabel \\(.*\\) from .*/first \\1/p' | head -n 1` : sh`:`}`,
  read({ pattern, files }, { lines }) {
    const row = lines.find((line) => line.startsWith(`own ${pattern} `) && line.includes(` ${FILES[files][0]} `))
    return {
      own: row === undefined ? undefined : /\s\w+:\w+:(\w+)(:\S+)?\s*$/.exec(row)?.[1],
      first: lines.find((line) => line.startsWith('first '))?.slice(6),
      isOff: lines.includes('off'),
    }
  },
  fresh: () => ({ own: undefined, first: undefined, isOff: true }),
  isAbsence: ({ type }) => type === undefined,
  plan({ pattern, type, files, restore }, { own, first, isOff }): Step[] {
    const kindOf = FILES[files][1]
    const label: Step[] = [
      {
        summary: `relabel ${plainPart(pattern)}`,
        sh: sh`[ ! -e ${plainPart(pattern)} ] || restorecon -R -- ${plainPart(pattern)}`,
      },
    ]
    const rule = ruleStep(pattern, type, own, kindOf)
    const isDue = restore && !isOff && (rule !== undefined || (first !== undefined && type !== undefined))
    return [...(rule === undefined ? [] : [rule]), ...(isDue ? label : [])]
  },
  advanced: { parallelProbe: true },
})

function ruleStep(pattern: string, type: string | undefined, own: string | undefined, files: string): Step | undefined {
  if (type === own) return undefined
  if (type === undefined)
    return { summary: `take ${own ?? ''} from ${pattern}`, sh: sh`semanage fcontext -d -f ${files} -- ${pattern}` }
  const how = own === undefined ? '-a' : '-m'
  const was = own === undefined ? '' : ` (was ${own})`
  return {
    summary: `give ${pattern} the type ${type}${was}`,
    sh: sh`semanage fcontext ${how} -f ${files} -t ${type} -- ${pattern}`,
  }
}
