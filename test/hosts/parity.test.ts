import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { changes, complaints, onLab, rolecall, ssh } from '../support/lab.ts'

const DRIFTS = 15
const MOST_AT_ONCE = 3

const seed = Number(process.env['ROLECALL_SEED'] ?? Date.now() % 1_000_000)
process.stdout.write(`ROLECALL_SEED=${seed}\n`)

/** mulberry32: small, and the same everywhere. */
function random(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Target {
  readonly host: string
  readonly what: string
  /** What may happen to it, as shell text; `$p` is it. */
  readonly drifts: readonly string[]
}

const CHANGE_DRESS = ['chmod 600 "$p"', 'chmod 777 "$p"', 'chown nobody "$p"', 'chgrp games "$p"']
const CHANGE_FILE = [
  ...CHANGE_DRESS,
  'rm "$p"',
  'echo "; more" >>"$p"',
  ': >"$p"',
  'sed -i 1d "$p"',
  'mv "$p" /var/tmp/moved && ln -s /var/tmp/moved "$p"',
  'ln -sfn /nowhere "$p"',
]
const fileOn = (host: string) => (what: string) => ({ host, what, drifts: CHANGE_FILE })

const targets: readonly Target[] = [
  ...['host.com.zone', 'thtf.com.zone', 'named.conf', 'named.conf.local'].map((name) =>
    fileOn('node-01')(`/etc/bind/${name}`),
  ),
  fileOn('node-01')('/etc/resolv.conf'),
  {
    host: 'node-01',
    what: 'named',
    drifts: [
      'systemctl stop "$p"',
      'systemctl -q disable "$p"',
      'systemctl -q mask --now "$p"',
      'systemctl kill -s KILL "$p"',
    ],
  },
  fileOn('node-02')('/etc/resolv.conf'),
  fileOn('node-02')('/opt/certs/ca-csr.json'),
  { host: 'node-02', what: '/opt/certs', drifts: ['chmod 700 "$p"', 'chown nobody "$p"', 'rm -r "$p"'] },
  { host: 'node-02', what: '/opt/certs/ca-key.pem', drifts: ['chmod 644 "$p"', 'rm "$p" /opt/certs/ca.pem'] },
  { host: 'node-02', what: 'tree', drifts: ['dpkg -r "$p" >/dev/null', 'dpkg -P "$p" >/dev/null'] },
]

onLab('check foresees what apply does about any drift, and nothing is left after it', async () => {
  const apply = await rolecall('apply', 'site')
  assert.is(apply.code, 0, complaints(apply))

  const next = random(seed)
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(next() * from.length)]
  const sum = { drifts: 0, predicted: 0, done: 0, both: 0, unknown: 0 }
  while (sum.drifts < DRIFTS) {
    const round = await drift(pick, 1 + Math.floor(next() * MOST_AT_ONCE))
    sum.drifts += round.length
    const told = `ROLECALL_SEED=${seed}, after ${round.join(' and ')}`
    const limits = ['--limit', 'node-01,node-02']
    const check = await rolecall('check', 'site', ...limits)
    const predicted = changes(check)
    const made = await rolecall('apply', 'site', ...limits)
    const done = changes(made)
    sum.predicted += predicted.length
    sum.done += done.length
    sum.both += predicted.filter((line) => done.includes(line)).length
    sum.unknown += predicted.filter((line) => line.endsWith(' unknown')).length
    assert.is(check.code, 0, `${told}: ${complaints(check)}`)
    assert.is(made.code, 0, `${told}: ${complaints(made)}`)
    assert.equal(predicted, done, told)
    const after = await rolecall('check', 'site', '--exit-code', ...limits)
    assert.equal([after.code, ...changes(after)], [0], told)
  }
  const share = (of: number) => (of === 0 ? 'none' : (sum.both / of).toFixed(3))
  process.stdout.write(
    `${sum.drifts} drifts: ${sum.predicted} predicted, ${sum.done} done, precision ${share(sum.predicted)}, ` +
      `recall ${share(sum.done)}, ${sum.unknown} unknown\n`,
  )
})

/** Lets some things drift, each of them once, and gives what was done in words. */
async function drift(pick: <T>(from: readonly T[]) => T | undefined, count: number): Promise<string[]> {
  const done = new Map<string, string>()
  for (let at = 0; at < count; at++) {
    const target = pick(targets)
    const how = pick(target?.drifts ?? [])
    if (target === undefined || how === undefined) continue
    const name = `${target.host} ${target.what}`
    // One thing that is inside another one that is gone cannot drift.
    if ([...done.keys()].some((other) => name.startsWith(other) || other.startsWith(name))) continue
    await ssh(target.host, `p=${target.what}\n${how}`)
    done.set(name, how)
  }
  return [...done].map(([name, how]) => `${name}: ${how}`)
}

test.run()
