import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadInventory } from '../../lib/inventory/load.ts'
import { sharedMachineNotes } from '../../lib/runner/hosts/shared-machines.ts'

const notes = (lines: string) => {
  const directory = mkdtempSync(join(tmpdir(), 'shared-machines-'))
  try {
    writeFileSync(join(directory, 'hosts'), lines)
    return sharedMachineNotes(loadInventory(join(directory, 'hosts')).hosts).map(({ message }) => message)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
const told = ': they wait for one another, and what one changes check does not foresee for the others'

test('a host that cannot be reached by what its variables say is left out, and reported by itself', () => {
  assert.equal(notes('a ansible_connection=winrm\nb ansible_connection=winrm\n'), [])
})

test('one machine under two names is told', () => {
  assert.equal(notes('a ansible_host=10.0.0.1\nb ansible_host=10.0.0.1 ansible_port=22\nc ansible_host=10.0.0.2\n'), [
    `a, b are one machine (10.0.0.1)${told}`,
  ])
  assert.equal(notes('web.example.com ansible_user=ops\nb ansible_host=WEB.example.com ansible_user=ops\n'), [
    `web.example.com, b are one machine (ops@web.example.com)${told}`,
  ])
  assert.equal(notes('a ansible_connection=docker ansible_host=c1\nb ansible_connection=docker ansible_host=c1\n'), [
    `a, b are one machine (docker c1)${told}`,
  ])
})

test('another port, another account, another way there and this machine are told apart', () => {
  assert.equal(
    notes(
      [
        'a ansible_host=10.0.0.1 ansible_port=2201',
        'b ansible_host=10.0.0.1 ansible_port=2202',
        'c ansible_host=10.0.0.1 ansible_port=2201 ansible_user=ops',
        "d ansible_host=10.0.0.1 ansible_port=2201 ansible_ssh_common_args='-o ProxyJump=other'",
        'e ansible_connection=docker ansible_host=10.0.0.1',
        'f ansible_connection=local',
        'g ansible_connection=local\n',
      ].join('\n'),
    ),
    [],
  )
})

test('of many names the first ones stand there', () => {
  const [note = ''] = notes(Array.from({ length: 9 }, (_, at) => `h${at} ansible_host=x\n`).join(''))
  assert.match(note, /^h0, h1, h2, h3, h4, h5, and 3 more, are one machine \(x\): /)
})

test.run()
