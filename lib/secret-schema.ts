import { z } from 'zod'
import { isSecret, type Secret } from './secret.ts'

/**
 * A schema that also accepts a Secret, and keeps it one: for options into which a secret is written, sent or piped. Any other schema refuses a
 * Secret.
 *
 * @example
 * z.strictObject({ content: secretOr(z.string()), mode: z.string() })
 */
export function secretOr<Schema extends z.ZodType>(schema: Schema): z.ZodUnion<[z.ZodType<Secret, Secret>, Schema]> {
  return z.union([z.custom<Secret>(isSecret, 'a Secret'), schema])
}
