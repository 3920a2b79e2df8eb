import { tokens } from './syntax/lexer.ts'
import { TemplateError } from './values/value.ts'

/**
 * The words in a template that may name a variable: names, attributes and texts, since `hostvars['x']['port']` and `vars.port` name one
 * too. Empty for a text without a template.
 */
export function namesIn(source: string): string[] {
  try {
    return tokens(source).flatMap((token) =>
      (token.type === 'name' || token.type === 'string') && /^\w+$/.test(token.value) ? [token.value] : [],
    )
  } catch (error) {
    if (error instanceof TemplateError) return []
    throw error
  }
}
