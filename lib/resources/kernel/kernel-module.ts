import { raw, sh } from '../../sh/quote.ts'
import { dropInName, HEADER, isLine } from '../drop-ins/drop-in.ts'
import { stateOption } from '../files/absent-state.ts'
import { ofRoot, generatedFile, type GeneratedFile } from '../files/generated-file.ts'
import { withLiveState } from '../files/file-with-live-state.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { flag, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { textOf } from '../kit/bytes.ts'
import { allAfter } from '../kit/text.ts'

export interface KernelModuleOptions {
  /** Parameters, as modprobe takes them: `numdummies=2`. They are kept for every later load, and hold from the next one on. */
  readonly params?: string
  /** Loaded at once, too. Default true. */
  readonly now?: boolean
  /** Loaded at every boot. Default true. */
  readonly persistent?: boolean
  /** With `state: 'absent'`: nothing may load it, not even by its name. Default false. */
  readonly blacklist?: boolean
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

export interface KernelModuleWant extends GeneratedFile {
  readonly module: string
  readonly absent: boolean
  readonly now: boolean
  readonly params?: string | undefined
  /** The file in /etc/modprobe.d; undefined: no such file. */
  readonly rules?: string | undefined
  readonly rulesPath: string
}

interface LiveModule {
  readonly is: 'loaded' | 'built-in' | 'absent'
  /** modprobe finds it. */
  readonly available: boolean
  /** The kernel lets modules be loaded from here. */
  readonly may: boolean
  readonly rules: string | undefined
  /** A directory is in the place of the rules. */
  readonly blocked: boolean
  /** By whom it is used: other modules, or `something` where the kernel has no name for that. Undefined: by nobody. */
  readonly usedBy: string | undefined
}

/**
 * A module of the kernel: loaded now, and at every boot by `/etc/modules-load.d/NAME.conf`. Parameters are in `/etc/modprobe.d/rolecall-NAME.conf`.
 * The module is loaded before the files are written, so that none has what modprobe refuses.
 * With `state: 'absent'` it is unloaded, and both files are gone; with `blacklist` a file keeps it from being loaded by anybody.
 *
 * @example
 * kernelModule('br_netfilter')
 * kernelModule('dummy', { params: 'numdummies=2', persistent: false })
 * kernelModule('cramfs', { state: 'absent', blacklist: true })
 *
 * Refused: a module that the kernel does not have, unless a package or command to come may bring it; one that is built in, to be absent; one in use, to be absent; loading where the
 * kernel does not allow it, as in containers (`now: false` leaves that out).
 * Unknown: whether a module is still in use after earlier changes.
 *
 * Source: modprobe(8), modprobe.d(5), modules-load.d(5), capabilities(7).
 */
export function kernelModule(name: string, options: KernelModuleOptions = {}): Resource {
  const { name: module, options: given } = read(name, options)
  const { params, now = true, persistent = true, blacklist = false, state } = given
  const absent = state === 'absent'
  return make(module, {
    path: `/etc/modules-load.d/${module}.conf`,
    content: persistent && !absent ? `${HEADER}${module}\n` : undefined,
    mode: '0644',
    ...ofRoot,
    module,
    absent,
    now,
    params,
    rules: absent
      ? blacklist
        ? `${HEADER}blacklist ${module}\ninstall ${module} /bin/false\n`
        : undefined
      : params === undefined
        ? undefined
        : `${HEADER}options ${module} ${params}\n`,
    rulesPath: `/etc/modprobe.d/rolecall-${module}.conf`,
  })
}

const make = kind(
  withLiveState(generatedFile<KernelModuleWant>('kernelModule'), {
    probe: ({ module, rulesPath }) => sh`m=/sys/module/${module.replaceAll('-', '_')}
if [ -e "$m/initstate" ]; then echo loaded; read -r n 2>/dev/null <"$m/refcnt" && [ "$n" != 0 ] && { h=; for x in "$m"/holders/*; do [ -e "$x" ] && h="$h \${x##*/}"; done; echo "used $h"; }; elif [ -d "$m" ]; then echo built-in; fi
modprobe -n -q -- ${module} >/dev/null 2>&1 && echo available
c=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status 2>/dev/null)
[ -n "$c" ] && [ "$(( (0x$c >> 16) & 1 ))" = 0 ] || echo may
if [ -f ${rulesPath} ]; then echo rules; sed 's/^/rule /' ${rulesPath}; elif [ -d ${rulesPath} ]; then echo blocked; fi; :`,
    read(_, said): LiveModule {
      const rules = allAfter(said, 'rule').map((rule) => `${rule}\n`)
      const used = said.find((line) => line.startsWith('used '))
      return {
        is: said.includes('loaded') ? 'loaded' : said.includes('built-in') ? 'built-in' : 'absent',
        available: said.includes('available'),
        may: said.includes('may'),
        rules: said.includes('rules') ? rules.join('') : undefined,
        blocked: said.includes('blocked'),
        usedBy: used === undefined ? undefined : used.slice(5).trim().replaceAll(' ', ', ') || 'something',
      }
    },
    predict({ rulesPath, module, absent, now }, live, prediction) {
      const freed = absent && now && live.usedBy !== undefined ? prediction.activity(true) : undefined
      if (freed !== undefined)
        return { unknown: `whether the module ${module} is still in use is known only after ${freed.from}` }
      const pending = prediction.paths.get(rulesPath)
      const rules =
        pending === undefined
          ? live.rules
          : pending.state.type === 'file' && pending.state.content !== undefined
            ? textOf(pending.state.content)
            : undefined
      const available = live.available || prediction.opaque() !== undefined
      const blocked = pending === undefined ? live.blocked : pending.state.type === 'dir'
      return pending === undefined && available === live.available ? live : { ...live, rules, available, blocked }
    },
    plan(want, live) {
      const { module, absent, now, params, rules, rulesPath } = want
      if (live.blocked && rules !== undefined)
        return {
          refused: `${rulesPath} is a directory, not a file`,
          hint: `put absent('${rulesPath}') before this resource if it may be removed`,
        }
      const before = ruleSteps(want, live)
      if (absent) {
        if (!now || live.is === 'absent') return { before }
        if (live.is === 'built-in')
          return {
            refused: `the module ${module} is built into the kernel and cannot be unloaded`,
            hint: 'boot another kernel',
          }
        if (!live.may) return notHere(`unload the module ${module}`)
        return live.usedBy === undefined
          ? { before: [...before, unload(module)] }
          : {
              refused: `the module ${module} is in use by ${live.usedBy}, and cannot be unloaded`,
              hint: 'put the resource that ends its use before this resource; with now: false it is unloaded at the next boot',
            }
      }
      if (!now || live.is !== 'absent') return { before }
      if (!live.may) return notHere(`load the module ${module}`)
      if (!live.available)
        return {
          refused: `the kernel has no module ${module}`,
          hint: 'put the package that contains it before this resource, such as that of extra modules',
        }
      const load = {
        summary: `load the module ${module}`,
        sh: sh`modprobe -- ${module} ${raw(params === undefined ? '' : wordsOf(params))}`,
      }
      // What cannot be loaded is not kept for the next boot either. Only what bars the module has to go first.
      const isBarred = live.rules?.includes('install ') === true
      return { before: isBarred ? [...before, load] : [load, ...before] }
    },
    effects: ({ rules, rulesPath }) => [
      {
        type: 'path',
        path: rulesPath,
        state: rules === undefined ? { type: 'absent' } : { type: 'file', content: Buffer.from(rules), mode: '0644' },
      },
    ],
  }),
)

function ruleSteps({ rules, rulesPath, module }: KernelModuleWant, live: LiveModule): Step[] {
  if (rules === live.rules) return []
  if (rules === undefined) return [{ summary: `remove ${rulesPath}`, sh: sh`rm -f -- ${rulesPath}` }]
  const what = rules.includes('blacklist ')
    ? `keep the module ${module} from being loaded`
    : `set parameters of the module ${module}`
  return [
    {
      summary: `${what} (${rulesPath})`,
      sh: sh`umask 022; mkdir -p /etc/modprobe.d || exit 1
t=${rulesPath.replace(/[^/]*$/, '.$&.new')}
printf %s ${rules} >"$t" && chmod 0644 "$t" && mv -f -- "$t" ${rulesPath}`,
    },
  ]
}

function unload(module: string): Step {
  return { summary: `unload the module ${module}`, sh: sh`modprobe -r -- ${module}` }
}

function notHere(what: string): Refused {
  return {
    refused: `this host cannot ${what}: its kernel does not allow changing modules from here`,
    hint: 'set now: false, and manage the module on the machine that this container runs on',
  }
}

/** Each a word of its own, as quoted for the shell. */
function wordsOf(params: string): string {
  return params
    .split(/\s+/)
    .map((word) => sh`${word}`.text)
    .join(' ')
}

const read = resourceOptions<KernelModuleOptions>()(
  'kernelModule',
  (given) => dropInName('kernelModule', given, /^[\w-]+$/, 'the name of a module: letters, digits, "_" or "-"'),
  () => ({
    params: text('parameters in one line', isLine).optional(),
    now: flag().optional(),
    persistent: flag().optional(),
    blacklist: flag().optional(),
    state: stateOption().optional(),
  }),
  (options) => [
    ...(options.state === 'absent' ? leftOut(['params', 'persistent'], 'with state: absent', options) : []),
    ...(options.state !== 'absent' && options.blacklist === true
      ? leftOut(['blacklist'], 'without state: absent', options)
      : []),
  ],
)
