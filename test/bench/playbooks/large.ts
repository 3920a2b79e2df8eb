import { readFileSync } from 'node:fs'
import { file, playbook, role } from 'rolecall'

/** One large file to five hosts. */
const large = role({
  name: 'large',
  async apply({ ensure }) {
    await ensure(file('/opt/large', { content: readFileSync(process.env['BENCH_LARGE'] ?? '') }))
  },
})

export default playbook({ name: 'large', plays: [{ name: 'large', hosts: 'all', roles: [large] }] })
