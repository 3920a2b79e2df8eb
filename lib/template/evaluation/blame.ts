import { TemplateError } from '../values/value.ts'

/** Says in which filter or test an error was. */
export function blamed(error: unknown, what: string): unknown {
  if (error instanceof TemplateError && error.constructor === TemplateError && !/^(?:filter|test) /.test(error.message))
    return new TemplateError(`${what}: ${error.message}`, error.hint)
  return error
}
