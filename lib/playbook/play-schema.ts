import { z } from 'zod'
import { flag, list, nested, oneOf, seconds, text, value, whole } from '../resources/kit/options/option-types.ts'
import { leftOut, objectOptions } from '../resources/kit/options/options.ts'
import { isPlain } from '../resources/kit/options/describe-value.ts'
import type { AnyRole } from './context.ts'
import type { BatchSize, Percent, Play, RoleUse } from './play.ts'

export const named = () => text('a text of one line', /^[^\p{Cc}]*\S[^\p{Cc}]*$/u)
export const failures = () => oneOf(['go-on', 'stop-run'])
export const tags = () => list('a list of tags', text('a tag', /^\S+$/))

const LARGEST_SHARE = 100

function isCount(given: unknown, least: number): given is number | Percent {
  if (typeof given === 'number') return Number.isInteger(given) && given >= least
  if (typeof given !== 'string' || !/^\d+(\.\d+)?%$/.test(given)) return false
  return parseFloat(given) <= LARGEST_SHARE && parseFloat(given) >= least
}

function count(least: number) {
  return value<number | Percent>(
    `a whole number from ${least}, or a share such as '30%'`,
    (given) => isCount(given, least),
    { hint: (given) => meantCount(given, least) },
  )
}

/** The nearest valid form of a number of hosts, for wrong values such as `'10'`, `0.1` or `'10 %'`. */
function meantCount(given: unknown, least: number): string | undefined {
  const right = nearestCount(given)
  return right !== undefined && isCount(right, least)
    ? `write ${typeof right === 'number' ? right : `'${right}'`}`
    : undefined
}

function nearestCount(given: unknown): unknown {
  if (typeof given === 'number')
    return given > 0 && given < 1 ? `${Number((given * LARGEST_SHARE).toFixed(2))}%` : undefined
  if (typeof given !== 'string') return undefined
  const [, number, sign] = /^\s*(\d+(?:\.\d+)?)\s*(%|percent|)\s*$/i.exec(given) ?? []
  if (number === undefined) return undefined
  return sign === '' ? Number(number) : `${number}%`
}

/** A number of hosts, or a list of them. */
function batches() {
  const isBatch = (given: unknown) => isCount(given, 1)
  return value<BatchSize | readonly BatchSize[]>(
    "a whole number from 1, a share such as '30%', or a list of them: [1, '10%', '100%']",
    (given) => isBatch(given) || (Array.isArray(given) && given.length > 0 && given.every(isBatch)),
    {
      hint(given) {
        const each: unknown =
          typeof given === 'string' && given.includes(',') ? given.replace(/^\s*\[|\]\s*$/g, '').split(',') : given
        if (!Array.isArray(each)) return meantCount(given, 1)
        const right = each.map((size: unknown) => (isBatch(size) ? size : nearestCount(size)))
        if (right.length === 0 || !right.every(isBatch)) return undefined
        return `write [${right.map((size) => (typeof size === 'number' ? size : `'${size}'`)).join(', ')}]`
      },
    },
  )
}

function isGate(given: unknown): boolean {
  return given === 'verify' || typeof given === 'function'
}

export const readPlay = objectOptions<Play>()(
  () => ({
    name: named(),
    hosts: text('an inventory pattern, such as all or web:!web-1', /\S/, {
      hint: (given) => (Array.isArray(given) ? 'join several with a colon: web:db' : undefined),
    }),
    roles: list('a list of roles', value<AnyRole | RoleUse>('what role() or using() gives', isRoleOrUse)),
    onFailure: list(
      'a list of roles',
      value<AnyRole | RoleUse>('what role() or using() gives', isRoleOrUse),
    ).optional(),
    rollback: oneOf(['files']).optional(),
    after: list(
      'a list of plays',
      z.union([named(), nested('{ play, ended: true }', { play: named(), ended: z.literal(true) })], {
        error: 'the name of a play, or { play, ended: true }',
      }),
    ).optional(),
    concurrency: whole('a whole number from 1', 1, Number.MAX_SAFE_INTEGER).optional(),
    serial: batches().optional(),
    pause: z.union([seconds(), z.literal('ask')], { error: "whole seconds, at least 1, or 'ask'" }).optional(),
    gate: value<NonNullable<Play['gate']>>("'verify', or a function: async ({ $, expect }) => { ... }", isGate, {
      hint: (given) => (isRole(given) ? "give the play the role, and gate: 'verify' runs its verify" : undefined),
    }).optional(),
    maxFailures: count(0).optional(),
    anyErrorsFatal: flag().optional(),
    deadline: seconds().optional(),
    failures: failures().optional(),
    tags: tags().optional(),
  }),
  (options, given) => (given.has('serial') ? [] : leftOut(['pause'], 'without serial', options)),
)

export function isRole(given: unknown): given is AnyRole {
  return (
    isPlain(given) &&
    given['type'] === 'role' &&
    typeof given['apply'] === 'function' &&
    given['vars'] instanceof z.ZodObject
  )
}

export function isRoleOrUse(given: unknown): given is AnyRole | RoleUse {
  return isRole(given) || (isPlain(given) && given['type'] === 'use' && isRole(given['role']))
}

/** A function that the user wrote. */
export const callback = (expected: string) =>
  value<(given: never) => unknown>(expected, (given) => typeof given === 'function')
