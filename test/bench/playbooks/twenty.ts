import { dir, file, pkg, playbook, role } from 'rolecall'

const names = Array.from({ length: 16 }, (_, at) => at)

/** Twenty resources: what one of a thousand hosts is asked about. */
const twenty = role({
  name: 'twenty',
  async apply({ ensure }) {
    await ensure(
      pkg(['sudo', 'iproute2']),
      pkg('ca-certificates'),
      dir('/opt/bench'),
      dir('/opt/bench/twenty'),
      names.map((at) => file(`/opt/bench/twenty/${at}.conf`, { content: `# ${at}\n` })),
    )
  },
})

export default playbook({ name: 'twenty', plays: [{ name: 'twenty', hosts: 'all', roles: [twenty] }] })
