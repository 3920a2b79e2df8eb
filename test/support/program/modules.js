// Which module an import means while one command after the other runs in one process (process.js). What a command imports is loaded anew for the
// next one, as a process of its own would load it: the address of each module ends in the number of its command.
const NUMBER = /\?command=\d+$/
const program = new URL('../../../bin/load.js', import.meta.url).href
const current = new URL('./current.js', import.meta.url).href

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  return ofCommand(await next(specifier, context), context.parentURL)
}

/**
 * The same in the thread of the program.
 *
 * @param {string} specifier
 * @param {{ parentURL?: string }} context
 * @param {(specifier: string, context: object) => import('node:module').ResolveFnOutput} next
 */
export function resolveAtOnce(specifier, context, next) {
  return ofCommand(next(specifier, context), context.parentURL)
}

/**
 * @param {import('node:module').ResolveFnOutput} found
 * @param {string | undefined} parent
 */
function ofCommand(found, parent = '') {
  const [number] = NUMBER.exec(parent) ?? []
  if (number === undefined || !found.url.startsWith('file:') || NUMBER.test(found.url)) return found
  return { ...found, url: found.url === program ? current : `${found.url}${number}` }
}
