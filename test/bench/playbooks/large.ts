import { readFileSync } from 'node:fs'
import { file, playbook, role } from 'rolecall'

/** Read once, for all hosts. */
const content = readFileSync(process.env['BENCH_LARGE'] ?? '')

/** One large file to five hosts. */
const large = role({
  name: 'large',
  async apply({ ensure }) {
    await ensure(file('/opt/large', { content }))
  },
})

export default playbook({ name: 'large', plays: [{ name: 'large', hosts: 'all', roles: [large] }] })
