import { createTwoFilesPatch } from 'diff'
import { showsSecret } from '../../gate/redact.ts'
import type { Change } from '../../resources/kit/kind.ts'
import { isSensitive } from '../../text/sensitive.ts'

const HIDDEN = 'content with a secret in it is not shown'

/**
 * A change as a unified diff. A change that holds a secret is not shown at all: the old secret beside the new one is not known to the gate, so it
 * would not be masked. For the same reason values of keys that sound secret are not shown.
 */
export function diffText(change: Change): string {
  if ('hidden' in change) return `(${change.hidden})\n`
  if ('pairs' in change) {
    const lines = change.pairs.flatMap(([before, after]) => {
      if (showsSecret(before) || showsSecret(after)) return [`(${HIDDEN})`]
      return [...side('-', before), ...side('+', after)]
    })
    return [`--- ${change.label}\tbefore`, `+++ ${change.label}\tafter`, ...lines.map(withoutNamed), ''].join('\n')
  }
  if (showsSecret(change.before) || showsSecret(change.after)) return `(${HIDDEN})\n`
  const label = change.label ?? 'value'
  const patch = createTwoFilesPatch(label, label, change.before, change.after, 'before', 'after', { context: 3 })
  return patch
    .replace(/^(Index: .*\n)?=+\n/, '')
    .split('\n')
    .map(withoutNamed)
    .join('\n')
}

function side(sign: string, text: string): string[] {
  return text === '' ? [] : text.split('\n').map((line) => `${sign}${line}`)
}

/** `password = ...`, `"api_token": "..."`, `export DB_PASSWORD=...` */
const ASSIGNED = /^([-+ ]\s*(?:[\w.-]+\s+)?["']?)([\w.\-[\]]+)(["']?\s*[:=]\s*)(\S.*)$/
/** A boolean, a small number or a path is not a password. */
const HARMLESS = /^["']?(?:true|false|yes|no|on|off|null|none|~|\d{1,4}|\/[^"']*)["']?[,;]?$/i

function withoutNamed(line: string): string {
  const [, before, key, sign, value] = ASSIGNED.exec(line) ?? []
  if (before === undefined || key === undefined || sign === undefined || value === undefined) return line
  return isSensitive(key) && !HARMLESS.test(value) ? `${before}${key}${sign}(not shown)` : line
}
