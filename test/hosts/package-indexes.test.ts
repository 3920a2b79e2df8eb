// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { gem } from '../../lib/resources/languages/gem.ts'
import { npm } from '../../lib/resources/languages/npm.ts'
import { pip } from '../../lib/resources/languages/pip.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { makeWheels } from '../support/wheels.ts'
import { onHost, type Machine } from './ground.ts'

const room = '/srv/rc-indexes'
const PORT = 18_971

/** Static files are an index of Python's packages (PEP 503), and of Ruby's as `gem generate_index` lays them out. */
const serve = (directory: string) => `cd ${directory}
python3 -m http.server ${PORT} --bind 127.0.0.1 >/dev/null 2>&1 </dev/null & echo $! >${room}/pid
for i in $(seq 100); do python3 -c "import socket; socket.create_connection(('127.0.0.1', ${PORT}))" 2>/dev/null && exit; sleep 0.1; done; exit 1`
const stop = `[ ! -s ${room}/pid ] || kill "$(cat ${room}/pid)" 2>/dev/null || :`

const gems = (
  version: string,
) => `mkdir -p ${room}/build ${room}/ruby/gems && cd ${room}/build && cat >rc-demo.gemspec <<'END'
Gem::Specification.new { |s| s.name = 'rc-demo'; s.version = '${version}'; s.summary = 'x'; s.authors = ['x']; s.files = []; s.licenses = ['MIT'] }
END
gem build -q rc-demo.gemspec && mv rc-demo-${version}.gem ${room}/ruby/gems/ && gem generate_index -q -d ${room}/ruby >/dev/null 2>&1`

async function settles(machine: Machine, resource: ReturnType<typeof pip>, ...says: readonly string[]) {
  const { check, apply, again } = await machine.settle(resource)
  assert.equal([check, apply, again], [says, says, ['ok']])
}

const cleaned = `${stop}; rm -rf ${room}; gem uninstall -axI rc-demo >/dev/null 2>&1 || :`

onHost('node-02', 'packages of Python come from an index, newer ones where the latest is wanted', async (machine) => {
  await machine.sh(`${cleaned}; mkdir -p ${room}`)
  try {
    await machine.make('apply', pkg('python3-venv'))
    const publish = (...versions: readonly string[]) =>
      machine.sh(makeWheels(`${room}/python/simple/rc-demo`, versions))
    await publish('1.0', '1.1')
    await machine.sh(serve(`${room}/python`))
    const venv = `${room}/venv`
    const from = { venv, extraArgs: ['--index-url', `http://127.0.0.1:${PORT}/simple`] }
    await settles(
      machine,
      pip('rc-demo', { ...from, version: '1.0' }),
      `changed: make the environment ${venv}: install rc-demo==1.0 in ${venv}`,
    )
    assert.equal(await machine.make('apply', pip('rc-demo', from)), ['ok'])
    await settles(machine, pip('rc-demo>=1.1,<2', from), `changed: install rc-demo>=1.1,<2 in ${venv}`)
    await publish('1.2')
    assert.equal(await machine.make('check', pip('rc-demo', from)), ['ok'])
    await settles(machine, pip('rc-demo', { ...from, state: 'latest' }), `changed: upgrade rc-demo-1.2 in ${venv}`)
    const missing = await machine.make('apply', pip('rc-demo', { ...from, version: '9' }))
    assert.match(missing.join('\n'), /No matching distribution found for rc-demo==9/)
    await settles(machine, pip('rc-demo', { venv, state: 'absent' }), `changed: uninstall rc-demo in ${venv}`)
  } finally {
    await machine.sh(cleaned)
  }
})

