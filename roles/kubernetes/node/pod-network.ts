import { exec, file, sh, unit, type Resource } from 'rolecall'
import { podNetworkOf, type Member } from '../cluster.ts'

const SCRIPT = '/etc/kubernetes/pod-network'

/**
 * The way to the Pods of other nodes, and out of the cluster: a route to the network of each other node, and addresses of Pods are those of the node for
 * everybody outside. A unit of its own brings these at boot and after each restart of systemd-networkd, whoever sets up the host's network.
 *
 * Source: kubernetes.io, "Cluster Networking"; ip-route(8); iptables(8).
 */
export function podNetwork(network: string, nodes: readonly Member[], own: string): Resource[] {
  const others = nodes.flatMap(({ name, address }, place) =>
    name === own ? [] : [{ to: podNetworkOf(network, place), via: address }],
  )
  const rules = [
    `-t nat -A POSTROUTING -s ${network} ! -d ${network} -m comment --comment pods -j MASQUERADE`,
    // Docker drops what is forwarded for others.
    `-I FORWARD -s ${network} -m comment --comment pods -j ACCEPT`,
    `-I FORWARD -d ${network} -m comment --comment pods -j ACCEPT`,
  ]
  const isNode = nodes.some(({ name }) => name === own)
  const lines = [
    ...others.map(({ to, via }) => `route ${to} ${via}`),
    ...(isNode ? rules.map((rule) => `rule ${rule}`) : []),
  ]
  const script = file(SCRIPT, {
    mode: '0755',
    content: `#!/bin/sh
# The ways of Pods: \`${SCRIPT} set\` makes them, \`${SCRIPT} look\` ends with 0 where they are there.
PATH=/usr/sbin:/sbin:$PATH
route() {
  [ "$(ip route show "$1" via "$2")" != '' ] || { [ "$mode" = set ] && ip route replace "$1" via "$2"; } || bad=1
}
rule() {
  iptables -w $(printf '%s\\n' "$*" | sed 's/ -[AI] / -C /; s/^-[AI] /-C /') 2>/dev/null || { [ "$mode" = set ] && iptables -w "$@"; } || bad=1
}
mode=$1 bad=0
${lines.join('\n')}
exit $bad
`,
  })
  const daemon = unit('pod-network', {
    sections: {
      Unit: {
        Description: 'Routes to the Pods of other nodes',
        After: 'network-online.target systemd-networkd.service docker.service',
        Wants: 'network-online.target',
        PartOf: 'systemd-networkd.service',
      },
      Service: { Type: 'oneshot', RemainAfterExit: true, ExecStart: `${SCRIPT} set` },
      Install: { WantedBy: 'multi-user.target' },
    },
  })
  return [
    script,
    daemon,
    exec('routes to the Pods of other nodes', {
      run: 'systemctl daemon-reload && systemctl enable -q pod-network && systemctl restart pod-network',
      creates: '/etc/systemd/system/multi-user.target.wants/pod-network.service',
      unless: sh`${SCRIPT} look`,
      effects: [],
    }),
  ]
}
