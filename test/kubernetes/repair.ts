// `npm run test:kubernetes -- repair`: whatever is deleted, edited or over is repaired by one apply, of which check said all before; and a run that is killed
// anywhere, or loses a host, comes to its end by the next one. ROLECALL_SEED repeats a run.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cutPower, up } from '../../lib/lab/lab.ts'
import kubernetes from '../../playbooks/kubernetes.ts'
import { changedBy, complaintsOf, controller, type Ended } from '../chaos/controller.ts'
import { leftoversOn } from '../chaos/picture.ts'
import { machinesOf } from '../chaos/machine.ts'
import { ensuredResources } from '../parity/ensured-resources.ts'
import { compare, percent, verdictsOf } from '../parity/parity.ts'
import { Random, seedOfRun } from '../support/random.ts'
import { inventory, on, request, setUp } from './cluster.ts'
import { damages, type Damage } from './damage.ts'
import { prepare } from '../support/prepare.ts'

const DAMAGED_ROUNDS = Number(process.env['ROLECALL_ROUNDS'] ?? 4)
const STRUCK_ROUNDS = Number(process.env['ROLECALL_ROUNDS'] ?? 4)

const seed = seedOfRun()
const say = (line: string) => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)
const rolecall = (command: string, tell?: Parameters<typeof controller>[2]) =>
  controller(process.cwd(), [command, 'kubernetes', '-i', inventory, '--wait'], tell)
const ran = async (command: string): Promise<Ended> => {
  const ended = await rolecall(command).ended
  assert.is(ended.code, 0, `${command}: ${complaintsOf(ended)}`)
  return ended
}
const said = ({ events }: Ended) => verdictsOf({ resources: events.filter((event) => event.type === 'resource') })

/** What had to be waited for when check looked may have come until apply looks: an etcd that others leave no processor does not answer each time. */
const CAME_MEANWHILE = / waitFor:.*: check said changed, apply did ok$/
/** The same of an API server that is slow to answer: who waits for it changes nothing. */
const WAITED = / exec:the API answers changed$/
const changesOf = (ended: Ended): string[] => changedBy(ended).filter((line) => !WAITED.test(line))

const harm = async (all: readonly Damage[]): Promise<void> => {
  for (const { host, thing, how } of all) {
    say(`  ${host} ${thing}: ${how.split('\n').at(-1) ?? ''}`)
    // What a damage says is for nobody: not all of them fit each thing.
    await on(host, `( ${how}\n) >/dev/null 2>&1 </dev/null || :`)
  }
}

/** Nothing is left to do, all that roles verify holds, and no temporary file is there. */
const arrived = async (): Promise<void> => {
  assert.equal(changesOf(await ran('apply')), [], 'the next apply changes nothing')
  await ran('verify')
  for (const machine of await machinesOf(request))
    assert.equal(await leftoversOn(machine), [], `temporary files of ${machine.name}`)
}

prepare(test, async () => {
  await setUp()
})

for (let round = 0; round < DAMAGED_ROUNDS; round++)
  test(`one apply repairs what is damaged, and check says all of it before (seed ${seed + round})`, async () => {
    const asked = await ensuredResources(kubernetes, inventory)
    await harm(damages(asked, new Random(seed + round)))
    const [check, apply] = [await ran('check'), await ran('apply')]
    const parity = compare(said(check), said(apply))
    const { both, predicted, done, unknown, surprises } = parity
    say(`  ${done} changes; precision ${percent(both, predicted)}, recall ${percent(both, done)}`)
    for (const line of unknown) say(`  unknown: ${line}`)
    assert.equal(
      surprises.filter((line) => !CAME_MEANWHILE.test(line)),
      [],
    )
    await arrived()
  })

for (let round = 0; round < STRUCK_ROUNDS; round++)
  test(`a run that is struck comes to its end by the next one (seed ${seed + 100 + round})`, async () => {
    const random = new Random(seed + 100 + round)
    const asked = await ensuredResources(kubernetes, inventory)
    await harm(damages(asked, random))
    const [strike, after] = [random.pick(['kill the controller', 'cut the power'] as const), random.between(1, 8)]
    const struck: Promise<unknown>[] = []
    let steps = 0
    const run = rolecall('apply', (event) => {
      if (event.type !== 'step' || ++steps !== after) return
      say(`  step ${after}, ${event.host} ${event.resource}: ${strike}`)
      if (strike === 'kill the controller') run.kill()
      else struck.push(cutPower(request, [event.host]))
    })
    const ended = await run.ended
    await Promise.all(struck)
    say(`  the struck run: ${steps} steps, code ${String(ended.code)}`)
    await up(request)
    await ran('apply')
    await arrived()
  })

test('an expired certificate is signed again, and only its component is restarted', async () => {
  const [kept, used] = ['/opt/certs/kubernetes/node-04/kube-proxy.pem', '/etc/kubernetes/pki/kube-proxy.pem']
  const asked = await on('node-04', 'cat /etc/kubernetes/pki/kube-proxy.csr')
  const over = await on('node-02', overOf(asked))
  await on('node-02', `printf '%s\\n' '${over}' >${kept}`)
  await on('node-04', `printf '%s\\n' '${over}' >${used}`)
  await ran('check')
  assert.equal(changesOf(await ran('apply')).sort(), [
    'node-02 exec:sign kube-proxy of node-04 changed',
    `node-04 file:${used} changed`,
    'node-04 service:kube-proxy changed',
  ])
  await arrived()
})

/** Prints what the authority would have signed for a request in January 2020, for a month: openssl-ca(1). */
function overOf(request: string): string {
  const config =
    '[ca]\\ndefault_ca=c\\n[c]\\ndatabase=index\\nserial=serial\\nnew_certs_dir=.\\ndefault_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n'
  return `set -e; d=$(mktemp -d); cd "$d"; trap 'rm -r "$d"' EXIT; : >index; echo 01 >serial; printf '${config}' >ca.conf; printf '%s\\n' '${request}' >request
openssl ca -batch -notext -config ca.conf -cert /opt/certs/ca.pem -keyfile /opt/certs/ca-key.pem -in request -startdate 20200101000000Z -enddate 20200201000000Z -out over.pem 2>log || { cat log >&2; exit 1; }
cat over.pem`
}

test.run()
