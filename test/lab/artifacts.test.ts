import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensureArtifacts, missingArtifacts, withArtifacts, type Workbench } from '../../lib/lab/artifacts/artifacts.ts'
import type { ArtifactRecipe } from '../../lib/lab/artifacts/recipe.ts'
import { RolecallError } from '../../lib/errors.ts'
import { partsOf, serveImage } from '../../lab/images/image.ts'

const execute = promisify(execFile)
const directory = mkdtempSync(join(tmpdir(), 'rolecall-artifacts-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))

const workbench: Workbench = {
  cache: join(directory, 'cache'),
  project: directory,
  base: 'base',
  architecture: 'amd64',
  debian: () => Promise.resolve(),
}
mkdirSync(workbench.cache)

const recipe = (text: string, optional = false): ArtifactRecipe => ({
  optional,
  version: text,
  async build({ directory: at, serve }) {
    writeFileSync(join(at, 'file'), text)
    await serve('file', text)
  },
})

async function served(recipes: Readonly<Record<string, ArtifactRecipe>>): Promise<readonly string[]> {
  const { directories } = await ensureArtifacts(recipes, workbench, () => undefined)
  return directories.flatMap((each) => readdirSync(each)).filter((name) => !name.endsWith('.sha256'))
}

test('an optional artifact is built when somebody asks for it, and served from then on', async () => {
  const recipes = { always: recipe('always'), heavy: recipe('heavy', true) }
  assert.equal(await served(withArtifacts(recipes)), ['always'])
  assert.equal(await served(withArtifacts(recipes, ['heavy'])), ['always', 'heavy'])
  assert.equal(await served(withArtifacts(recipes)), ['always', 'heavy'])
})

test('what would have to be built is named without building anything', async () => {
  const recipes = { small: recipe('small'), large: recipe('large', true) }
  assert.equal(await missingArtifacts(recipes, workbench), ['small', 'large'])
  await served(recipes)
  assert.equal(await missingArtifacts(recipes, workbench), ['large'])
  assert.equal(await missingArtifacts({ ...recipes, small: recipe('changed') }, workbench), ['small', 'large'])
  assert.equal(await missingArtifacts({ small: recipes.small }, { ...workbench, base: 'another' }), ['small'])
})

test('an artifact that the lab does not have is refused by name', () => {
  try {
    withArtifacts({ images: recipe('images', true) }, ['image'])
    assert.unreachable()
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    assert.equal(error.problems[0]?.got, 'image')
    assert.equal(error.problems[0]?.expected, 'images')
  }
})

test('the name of an image tells its repository, its tag and what docker calls it', () => {
  assert.equal(partsOf('docker.io/library/nginx:1.22'), {
    repository: 'library/nginx',
    tag: '1.22',
    short: 'nginx:1.22',
  })
  assert.equal(partsOf('localhost:5000/a/b:v1'), { repository: 'a/b', tag: 'v1', short: 'localhost:5000/a/b:v1' })
})

test('an image is served completely: every digest is right, and docker load finds both names', async () => {
  const build = join(directory, 'build')
  const files = join(directory, 'files')
  mkdirSync(join(build, 'root'), { recursive: true })
  writeFileSync(join(build, 'root/hello'), 'hello')
  await execute('tar', ['-C', join(build, 'root'), '-cf', join(build, 'layer.tar'), '.'])
  await serveImage(
    {
      directory: build,
      architecture: 'amd64',
      debian: () => Promise.resolve(),
      run: async (program, args = []) => (await execute(program, args, { cwd: build })).stdout,
      serve(file, at) {
        mkdirSync(dirname(join(files, at)), { recursive: true })
        renameSync(file, join(files, at))
        return Promise.resolve()
      },
      say: () => undefined,
    },
    {
      names: ['docker.io/library/hello:1', 'docker.io/library/hello:1.0'],
      layers: ['layer.tar'],
      config: { Cmd: ['/hello'] },
    },
  )
  const digest = (path: string): string => `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`
  const at = join(files, 'v2/library/hello')
  const manifest = JSON.parse(readFileSync(join(at, 'manifests/1.0'), 'utf8')) as {
    config: { digest: string; size: number }
    layers: { digest: string; size: number }[]
  }
  assert.ok(readdirSync(join(at, 'manifests')).includes(digest(join(at, 'manifests/1'))))
  for (const blob of [manifest.config, ...manifest.layers]) {
    const path = join(at, 'blobs', blob.digest)
    assert.is(digest(path), blob.digest)
    assert.is(readFileSync(path).length, blob.size)
  }
  const { stdout } = await execute('tar', ['-xOf', join(files, 'images/hello-1.tar'), './manifest.json'])
  const [entry] = JSON.parse(stdout) as { RepoTags: string[]; Config: string }[]
  assert.equal(entry?.RepoTags, ['hello:1', 'hello:1.0'])
  assert.is(`sha256:${entry?.Config.replace('.json', '') ?? ''}`, manifest.config.digest)
})

test.run()
