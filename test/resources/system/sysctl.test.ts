import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { sysctl, type SysctlWant } from '../../../lib/resources/system/sysctl.ts'
import { ask, debian, probe, reply, shells, words } from '../../support/converge-locally.ts'

const writable = '# mounts\nproc /proc proc rw,nosuid 0 0\n'
const readOnly = `${writable}proc /proc/sys proc ro,nosuid 0 0\n`
const partly = `${readOnly}proc /proc/sys/net proc rw,nosuid 0 0\n`
const kept = (value: string) => `# kept\n# Kept by Rolecall.\nnet.ipv4.ip_forward = ${value}\n`

const table: readonly (readonly [says: string, have: string, then: readonly string[] | string])[] = [
  ['live and kept: nothing to do', `# live\n1\n${kept('1')}${writable}`, []],
  ['only live: keep it', `# live\n1\n${writable}`, ['keep net.ipv4.ip_forward = 1 for the next boot']],
  ['only kept: set it', `# live\n0\n${kept('1')}${writable}`, ['set net.ipv4.ip_forward = 1 (was 0)']],
  [
    'neither: set it first, so that what the kernel does not take is not kept',
    `# live\n0\n${kept('0')}${writable}`,
    ['set net.ipv4.ip_forward = 1 (was 0)', 'keep net.ipv4.ip_forward = 1 for the next boot (was 0)'],
  ],
  ['no such parameter: refused', writable, 'refused: the kernel has no parameter net.ipv4.ip_forward'],
  [
    'read-only: refused',
    `# live\n0\n${readOnly}`,
    'refused: net.ipv4.ip_forward is 0 and cannot be changed here: /proc/sys is read-only',
  ],
  ['read-only, but as wanted: nothing to do', `# live\n1\n${kept('1')}${readOnly}`, []],
  ['read-only elsewhere: set it', `# live\n0\n${kept('1')}${partly}`, ['set net.ipv4.ip_forward = 1 (was 0)']],
]
test('no such parameter, where it may be missing: nothing to do', () => {
  const it = sysctl('net.ipv4.ip_forward', 1, { whereKnown: true })
  assert.equal(words(it.evaluate(reply(writable), debian, new Prediction())), [])
})

for (const [says, have, then] of table) {
  test(says, () =>
    assert.equal(words(sysctl('net.ipv4.ip_forward', 1).evaluate(reply(have), debian, new Prediction())), then),
  )
}

const gone: typeof table = [
  ['nothing is kept: nothing to do', '', []],
  [
    'kept: its file goes, and what stays is told',
    'kept\n10000\t65000\n',
    ['keep net.ipv4.ip_forward no longer for the next boot; until then it stays 10000 65000'],
  ],
  ['kept, and the kernel does not have it', 'kept\n', ['keep net.ipv4.ip_forward no longer for the next boot']],
]
for (const [says, have, then] of gone)
  test(`absent, ${says}`, () => {
    const want = sysctl('net.ipv4.ip_forward', { state: 'absent' })
    assert.equal(words(want.evaluate(reply(have), debian, new Prediction())), then)
  })

test('absent after it is set in the same run, and set after it was removed', () => {
  const [set, absent] = [sysctl('net.ipv4.ip_forward', 1), sysctl('net.ipv4.ip_forward', { state: 'absent' })]
  const later = (first: typeof set, said: string) => {
    const prediction = new Prediction()
    const evaluation = first.evaluate(reply(said), debian, new Prediction())
    prediction.record(first.id, 'effects' in evaluation ? evaluation.effects : [])
    return prediction
  }
  assert.equal(words(absent.evaluate(reply(''), debian, later(set, `# live\n0\n${writable}`))), [
    'keep net.ipv4.ip_forward no longer for the next boot',
  ])
  assert.equal(words(set.evaluate(reply(`# live\n1\n${kept('1')}${writable}`), debian, later(absent, 'kept\n1\n'))), [
    'keep net.ipv4.ip_forward = 1 for the next boot',
  ])
})

for (const shell of shells())
  test(`${shell.name}: absent asks about a parameter that is not there, and one that is`, async () => {
    for (const key of ['kernel.rolecall_none', 'kernel.ostype'])
      assert.equal(words(await ask(shell, sysctl(key, { state: 'absent' }))), [])
  })

