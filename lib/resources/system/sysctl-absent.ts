import { sh } from '../../sh/quote.ts'
import { kind } from '../kit/kind.ts'
import { oneOf } from '../kit/options/option-types.ts'
import { objectOptions } from '../kit/options/options.ts'

/** `sysctl(key, { state: 'absent' })`: the parameter is kept no longer for the next boot. */
export interface SysctlAbsent {
  readonly state: 'absent'
}

export const readSysctlAbsent = objectOptions<SysctlAbsent>()(() => ({ state: oneOf(['absent']) }))

interface Want {
  readonly key: string
  /** Below /proc/sys. */
  readonly path: string
  readonly file: string
}

interface Have {
  readonly isKept: boolean
  /** Undefined when the kernel has no such parameter, or lets nobody read it. */
  readonly live: string | undefined
}

export const sysctlAbsent = kind<Want, Have>({
  name: 'sysctl',
  probe: ({ path, file }) =>
    sh`if [ -e ${file} ] || [ -L ${file} ]; then echo kept; cat ${`/proc/sys/${path}`} 2>/dev/null; fi; :`,
  read(_, reply) {
    const [first, ...live] = reply.lines
    return { isKept: first === 'kept', live: live.length === 0 ? undefined : live.join(' ').trim() }
  },
  plan({ key, file }, { isKept, live }) {
    if (!isKept) return []
    const meanwhile = live === undefined ? '' : `; until then it stays ${live.replaceAll(/\s+/g, ' ')}`
    return [{ summary: `keep ${key} no longer for the next boot${meanwhile}`, sh: sh`rm -f -- ${file}` }]
  },
  paths: ({ file }) => [file],
  effects: ({ file }) => [{ type: 'path', path: file, state: { type: 'absent' } }],
  predict({ file }, seen, prediction) {
    const pending = prediction.paths.get(file)
    return pending === undefined ? seen : { ...seen, isKept: pending.state.type !== 'absent' }
  },
  advanced: { declarations: ({ path }) => [[`sysctl ${path}`, 'absent']] },
})
