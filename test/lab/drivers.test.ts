// Hosts: none
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isUsable } from '../../lib/lab/containers/engine.ts'
import {
  down,
  inventoryFor,
  openLab,
  reset,
  restore,
  save,
  saved,
  sshArguments,
  status,
  up,
  type DriverName,
} from '../../lib/lab/lab.ts'
import { hasProgram, whyNotNspawn } from '../../lib/lab/machine/requirements.ts'
import { driverNames } from '../../lib/lab/model.ts'
import { containerName } from '../../lib/lab/containers/names.ts'
import { machineName } from '../../lib/lab/nspawn/network.ts'
import { blocksOf } from '../docs/blocks.ts'
import { BOOT_INNER, setUpWithoutSsh, systemdRunOf } from './without-ssh.ts'

const execute = promisify(execFile)

// The same for every run of this clone, so that a run repairs what an interrupted one left, and for no other clone.
const clone = createHash('sha256')
  .update(import.meta.dirname)
  .digest('hex')
  .slice(0, 6)

/** The two hosts that docs/lab.md shows, and something that the lab serves. */
const shown = blocksOf('docs/lab.md').find(({ file }) => file === 'lab/lab.ts')?.text ?? ''
const lab = shown.replace(
  'lab({',
  `lab({
  artifacts: {
    motto: {
      async build({ debian, serve }) {
        await debian('cat /etc/debian_version >motto')
        await serve('motto', 'texts/motto')
      },
    },
  },`,
)

async function whyNot(driver: DriverName): Promise<string | undefined> {
  if (driver === 'nspawn') return await whyNotNspawn()
  if (!(await isUsable(driver))) return `${driver} is not there, or does not work for this user`
  const needsArchive = process.getuid?.() !== 0 && !(await hasProgram('mmdebstrap'))
  return needsArchive ? 'without root, building the image of hosts needs mmdebstrap, which is not installed' : undefined
}

test('docs/lab.md shows a lab of two hosts in ten lines', () => {
  assert.ok(shown.split('\n').length <= 11, shown)
})

for (const driver of driverNames) {
  const project = join(tmpdir(), `rolecall-t-${driver}-${clone}`)
  const request = { project, name: `t-${driver}-${clone}`, driver }
  const ssh = async (node: string, command: string): Promise<string> =>
    (await execute('ssh', [...sshArguments(await openLab(request), node), command])).stdout.trim()

  const reason = await whyNot(driver)
  const says = `${driver}: a project's lab boots, is reached by its inventory and without ssh, saved, restored, reset and taken down`
  if (reason !== undefined) {
    process.stdout.write(`skipped: ${driver}: ${reason}\n`)
    test.skip(says)
    continue
  }

  test(says, async () => {
    mkdirSync(join(project, 'lab'), { recursive: true })
    writeFileSync(join(project, 'lab/lab.ts'), lab)
    await down(request)
    try {
      const booted = await up(request)
      assert.equal([booted.driver, booted.nodes.map(({ name }) => name).join()], [driver, 'web-1,web-2'])
      for (const { name, state } of (await status(request)).nodes) assert.is(state, 'running', name)
      assert.match(inventoryFor(booted), '    web:\n      hosts:\n        web-1:\n        web-2:\n')
      assert.is(await ssh('web-1', 'hostname; sudo id -un; systemctl is-system-running'), 'web-1\nroot\nrunning')
      assert.is(
        await ssh('web-1', 'findmnt -n /etc/hosts /etc/resolv.conf /etc/hostname | wc -l'),
        '0',
        'they can be replaced',
      )
      const web2 = booted.nodes.find(({ name }) => name === 'web-2')?.address ?? ''
      const ask = (host: string, port: number, text: string) => `exec 3<>/dev/tcp/${host}/${port}; ${text}head -n 1 <&3`
      assert.match(await ssh('web-1', `bash -c '${ask(web2, 22, '')}'`), 'SSH-', 'hosts reach each other')
      const get = `printf "GET /texts/motto HTTP/1.0\\r\\n\\r\\n" >&3; `
      assert.match(await ssh('web-1', `bash -c '${ask(booted.gateway, 8081, get)}'`), '200', 'and what the lab serves')

      const undo = (node: string, before: string) => (script: string) => ssh(node, `sudo ${before} sh -c '${script}'`)
      const [web1] = booted.nodes
      const container = driver === 'nspawn' ? machineName(booted, web1) : containerName(request.name, 'web-1')
      await setUpWithoutSsh(project, { connection: driver, container, undo: undo('web-1', '') })
      if (driver === 'nspawn') {
        await ssh('web-1', `sudo sh -c '${BOOT_INNER}'`)
        const path = systemdRunOf(container, join(project, 'bin'))
        const inner = undo('web-1', 'systemd-run --machine=inner --pipe --wait --quiet --collect --')
        await setUpWithoutSsh(project, { connection: 'machinectl', container: 'inner', path, undo: inner })
        await reset(request, ['web-1'])
      }

      await ssh('web-1', 'echo one | sudo tee /etc/kept; sudo rm /etc/debian_version')
      await save(request, 'after', ['web-1'])
      await ssh('web-1', 'sudo rm /etc/kept')
      for (let time = 0; time < 2; time++) {
        await restore(request, 'after')
        assert.is(await ssh('web-1', 'cat /etc/kept; ls /etc/debian_version 2>/dev/null || echo gone'), 'one\ngone')
      }
      assert.equal(
        (await saved(request)).map(({ label, nodes }) => `${label} ${nodes.join()}`),
        ['after web-1'],
      )
      await reset(request, ['web-1'])
      assert.is(await ssh('web-1', 'ls /etc/kept 2>/dev/null || cat /etc/hostname'), 'web-1')
    } finally {
      await down(request)
      const { isUp } = await status(request)
      rmSync(project, { recursive: true, force: true })
      assert.not(isUp)
    }
  })
}

test.run()
