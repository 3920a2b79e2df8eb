// Hosts: none
// The playbook `kubernetes` on five bare hosts of a lab of its own, where the binaries that they download are built: compiling takes nine minutes of a
// processor, which is not for `npm test`. `npm run test:kubernetes` builds them, and has the rest.
import { test } from 'uvu'
import { artifactsToBuild, down } from '../../lib/lab/lab.ts'
import { skipReason } from '../support/lab.ts'

process.env['ROLECALL_TEST_LAB'] = `${process.env['ROLECALL_TEST_LAB'] ?? 'test'}-kubernetes`
const { request } = await import('../kubernetes/cluster.ts')
const { becomeTheCluster, WHAT } = await import('../kubernetes/fresh-hosts.ts')

const isMissing = skipReason === undefined && (await artifactsToBuild(request.project, ['kubernetes'])).length > 0
const reason = isMissing
  ? 'the binaries of Kubernetes are not built yet: npm run test:kubernetes -- fresh builds them'
  : undefined
if (reason !== undefined) process.stdout.write(`skipped: ${reason}\n`)

if (skipReason !== undefined || reason !== undefined) test.skip(WHAT)
else test(WHAT, becomeTheCluster)

test.after(async () => {
  if (skipReason === undefined) await down(request)
})

test.run()
