import * as assert from 'uvu/assert'
import { reset } from '../../lib/lab/lab.ts'
import { changedBy, complaintsOf, controller, type Ended } from '../chaos/controller.ts'
import { measured } from '../parity/measured.ts'
import { compare, percent, verdictsOf } from '../parity/parity.ts'
import { artifacts, boot, inventory, lastReady, on, request } from './cluster.ts'

export const WHAT =
  'bare hosts become the cluster that check has said, a second apply changes nothing, and all of it works'

const { toldLater } = measured('kubernetes')
const nodes = ['node-01', 'node-02', 'node-03', 'node-04', 'node-05']
const say = (line: string) => void process.stdout.write(`  ${line}\n`)
const verdicts = ({ events }: Ended) => verdictsOf({ resources: events.filter((event) => event.type === 'resource') })

const ran = async (command: string): Promise<Ended & { readonly started: number }> => {
  const started = Date.now()
  const ended = await controller(process.cwd(), [command, 'kubernetes', '-i', inventory, '--wait']).ended
  assert.is(ended.code, 0, `${command}: ${complaintsOf(ended)}`)
  say(`${command}: ${(Date.now() - started) / 1000} s, ${changedBy(ended).length} changed`)
  return { ...ended, started }
}

/** A test of it: bare hosts, check, apply, apply, verify. */
export async function becomeTheCluster(): Promise<void> {
  await boot()
  const used = await Promise.all(nodes.map(async (node) => await on(node, '[ ! -e /etc/kubernetes ] || echo used')))
  if (used.includes('used')) await reset({ ...request, artifacts }, nodes)

  const [check, apply] = [await ran('check'), await ran('apply')]
  say(`three nodes ready after ${((await lastReady('nodes')) - apply.started) / 1000} s`)
  say(`three of three Pods after ${((await lastReady('pods -n tutorial -l app=web')) - apply.started) / 1000} s`)
  const { predicted, both, done, resources, unknown, surprises } = compare(verdicts(check), verdicts(apply))
  say(
    `of ${done} changes ${percent(both, done)} were foretold, and ${percent(both, predicted)} of what was foretold came; ${percent(unknown.length, resources)} unknown`,
  )
  for (const line of unknown) say(`unknown: ${line}`)
  assert.equal(
    surprises.filter((line) => toldLater?.test(line) !== true),
    [],
  )
  assert.ok(unknown.length * 20 <= resources, `${unknown.length} of ${resources} are unknown`)
  assert.equal(changedBy(await ran('apply')), [])
  await ran('verify')
}
