import { authorizedKeys, group, pkg, role, sudoers, user, z } from 'rolecall'

export default role({
  name: 'accounts',
  about: 'operators with their keys, sudo, and accounts that are gone',
  vars: z.object({
    /** Names and public keys. */
    operators: z.record(z.string(), z.string()),
    gone: z.array(z.string()).default([]),
  }),
  async apply({ ensure, vars }) {
    const names = Object.keys(vars.operators)
    await ensure(
      pkg('sudo'),
      group('operators'),
      ...names.map((name) => user(name, { groups: ['operators'], shell: '/bin/bash', createHome: true })),
      ...Object.entries(vars.operators).map(([name, key]) => authorizedKeys(name, { keys: [key], exclusive: true })),
      sudoers('operators', { rules: [{ group: 'operators', noPassword: true }] }),
      ...vars.gone.map((name) => user(name, { state: 'absent' })),
    )
  },
  async verify({ $, expect, vars }) {
    for (const name of Object.keys(vars.operators))
      expect((await $.read`id -nG ${name}`).stdout.trim().split(' '), `groups of ${name}`).toContain('operators')
  },
})
