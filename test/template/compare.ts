import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { TemplateError } from '../../lib/template/values/value.ts'
import { INVENTORY, tableWorld, valueOf } from './world.ts'

export type Answer = { readonly value: unknown } | { readonly error: string }

/** The Python that has Ansible, if there is one. */
export const PYTHON = ['/usr/bin/python3', 'python3'].find(
  (python) => spawnSync(python, ['-c', 'import ansible']).status === 0,
)

/** What Ansible makes of templates. */
export function answersOfAnsible(python: string, templates: readonly string[]): Answer[] {
  const { stdout, stderr } = spawnSync(python, [join(import.meta.dirname, 'templar.py'), INVENTORY, 'web-1'], {
    input: JSON.stringify(templates),
    encoding: 'utf8',
    maxBuffer: 100_000_000,
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Answer[]
}

/** Where we and Ansible differ: in what is an error, or in a value. What an error says is our own affair. */
export function differences(templates: readonly string[], answers: readonly Answer[]): string[] {
  const world = tableWorld()
  return templates.flatMap((template, at) => {
    const theirs = answers[at]
    const ours = answerOf(template, world)
    if (theirs === undefined) return [`${JSON.stringify(template)}: no answer`]
    const isSame =
      'error' in theirs ? 'error' in ours : 'value' in ours && isDeepStrictEqual(asJson(ours.value), theirs.value)
    return isSame
      ? []
      : [`${JSON.stringify(template)}: Ansible ${JSON.stringify(theirs)}, here ${JSON.stringify(ours)}`]
  })
}

function answerOf(template: string, world: ReturnType<typeof tableWorld>): Answer {
  try {
    return { value: valueOf(template, world) }
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.message }
    throw error
  }
}

function asJson(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown)
}
