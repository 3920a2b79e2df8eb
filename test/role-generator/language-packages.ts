import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { tar } from '../../lib/resources/trees/tar.ts'
import { makeWheels } from '../support/wheels.ts'

const VERSIONS = ['1.0.0', '1.1.0'] as const
const HOME = '/usr/share/trial'
/** Where packages of Python, Ruby and Node are on a host. */
export const WHEELS = `${HOME}/wheels`
export const GEMS = `${HOME}/ruby`
export const NPM_PACKAGES = `${HOME}/npm`

/** Node of this machine with its npm, for hosts whose own would be 400 packages: undefined where npm is not beside it. */
export function nodeOfThisMachine(): { readonly node: string; readonly npm: string } | undefined {
  const node = realpathSync(process.execPath)
  const npm = join(dirname(node), '../lib/node_modules/npm')
  return existsSync(join(npm, 'bin/npm-cli.js')) ? { node, npm: realpathSync(npm) } : undefined
}

/** Builds packages of Python, Ruby and Node on a host, each in two versions; gem knows its own. */
export function buildLanguagePackages(): string {
  const gem = (version: string) => `cat >trial-demo.gemspec <<'END'
Gem::Specification.new { |s| s.name = 'trial-demo'; s.version = '${version}'; s.summary = 'x'; s.authors = ['x']; s.files = []; s.licenses = ['MIT'] }
END
gem build -q trial-demo.gemspec && mv trial-demo-${version}.gem ${GEMS}/gems/`
  return `${makeWheels(WHEELS, VERSIONS).replaceAll('rc_demo', 'trial_demo').replaceAll('rc-demo', 'trial-demo')}
mkdir -p ${GEMS}/gems ${NPM_PACKAGES} /tmp/gem; cd /tmp/gem
${VERSIONS.map(gem).join('\n')}
gem generate_index -q -d ${GEMS} >/dev/null 2>&1; cd /; rm -rf /tmp/gem
printf -- '---\\n:sources:\\n- file://${GEMS}\\n' >/etc/gemrc
${npmArchives.map(({ path, bytes }) => `echo ${bytes.toString('base64')} | base64 -d >${NPM_PACKAGES}/${path}`).join('\n')}`
}

const npmArchives = VERSIONS.map((version) => {
  const manifest = { name: 'trial-demo', version, bin: { 'trial-demo': 'run.js' } }
  const bytes = gzipSync(
    tar([
      { path: 'package', mode: 0o755 },
      { path: 'package/package.json', mode: 0o644, bytes: Buffer.from(JSON.stringify(manifest)) },
      { path: 'package/run.js', mode: 0o755, bytes: Buffer.from('#!/usr/bin/env node\n') },
    ]),
  )
  return { path: `trial-demo-${version}.tgz`, version, manifest, bytes }
})

/** What a registry of npm at a URL says under a name: a package with its versions, an archive, or that there is none. */
export function npmAnswer(name: string, registry: string): Uint8Array | string | undefined {
  const archive = npmArchives.find(({ path }) => path === name)
  if (archive !== undefined) return archive.bytes
  if (name !== 'trial-demo') return undefined
  const versions = npmArchives.map(({ path, version, manifest, bytes }) => {
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    return [version, { ...manifest, dist: { tarball: `${registry}${path}`, integrity } }] as const
  })
  return JSON.stringify({ name, 'dist-tags': { latest: VERSIONS.at(-1) }, versions: Object.fromEntries(versions) })
}
