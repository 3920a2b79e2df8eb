// Bundles the library and the command into dist/, then writes the types beside them.
// Run by npm's `prepare`: after `npm install` in a clone and before `npm pack`, never where the package is installed.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { installStampFile, lockHash, project, sourceHash, stampFile } from './freshness.js'

const dist = join(project, 'dist')
const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))

/**
 * What stays outside of the bundle, and why; everything else is bundled, because one file loads several times faster
 * than a package of fifty.
 */
const external = [
  'zod', // its types and its instance are the user's too
  'zx', // 120 ms, required when a role first names its `$`
  'node-ssh', // ssh2 below it has optional native parts
  'esbuild', // a native program
]

async function bundle() {
  const { metafile } = await build({
    metafile: true,
    absWorkingDir: project,
    entryPoints: { index: 'lib/index.ts', cli: 'lib/cli/main.ts' },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'linked',
    tsconfigRaw: '{}', // the project's own maps `rolecall` to its sources
    external,
    define: { 'process.env.ROLECALL_VERSION': JSON.stringify(version) },
    // Packages in CommonJS ask for node's own modules with `require`, which an ES module does not have.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
  // What the lab's mirror is made of is data: it finds that beside the bundle as beside its sources.
  await rm(join(dist, 'mirror'), { recursive: true, force: true })
  await cp(join(project, 'lib/lab/mirror'), join(dist, 'mirror'), { recursive: true })
  // Names of chunks hold a hash: those of earlier builds would stay, and be packed.
  const made = new Set(Object.keys(metafile.outputs).map((path) => basename(path)))
  for (const name of readdirSync(dist)) {
    if (/\.(js|map|txt)$/.test(name) && !made.has(name)) await rm(join(dist, name))
  }
}

/** @returns {Promise<void>} */
function types() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tsc, '-p', join(project, 'tsconfig.build.json')], { stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`the types do not compile: tsc ended with ${code}`)),
    )
  })
}

try {
  // Written last: a build that was interrupted leaves no stamp and is done again.
  await rm(stampFile, { force: true })
  const hash = sourceHash()
  await Promise.all([bundle(), process.argv.includes('--no-types') ? undefined : types()])
  await writeFile(stampFile, hash)
  // npm runs this when everything is installed, and then only: from now on node_modules is known to be whole.
  if (['ci', 'install'].includes(process.env.npm_command ?? '')) await writeFile(installStampFile, lockHash())
} catch (error) {
  if (!('errors' in error)) console.error(error.message)
  process.exitCode = 1
}
