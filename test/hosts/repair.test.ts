import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { changes, complaints, lab, onLab, put, rolecall, ssh, text, told } from '../support/lab.ts'

const VARS = 'inventory/group_vars/dns.yml'
const ZONE = '/etc/bind/thtf.com.zone'

const asItWas = text(VARS)
const zoneWith = (more: string) => `dns-server:
  zones:
    - name: host.com
      hosts: all
    - name: thtf.com
${more}
`

const serialOf = async (): Promise<number> => {
  const live = Number(await ssh('node-01', `sed -n 's/^ *\\([0-9]*\\) *; serial$/\\1/p' ${ZONE}`))
  const served = await ssh('node-01', `dig +short SOA thtf.com @${(await lab()).nodes[0]?.address ?? ''}`)
  assert.is(Number(served.split(' ')[2]), live, 'named serves what is in the file')
  return live
}

onLab('the site is there', async () => {
  const apply = await rolecall('apply', 'site')
  assert.is(apply.code, 0, complaints(apply))
})

onLab('one apply repairs exactly what was broken, as check has predicted', async () => {
  const repairs = ['file:/etc/bind/host.com.zone', 'file:/etc/bind/named.conf', 'service:named']
  await ssh('node-01', "rm /etc/bind/host.com.zone; systemctl stop named; echo 'options {' >/etc/bind/named.conf")
  const check = await rolecall('check', 'site')
  assert.is(check.code, 0, complaints(check))
  assert.equal(
    changes(check),
    repairs.map((resource) => `node-01 ${resource} changed`),
  )
  const apply = await rolecall('apply', 'site')
  assert.is(apply.code, 0, complaints(apply))
  assert.equal(changes(apply), changes(check))
  assert.is(await ssh('node-01', 'systemctl is-active named'), 'active')
  assert.is((await rolecall('verify', 'site')).code, 0)
  const check2 = await rolecall('check', 'site', '--exit-code')
  assert.is(check2.code, 0, changes(check2).join('\n'))
})

onLab('the text log names only the resources that were repaired', async () => {
  await ssh('node-01', `rm ${ZONE}`)
  const { code, out } = await told('apply', 'site')
  assert.is(code, 0, out)
  assert.match(out, ZONE)
  assert.match(out, 'service:named')
  assert.not.match(out, /host\.com\.zone|named\.conf|resolv\.conf|pkg:/)
})

onLab('a zone with a syntax error is refused by the checker, and the live file stays', async () => {
  const state = `sha256sum ${ZONE}; stat -c '%i %y' ${ZONE}; ls -A /etc/bind; systemctl show named -p MainPID`
  const before = await ssh('node-01', state)
  put(VARS, zoneWith('      records: [{ name: www, value: 10.4.7.300 }]'))
  for (const mode of ['check', 'apply']) {
    const run = await rolecall(mode, 'site', '--limit', 'node-01')
    assert.is(run.code, 2, `${mode}: ${complaints(run)}`)
    const [problem, ...others] = run.problems
    assert.is(others.length, 0, complaints(run))
    assert.is(problem?.code, 'candidate-refused')
    assert.is(problem?.resource, `file:${ZONE}`)
    assert.match(problem?.output ?? '', /bad dotted quad/)
    assert.ok(run.resources.some(({ resource, status }) => resource === `file:${ZONE}` && status === 'failed'))
  }
  const { code, out, err } = await told('apply', 'site', '--limit', 'node-01')
  assert.is(code, 2)
  assert.match(out + err, /bad dotted quad/)
  assert.is(await ssh('node-01', state), before)
  put(VARS, asItWas)
})

onLab('the serial moves forward when, and only when, a record changes', async () => {
  const apply = async () => {
    const run = await rolecall('apply', 'site', '--limit', 'node-01')
    assert.is(run.code, 0, complaints(run))
    return changes(run)
  }
  const both = [`node-01 file:${ZONE} changed`, 'node-01 service:named changed']
  await apply()
  const first = await serialOf()
  put(VARS, zoneWith('      records: [{ name: www, value: 10.4.7.1 }]'))
  assert.equal(await apply(), both)
  const second = await serialOf()
  assert.ok(second > first, `${second} comes after ${first}`)

  await ssh('node-01', `chmod 600 ${ZONE}`)
  assert.equal((await apply())[0], both[0])
  assert.equal(await apply(), [])
  assert.is(await serialOf(), second)

  put(VARS, asItWas)
  assert.equal(await apply(), both)
  const third = await serialOf()
  assert.ok(third > second, `${third} comes after ${second}`)
  assert.is(await ssh('node-01', 'dig +short www.thtf.com'), '')
})

test.run()
