import { TemplateError } from '../values/value.ts'

/** Adds the name of the filter or test to an error. */
export function blamed(error: unknown, what: string): unknown {
  if (error instanceof TemplateError && error.constructor === TemplateError && !/^(?:filter|test) /.test(error.message))
    return new TemplateError(`${what}: ${error.message}`, error.hint)
  return error
}
