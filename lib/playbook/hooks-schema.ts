import type { Mode } from '../events.ts'
import { list, nested, value } from '../resources/kit/options/option-types.ts'
import type { Hooks } from './hooks.ts'

const MODES: readonly unknown[] = ['check', 'apply', 'verify'] satisfies readonly Mode[]

const hook = <Name extends Exclude<keyof Hooks, 'modes'>>() =>
  value<NonNullable<Hooks[Name]>>('a function', (given) => typeof given === 'function').optional()

/** `hooks` of a playbook. */
export const hooksOption = () =>
  nested('functions by their names: { beforeRun, afterRun, beforePlay, afterPlay, beforeHost, afterHost }', {
    beforeRun: hook<'beforeRun'>(),
    afterRun: hook<'afterRun'>(),
    beforePlay: hook<'beforePlay'>(),
    afterPlay: hook<'afterPlay'>(),
    beforeHost: hook<'beforeHost'>(),
    afterHost: hook<'afterHost'>(),
    modes: list(
      'a list of modes',
      value<Mode>('check, apply or verify', (given) => MODES.includes(given)),
    ).optional(),
  })
