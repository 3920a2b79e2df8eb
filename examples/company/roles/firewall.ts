import { nftables, pkg, role, service, z } from 'rolecall'

/** Lets in what is established, ssh, ICMP (1 and 58: not every host has the names of protocols) and these ports. */
function rules(ports: readonly number[]): string {
  return `flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iif lo accept
    meta l4proto { 1, 58 } accept
    tcp dport { ${[22, ...ports].join(', ')} } accept
  }
}
`
}

export default role({
  name: 'firewall',
  about: 'what is let in, taken back when it locks us out',
  vars: z.object({ ports: z.array(z.int()).default([]) }),
  async apply({ ensure, vars, host }) {
    const path = host.pick({ debian: '/etc/nftables.conf', el: '/etc/sysconfig/nftables.conf' })
    await ensure(
      // One of them has the rules: the family's own would take ours away when it starts.
      ...(host.os.family === 'el' ? [service('firewalld', { running: false, enabled: false })] : []),
      pkg('nftables'),
      ...nftables('company', { content: rules(vars.ports), path, confirm: 30 }),
      service('nftables', { enabled: true }),
    )
  },
})
