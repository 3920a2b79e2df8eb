import { dir, file, playbook, role } from 'rolecall'

/** A hundred small files in one `ensure`. */
const files = role({
  name: 'files',
  async apply({ ensure }) {
    const all = Array.from({ length: 100 }, (_, at) =>
      file(`/opt/bench/${at}.conf`, { content: `# ${at}\n${'value = 1\n'.repeat(20)}` }),
    )
    await ensure(dir('/opt/bench'), ...all)
  },
})

export default playbook({ name: 'files', plays: [{ name: 'files', hosts: 'node-03', roles: [files] }] })