onHost('node-02', 'gems come from an index, and go, one version beside the other', async (machine) => {
  await machine.sh(`${cleaned}; mkdir -p ${room}`)
  try {
    await machine.make('apply', pkg(['ruby', 'python3']))
    await machine.sh(gems('1.0.0'))
    await machine.sh(gems('1.1.0'))
    await machine.sh(serve(`${room}/ruby`))
    const source = `http://127.0.0.1:${PORT}/`
    await settles(machine, gem('rc-demo', { source, version: '1.0.0' }), 'changed: install gem rc-demo 1.0.0')
    assert.equal(await machine.make('apply', gem('rc-demo', { source })), ['ok'])
    await settles(machine, gem('rc-demo', { source, version: '1.1.0' }), 'changed: install gem rc-demo 1.1.0')
    await settles(
      machine,
      gem('rc-demo', { version: '1.0.0', state: 'absent' }),
      'changed: uninstall gem rc-demo 1.0.0',
    )
    assert.is(await machine.sh('gem list --local --exact rc-demo'), 'rc-demo (1.1.0)')
    const missing = await machine.make('apply', gem('rc-demo', { source, version: '9.0.0' }))
    assert.match(missing.join('\n'), /Could not find a valid gem 'rc-demo' \(= 9\.0\.0\)/)
    await settles(machine, gem('rc-demo', { state: 'absent' }), 'changed: uninstall gem rc-demo')
  } finally {
    await machine.sh(cleaned)
  }
})

/** A registry of npm as files: a document for each package, with its versions and where their archives are. */
const publishNpm = (...versions: readonly string[]) => `mkdir -p ${room}/npm/archives && cd ${room}/npm && rm -rf build
${versions
  .map(
    (
      version,
    ) => `mkdir -p build/package && printf '{"name":"rc-demo","version":"${version}","bin":"run.js"}' >build/package/package.json
printf '#!/usr/bin/env node\\nconsole.log("${version}")\\n' >build/package/run.js
tar czf archives/rc-demo-${version}.tgz -C build package`,
  )
  .join('\n')}
node -e '
const { createHash } = require("node:crypto"), { readFileSync, writeFileSync } = require("node:fs")
const entry = (version) => {
  const archive = readFileSync(\`archives/rc-demo-\${version}.tgz\`)
  const integrity = "sha512-" + createHash("sha512").update(archive).digest("base64")
  return [version, { name: "rc-demo", version, bin: { "rc-demo": "run.js" }, dist: { tarball: \`http://127.0.0.1:${PORT}/archives/rc-demo-\${version}.tgz\`, integrity } }]
}
const all = process.argv.slice(1)
writeFileSync("rc-demo", JSON.stringify({ name: "rc-demo", "dist-tags": { latest: all.at(-1) }, versions: Object.fromEntries(all.map(entry)) }))' ${versions.join(' ')}`

onHost('node-02', 'packages of npm come from a registry, for all and for a project, and go', async (machine) => {
  const purge = 'npm uninstall --global rc-demo >/dev/null 2>&1 || :'
  await machine.sh(`${purge}; ${stop}; rm -rf ${room}; mkdir -p ${room}/app`)
  try {
    await machine.make('apply', pkg(['npm', 'python3']))
    await machine.sh(publishNpm('1.0.0', '1.1.0'))
    await machine.sh(serve(`${room}/npm`))
    const registry = `http://127.0.0.1:${PORT}/`
    await settles(machine, npm('rc-demo', { registry, version: '1.0.0' }), 'changed: install rc-demo@1.0.0')
    assert.is(await machine.sh('cd /; rc-demo'), '1.0.0')
    assert.equal(await machine.make('apply', npm('rc-demo', { registry })), ['ok'])
    await settles(machine, npm('rc-demo', { registry, version: '1.1.0' }), 'changed: install rc-demo@1.1.0 (was 1.0.0)')
    const missing = await machine.make('apply', npm('rc-demo', { registry, version: '9.0.0' }))
    assert.match(missing.join('\n'), /No matching version found for rc-demo@9\.0\.0/)
    const path = `${room}/app`
    assert.match(
      (await machine.make('check', npm('rc-demo', { path, registry }))).join(),
      /there is no .*package\.json/,
    )
    await machine.sh(`echo '{"name":"app","version":"1.0.0"}' >${path}/package.json`)
    await settles(machine, npm('rc-demo', { path, registry }), `changed: install rc-demo in ${path}`)
    await settles(machine, npm('rc-demo', { path, state: 'absent' }), `changed: uninstall rc-demo in ${path}`)
    await settles(machine, npm('rc-demo', { state: 'absent' }), 'changed: uninstall rc-demo')
    assert.is(
      await machine.sh(`command -v rc-demo || ls ${path}/node_modules/rc-demo 2>/dev/null || echo none`),
      'none',
    )
  } finally {
    await machine.sh(`${purge}; ${cleaned}`)
  }
})

test.run()
