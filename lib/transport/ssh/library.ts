/** The used parts of ssh2. `scripts/build.js` leaves out the rest. */
type Library = Pick<typeof import('ssh2'), 'BaseAgent' | 'Client' | 'createAgent'> & {
  readonly utils: Pick<typeof import('ssh2').utils, 'parseKey'>
}

/** Loads ssh2 when the first connection needs it, since loading takes 40 ms. ssh2 is CommonJS, although its types declare an ES module. */
export async function loadLibrary(): Promise<Library> {
  const loaded = (await import('ssh2')) as Library & { readonly default?: Library }
  return loaded.default ?? loaded
}
