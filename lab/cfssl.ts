import type { ArtifactRecipe } from 'rolecall'

const tools = ['cfssl', 'cfssljson', 'cfssl-certinfo']

/** cfssl under the names of its release binaries. The binaries come from the package golang-cfssl. */
export const cfssl: ArtifactRecipe = {
  version: 1,
  async build({ debian, serve, architecture }) {
    await debian(`cd /usr/bin && cp ${tools.join(' ')} /build && cd /build && chmod 755 ${tools.join(' ')}`, [
      'golang-cfssl',
    ])
    for (const tool of tools) await serve(tool, `R1.2/${tool}_linux-${architecture}`)
  },
}