const files = (...said: string[]) => `# live\n1\n${kept('1')}# files\n${said.join('\n')}\n${writable}`
const own = '/etc/sysctl.d/90-rolecall-net-ipv4-ip_forward.conf'
const boot: readonly (readonly [says: string, said: readonly string[], then: readonly string[] | string])[] = [
  [
    'a file before it: nothing to do',
    ['file /etc/sysctl.d/10-a.conf', '/etc/sysctl.d/10-a.conf:1:net.ipv4.ip_forward=0'],
    [],
  ],
  [
    'a file after it that says the same: nothing to do',
    ['file /etc/sysctl.d/99-a.conf', '/etc/sysctl.d/99-a.conf:1:-net/ipv4/ip_forward = 1'],
    [],
  ],
  [
    'a comment, another key, a pattern: nothing to do',
    [
      'file /etc/sysctl.d/99-a.conf',
      '/etc/sysctl.d/99-a.conf:1:#net.ipv4.ip_forward=0',
      '/etc/sysctl.d/99-a.conf:2:net.ipv4.ip_forward_x=0',
      '/etc/sysctl.d/99-a.conf:3:net.*.ip_forward = 0',
    ],
    [],
  ],
  [
    'a file after it: refused',
    ['file /usr/lib/sysctl.d/99-a.conf', '/usr/lib/sysctl.d/99-a.conf:7:net.ipv4.ip_forward = 0'],
    `refused: net.ipv4.ip_forward would be 0 after the next boot: /usr/lib/sysctl.d/99-a.conf sets it in line 7, and comes later than ${own}`,
  ],
  [
    'the same below another of that name: nothing to do',
    [
      'file /etc/sysctl.d/99-a.conf',
      'file /usr/lib/sysctl.d/99-a.conf',
      '/usr/lib/sysctl.d/99-a.conf:7:net.ipv4.ip_forward = 0',
    ],
    [],
  ],
]
for (const [says, said, then] of boot) {
  test(`at boot: ${says}`, () =>
    assert.equal(
      words(sysctl('net.ipv4.ip_forward', 1).evaluate(reply(files(...said)), debian, new Prediction())),
      then,
    ))
}

test('A parameter that the kernel has as a number is refused as anything else', () => {
  const evaluate = (key: string, value: string | number, live: string, ...said: string[]) =>
    words(sysctl(key, value).evaluate(reply(`# live\n${live}\n${said.join('')}${writable}`), debian, new Prediction()))
  assert.match(evaluate('vm.swappiness', 'low', '60').toString(), /is a number \(60 now\), and low is none/)
  assert.match(evaluate('vm.swappiness', 300, '60').toString(), /does not accept 300/)
  assert.match(evaluate('kernel.printk', '4 4', '4 4 1 7').toString(), /has 4 numbers/)
  assert.match(evaluate('vm.swappiness', '010', '60').toString(), /would not be read back as/)
  assert.match(evaluate('net.ipv4.x', 1, '0', '# not-taken\n').toString(), /does not accept 1/)
  assert.match(evaluate('net.ipv4.x', 1, '', '# write-only\n').toString(), /can only be written/)
  assert.match(evaluate('net.ipv4.x', 1, '0', '# fixed\n').toString(), /allows only reading/)
  assert.is(evaluate('kernel.hostname', 'web', '123').length, 2)
  assert.is(evaluate('net.ipv4.ip_local_reserved_ports', '80,90-99', '80').length, 2)
})

test('Spaces and tabs are the same', () => {
  const have = `# live\n32768\t60999\n# kept\nnet/ipv4/ip_local_port_range=32768  60999\n${writable}`
  assert.equal(
    words(sysctl('net.ipv4.ip_local_port_range', ' 32768 60999').evaluate(reply(have), debian, new Prediction())),
    [],
  )
})

test('A key may have slashes, where a part of it has dots', () => {
  const path = '/proc/sys/net/ipv4/conf/eth0.100/forwarding'
  assert.match(sysctl('net/ipv4/conf/eth0.100/forwarding', 1).probe(debian).text, path)
  assert.match(sysctl('net.ipv4.conf.eth0/100.forwarding', 1).probe(debian).text, path)
  assert.is(
    (sysctl('net.ipv4.ip_forward', 1).want as SysctlWant).file,
    '/etc/sysctl.d/90-rolecall-net-ipv4-ip_forward.conf',
  )
})

test('A command or a package that is still to come may bring the parameter', () => {
  const evaluate = (from: string, effect: Effect, have = writable) => {
    const prediction = new Prediction()
    prediction.record(from, [effect])
    return words(sysctl('net.ipv4.ip_forward', 1).evaluate(reply(have), debian, prediction))
  }
  const steps = ['set net.ipv4.ip_forward = 1', 'keep net.ipv4.ip_forward = 1 for the next boot']
  assert.equal(evaluate('exec:modprobe', { type: 'anything' }), steps)
  const same = sysctl('net.ipv4.ip_forward', 1).evaluate(reply(`# live\n0\n${writable}`), debian, new Prediction())
  const [effect] = 'plan' in same ? same.effects : []
  assert.equal(effect && evaluate('sysctl:net.ipv4.ip_forward', effect, `# live\n0\n${writable}`), [])
})

test('Invalid options are refused before any host is touched', () => {
  for (const key of ['', 'a b', '../x', 'net..x', '/etc/passwd', 'a/../../b', 'net.*']) {
    assert.throws(() => sysctl(key, 1), /Expected sysctl key/)
  }
  for (const value of [0.5, 1e21, 2 ** 60]) assert.throws(() => sysctl('vm.swappiness', value), /a whole number/)
  for (const value of ['', ' ', '1\0']) assert.throws(() => sysctl('vm.swappiness', value), /Expected value/)
})

for (const shell of shells()) {
  test(`${shell.name}: the live value is told, and how /proc is mounted`, async () => {
    const release = readFileSync('/proc/sys/kernel/osrelease', 'utf8')
    const { text } = await probe(shell, sysctl('kernel.osrelease', 'x'))
    assert.ok(text.startsWith(`# live\n${release}`))
    assert.match(text, /# mounts\n.* \/proc proc /)
  })
}

test.run()
