import { playbook, role } from 'rolecall'

/** A hundred commands, one after the other. */
const commands = role({
  name: 'commands',
  async apply({ $ }) {
    for (let at = 0; at < 100; at++) await $.read`echo ${at}`
  },
})

export default playbook({ name: 'commands', plays: [{ name: 'commands', hosts: 'node-03', roles: [commands] }] })
