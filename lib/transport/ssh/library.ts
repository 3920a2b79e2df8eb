/** What is needed of ssh2. `scripts/build.js` leaves out all else. */
type Library = Pick<typeof import('ssh2'), 'BaseAgent' | 'Client' | 'createAgent'> & {
  readonly utils: Pick<typeof import('ssh2').utils, 'parseKey'>
}

/** Loads ssh2: 40 ms of start-up that only those pay who connect. It is no module of the new kind, and its types say that it is. */
export async function loadLibrary(): Promise<Library> {
  const loaded = (await import('ssh2')) as Library & { readonly default?: Library }
  return loaded.default ?? loaded
}
