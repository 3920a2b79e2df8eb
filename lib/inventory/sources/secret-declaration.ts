import { z } from 'zod'
import { once } from '../../once.ts'
import { USUAL_SECONDS } from '../../vault/command-secret.ts'

const MOST_SECONDS = 600

const Declaration = once(() =>
  z.strictObject({
    command: z.union([z.tuple([z.string().min(1)], z.string()), z.string().min(1)]),
    shell: z.boolean().default(false),
    timeout: z.number().positive().max(MOST_SECONDS).default(USUAL_SECONDS),
  }),
)

/** How a secret from a program is declared: `command`, a list of words or, with `shell`, one text; `timeout` in seconds (default: 30, at most 600). */
type SecretDeclaration = z.output<ReturnType<typeof Declaration>>

/** The declaration of a secret from a program, or what is wrong with it. */
export function parseDeclaration(value: unknown): SecretDeclaration | { readonly wrong: string } {
  const parsed = Declaration().safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  return { wrong: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}` }
}
