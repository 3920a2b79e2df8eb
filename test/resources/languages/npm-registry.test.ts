// Own process: it sets the environment of npm.
import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensure } from '../../../lib/converge/ensure.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { npm, npmProject } from '../../../lib/resources/languages/npm.ts'
import { findTool } from '../../support/converge-locally.ts'
import { forget, ground, onThisMachine, refusal, told } from '../../support/ensure-here.ts'

const directory = mkdtempSync(join(tmpdir(), 'npm-registry-'))
test.after(() => rmSync(directory, { recursive: true, force: true }))

/** What npm sees of a registry: a document for each package, and archives. Source: github.com/npm/registry, docs/responses/package-metadata.md. */
class Registry {
  readonly #archives = new Map<string, Buffer>()
  readonly #versions = new Map<string, Record<string, object>>()
  readonly #server = createServer(({ url = '' }, answer) => {
    const path = decodeURIComponent(url.slice(1).split('?')[0] ?? '')
    const archive = this.#archives.get(path)
    const versions = this.#versions.get(path)
    if (archive !== undefined) return void answer.end(archive)
    if (versions === undefined) return void answer.writeHead(404, { 'content-type': 'application/json' }).end('{}')
    const latest = Object.keys(versions).at(-1)
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify({ name: path, 'dist-tags': { latest }, versions }))
  })
  url = ''

  async start(): Promise<void> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening))
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  add(name: string, version: string, more: object = {}): void {
    const manifest = { name, version, ...more }
    const inner = join(directory, 'made/package')
    mkdirSync(inner, { recursive: true })
    writeFileSync(join(inner, 'package.json'), JSON.stringify(manifest))
    const archive = execFileSync('tar', ['czf', '-', '-C', dirname(inner), 'package'])
    const path = `-/${name.replace('/', '-')}-${version}.tgz`
    this.#archives.set(path, archive)
    const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`
    const shasum = createHash('sha1').update(archive).digest('hex')
    const before = this.#versions.get(name) ?? {}
    this.#versions.set(name, {
      ...before,
      [version]: { ...manifest, dist: { tarball: `${this.url}${path}`, integrity, shasum } },
    })
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

if (findTool('npm') === undefined) {
  process.stdout.write('skipped: there is no npm here\n')
  test.skip('packages of npm come from a registry')
} else {
  process.env['HOME'] = directory
  process.env['npm_config_prefix'] = join(directory, 'global')
  process.env['npm_config_fetch_retries'] = '0'
  mkdirSync(join(directory, 'global/lib'), { recursive: true })
  onThisMachine(test)
  const registry = new Registry()
  await registry.start()
  test.after(() => registry.stop())
  for (const version of ['1.0.0', '1.2.0']) registry.add('rc-demo', version, { dependencies: { 'rc-inner': '^1.0.0' } })
  registry.add('rc-inner', '1.5.0')
  registry.add('@rc/tool', '2.0.0')
  registry.add('rc-dev', '3.0.0')

  const make = async (mode: 'check' | 'apply', resource: Resource) => {
    forget()
    await ensure(ground(mode), [resource])
    return told().map(({ status, steps }) => [status, ...steps].join(': '))
  }
  /** Check and apply say the same, and after that nothing is left to do. */
  const settles = async (resource: Resource, ...says: readonly string[]) => {
    assert.equal(await make('check', resource), says)
    assert.equal(await make('apply', resource), says)
    assert.equal(await make('apply', resource), ['ok'])
  }
  const project = (name: string, manifest: object) => {
    const path = join(directory, name)
    mkdirSync(path)
    writeFileSync(join(path, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...manifest }))
    return path
  }
  const versionIn = (path: string) =>
    (JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as { version: string }).version

  test('a package of a project comes with what it needs, in the version that is wanted, and goes', async () => {
    const path = project('app', {})
    const from = { path, registry: registry.url }
    await settles(npm('rc-demo', { ...from, version: '1.0.0' }), `changed: install rc-demo@1.0.0 in ${path}`)
    assert.is(versionIn(join(path, 'node_modules/rc-inner')), '1.5.0')
    assert.equal(await make('apply', npm('rc-demo', from)), ['ok'])
    await settles(
      npm('rc-demo', { ...from, version: '1.2.0' }),
      `changed: install rc-demo@1.2.0 in ${path} (was 1.0.0)`,
    )
    await settles(npm('rc-demo', { ...from, state: 'absent' }), `changed: uninstall rc-demo in ${path}`)
    assert.not(existsSync(join(path, 'node_modules/rc-inner')))
  })

  test('a package for all stands in the prefix of npm', async () => {
    await settles(npm('@rc/tool', { registry: registry.url }), 'changed: install @rc/tool')
    assert.is(versionIn(join(directory, 'global/lib/node_modules/@rc/tool')), '2.0.0')
    await settles(npm('@rc/tool', { state: 'absent' }), 'changed: uninstall @rc/tool')
  })

  test('a project gets just what its lock file says, without what is for development alone', async () => {
    const path = project('site', { dependencies: { 'rc-demo': '^1.0.0' }, devDependencies: { 'rc-dev': '3.0.0' } })
    // Not synchronously: this process is the registry.
    await promisify(execFile)('npm', ['install', '--package-lock-only', `--registry=${registry.url}`, '--prefix', path])
    registry.add('rc-demo', '1.3.0', { dependencies: { 'rc-inner': '^1.0.0' } })
    const wanted = npmProject(path, { production: true, registry: registry.url })
    await settles(wanted, `changed: install dependencies in ${path}`)
    assert.is(versionIn(join(path, 'node_modules/rc-demo')), '1.2.0')
    assert.not(existsSync(join(path, 'node_modules/rc-dev')))
    rmSync(join(path, 'node_modules/rc-inner'), { recursive: true })
    await settles(wanted, `changed: install dependencies in ${path}`)
    // The lock file goes on, and what is there still fits package.json.
    const file = join(path, 'package-lock.json')
    const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, object> }
    const [version, resolved] = ['1.3.0', `${registry.url}-/rc-demo-1.3.0.tgz`]
    lock.packages['node_modules/rc-demo'] = { version, resolved, dependencies: { 'rc-inner': '^1.0.0' } }
    writeFileSync(file, JSON.stringify(lock))
    await settles(wanted, `changed: install dependencies in ${path} (rc-demo 1.2.0, locked 1.3.0)`)
    assert.is(versionIn(join(path, 'node_modules/rc-demo')), '1.3.0')
    // package.json goes on, and the lock file does not.
    const dependencies = { 'rc-demo': '^1.0.0', 'rc-inner': '^9.0.0', '@rc/tool': '2.0.0' }
    writeFileSync(join(path, 'package.json'), JSON.stringify({ name: 'site', version: '1.0.0', dependencies }))
    const problem = await refusal(() => make('check', wanted))
    assert.match(JSON.stringify(problem.problems), /does not fit package.json: @rc\/tool, rc-inner/)
  })

  test('a version that the registry does not have ends with what npm says', async () => {
    const path = project('old', {})
    const wanted = npm('rc-demo', { path, version: '9.9.9', registry: registry.url })
    const error = await refusal(() => make('apply', wanted))
    assert.match(JSON.stringify(error.problems), /No matching version found for rc-demo@9\.9\.9/)
  })
}

test.run()
