import { Secret } from '../../secret.ts'
import type { OptionProblem } from '../kit/options/option-problems.ts'
import { either, nested, path, record, secretText, text, value } from '../kit/options/option-types.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** What a request carries: one of them, or nothing. */
export interface HttpContent {
  readonly json?: Json
  readonly body?: string | Secret
  /** Fields as a form of a web page sends them (`application/x-www-form-urlencoded`). */
  readonly form?: Readonly<Record<string, string | number | boolean | Secret | undefined>>
  /** Fields and files on the host, as a form with uploads sends them (`multipart/form-data`). `type`: the media type of a file. */
  readonly multipart?: Readonly<
    Record<string, string | Secret | { readonly file: string; readonly type?: string } | undefined>
  >
  /** A file on the host, as it is. */
  readonly file?: string
}

const FORMS = ['json', 'body', 'form', 'multipart', 'file'] as const

/** `HttpContent` as options. */
export const contentOptions = (json: ReturnType<typeof value<Json>>) => ({
  json: json.optional(),
  body: secretText('a text or a Secret').optional(),
  form: record(
    'names and values of fields',
    value<string | number | boolean | Secret>(
      'a text, a number, a boolean or a Secret',
      (given) => ['string', 'number', 'boolean'].includes(typeof given) || given instanceof Secret,
    ),
  ).optional(),
  multipart: record(
    'names and values of fields',
    either(
      'a text, a Secret or { file }',
      secretText('a text or a Secret'),
      nested('{ file, type }', { file: path(), type: text('a media type', /^[\w.+-]+\/[\w.+-]+$/).optional() }),
    ),
  ).optional(),
  file: path().optional(),
})

/** At most one of them, with names that a request can have. */
export function contentRule(content: HttpContent): (OptionProblem | undefined)[] {
  const given = FORMS.filter((name) => content[name] !== undefined)
  return [
    given.length > 1 ? { what: 'send', expected: `one of ${FORMS.join(', ')}`, got: given.join(' and ') } : undefined,
    ...Object.keys(content.multipart ?? {})
      .filter((name) => !/^[^\0\r\n"\\;=]+$/.test(name))
      .map((name) => ({ what: 'multipart', expected: 'names of fields without quotes', got: JSON.stringify(name) })),
  ]
}

/** How a request carries its content: what curl reads as its settings, what the script reads, and the files that must be there. */
export interface Carried {
  readonly settings: readonly string[]
  readonly bytes: string | undefined
  readonly type: string | undefined
  readonly files: readonly string[]
  readonly isSecret: boolean
}

const plain = (given: string | number | boolean | Secret): string =>
  given instanceof Secret ? given.reveal() : String(given)

/** A line of curl's settings. */
export function setting(name: string, given: string): string {
  const escaped = given
    .replaceAll(/[\\"]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
  return `${name} = "${escaped}"`
}

/** Source: curl(1), --data-binary, --form, --form-string; WHATWG URL, application/x-www-form-urlencoded. */
export function carried({ json, body, form, multipart, file }: HttpContent): Carried {
  const nothing = { settings: [], bytes: undefined, type: undefined, files: [], isSecret: false }
  if (json !== undefined) return { ...nothing, bytes: JSON.stringify(json), type: 'application/json' }
  if (body !== undefined) return { ...nothing, bytes: plain(body), isSecret: body instanceof Secret }
  if (form !== undefined) {
    const fields = Object.entries(form).flatMap(([name, each]) =>
      each === undefined ? [] : [[name, plain(each)] as [string, string]],
    )
    return { ...nothing, bytes: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' }
  }
  if (file !== undefined)
    return {
      ...nothing,
      settings: [setting('data-binary', `@${file}`)],
      type: 'application/octet-stream',
      files: [file],
    }
  const parts = Object.entries(multipart ?? {}).flatMap(([name, each]) =>
    each === undefined ? [] : [[name, each] as const],
  )
  return {
    ...nothing,
    settings: parts.map(([name, each]) =>
      typeof each === 'string' || each instanceof Secret
        ? setting('form-string', `${name}=${plain(each)}`)
        : setting('form', `${name}=@${quoted(each.file)}${each.type === undefined ? '' : `;type=${each.type}`}`),
    ),
    files: parts.flatMap(([, each]) => (typeof each === 'string' || each instanceof Secret ? [] : [each.file])),
    isSecret: parts.some(([, each]) => each instanceof Secret),
  }
}

/** A file name in a form of curl, where a comma and a semicolon mean something. */
function quoted(name: string): string {
  return `"${name.replaceAll(/[\\"]/g, String.raw`\$&`)}"`
}

/** Forms are sent with POST where nothing else is said. */
export function isForm({ form, multipart }: HttpContent): boolean {
  return form !== undefined || multipart !== undefined
}
