import { sh } from '../../sh/quote.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'

interface HostnameHave {
  readonly live: string
  readonly lasting: string
  readonly systemd: boolean
}

/**
 * The host's own name, at once and after the next boot. /etc/hosts and DNS are not touched.
 *
 * With systemd by `hostnamectl`, elsewhere, or where that does not answer, by /etc/hostname and sethostname(2).
 * Where cloud-init runs, its `preserve_hostname: true` keeps it from setting another one at boot.
 *
 * Refused, before any host is touched: a name that is not letters, digits and hyphens between dots, or has more than 64 characters.
 *
 * @example
 * hostname('node-01.host.com')
 *
 * Source: hostnamectl(1), hostname(5), hostname(7), sethostname(2), RFC 1123 2.1.
 */
export function hostname(name: string): Resource {
  const fits =
    typeof name === 'string' &&
    name.length <= 64 &&
    name.split('.').every((label) => /^[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/i.test(label))
  if (!fits) throw invalidOption('hostname', 'letters, digits and hyphens between dots, 64 in all', describeValue(name))
  return make(name, { name })
}

const make = kind<{ readonly name: string }, HostnameHave>({
  name: 'hostname',
  probe: () => sh`echo "live $(uname -n)"
[ -r /etc/hostname ] && echo "lasting $(sed -n '/^[[:space:]]*[^#[:space:]]/{p;q;}' /etc/hostname)"`,
  read(_, reply, facts) {
    const find = (word: string) =>
      reply.lines
        .find((line) => line.startsWith(`${word} `))
        ?.slice(word.length + 1)
        .trim() ?? ''
    return { live: find('live'), lasting: find('lasting'), systemd: facts.init === 'systemd' }
  },
  plan({ name }, { live, lasting, systemd }): Step[] | Refused {
    if (live === name && lasting === name) return []
    const from = live === name ? `${lasting || 'none'} at boot` : live
    return [
      {
        summary: `set hostname ${name} (was ${from})`,
        sh: sh`${systemd ? sh`hostnamectl set-hostname ${name}` : sh`false`} || {
hostname ${name} 2>/dev/null || echo ${name} >/proc/sys/kernel/hostname || exit 1
t=/etc/.hostname.rolecall.$$; echo ${name} >"$t" && chmod 0644 "$t" && mv -f "$t" /etc/hostname; }`,
        changesOnly: ['/proc/sys/kernel/hostname', '/etc/hostname'],
      },
    ]
  },
  paths: () => ['/etc/hostname'],
  effects: ({ name }) => [
    { type: 'path', path: '/etc/hostname', state: { type: 'file', content: Buffer.from(`${name}\n`) } },
  ],
  predict({ name }, have, prediction) {
    const pending = prediction.paths.get('/etc/hostname')
    if (pending === undefined) return have
    if (pending.state.type !== 'file') return { ...have, lasting: '' }
    if (pending.state.content === undefined) return { unknown: `which hostname ${pending.from} writes` }
    const written = Buffer.from(pending.state.content).toString('utf8').trim()
    return { ...have, lasting: written, live: pending.from === `hostname:${name}` ? name : have.live }
  },
  advanced: { declarations: ({ name }) => [['hostname', name]] },
})
