import {
  certificateRequest,
  dir,
  file,
  group,
  pkg,
  privateKey,
  role,
  user,
  z,
  type Outcome,
  type Resource,
} from 'rolecall'
import certAuthority from './cert-authority.ts'
import {
  authorityDirectory,
  certificateFile,
  certificatesOf,
  keyFile,
  requestFile,
  rootsOf,
  type Authority,
  type Wanted,
} from './kubernetes/pki/certificates.ts'
import { cluster, clusterOf, ETCD_PKI, PKI } from './kubernetes/cluster.ts'
import { faultOf, signed, signedFile } from './kubernetes/pki/sign.ts'

const vars = z.object({
  ...cluster,
  /** Days that a certificate is good for. */
  days: z.int().min(2).max(3650).default(365),
  /** It is signed anew by the first run that finds fewer days left. */
  renewBefore: z.int().min(1).default(60),
})

/**
 * Certificates of the cluster, signed by the authority of chapter 6.3; those of etcd and of the front proxy by authorities of their own (kube-authorities).
 *
 * - Every key is made on the host that uses it, and never leaves it. What travels is a request; the certificate comes back.
 * - The authority decides what it signs: subject, names and profile are those of the role, whatever the request says.
 * - One file for each component: /etc/kubernetes/pki/NAME.pem and NAME-key.pem, those of etcd in /etc/etcd/pki.
 * - A certificate is renewed when fewer than `renewBefore` days are left, and when its subject, names, key or authority are others. Its component is
 *   restarted by its own role, and only that one.
 * - Each host of the control plane signs tokens of service accounts with a key of its own, and all know the public halves of all.
 */
export default role({
  name: 'kube-pki',
  about: 'Certificates of the cluster, signed by the authority of chapter 6.3',
  tags: ['kube-pki'],
  vars,
  validateSite: ({ everyone, hosts }) => [
    ...(everyone.some(({ groups }) => groups.includes('ca'))
      ? []
      : [
          {
            hosts: hosts.map(({ name }) => name),
            message: 'no host is in the group ca, so nobody signs certificates of the cluster',
          },
        ]),
    ...hosts
      .filter(({ vars: { days, renewBefore } }) => renewBefore >= days)
      .map(({ name, vars: { days, renewBefore } }) => ({
        hosts: [name],
        message: 'a certificate would be renewed by every run',
        expected: `kube-pki.renewBefore below the ${days} days that it is good for`,
        got: String(renewBefore),
      })),
  ],

  async apply({ $, ensure, checking, host, site, vars }) {
    const { renewBefore } = vars
    const is = (name: string) => host.groups.includes(name)
    const parts = { etcd: is('etcd'), controlPlane: is('control_plane'), node: is('kube_nodes') }
    const wanted = certificatesOf(host, parts, clusterOf(vars), site.hosts('control_plane'))
    const [authority] = site.hosts('ca')
    if (authority === undefined) throw new Error('no host is in the group ca: name one in the inventory')
    const { directory } = authority.vars(certAuthority)
    const roots = rootsOf(parts)
    const rootTexts = await Promise.all(
      roots.map(async ([, of]) => {
        const at = `${authorityDirectory(directory, of)}/ca.pem`
        const text = await authority.read(at, { whilePending: '' })
        if (text === undefined && !checking)
          throw new Error(
            `${authority.name} has no ${at}: apply the role ${of === 'site' ? 'cert-authority' : 'kube-authorities'} there first`,
          )
        return text ?? ''
      }),
    )
    const rootOf = (of: Authority) => rootTexts[roots.findIndex(([, each]) => each === of)] ?? ''

    const texts = async () =>
      textsIn(
        (
          await $.read`tail -v -n +1 -- ${wanted.flatMap((each) => [requestFile(each), certificateFile(each)])}`.nothrow()
        ).stdout,
      )
    let own = await texts()
    // Asked before a key is pending: a key whose owner or mode alone is wrong stays the same.
    const isUsable = async (path: string) =>
      (await $.read`openssl pkey -in ${path} -noout -passin pass:`.nothrow()).exitCode === 0
    const keys = checking ? wanted.map(keyFile) : []
    const answers = await Promise.all(keys.map(isUsable))
    const usable = new Set(keys.filter((_, at) => answers[at]))
    const outcomes = await ensure(
      pkg('openssl'),
      parts.etcd ? owner : [],
      dir('/etc/kubernetes'),
      dir(PKI),
      parts.etcd ? [dir('/etc/etcd'), dir(ETCD_PKI)] : [],
      roots.map(([at, of]) => file(at, { content: rootOf(of) })),
      wanted.flatMap(asked),
    )
    const pendingKeys = pendingOf(outcomes, 'privateKey:')
    const pendingRequests = pendingOf(outcomes, 'certificateRequest:')
    if (!checking && pendingRequests.size > 0) own = await texts()
    /** In check mode: the key will be another one. */
    const isNewKey = (path: string) => checking && pendingKeys.has(path) && !usable.has(path)
    const signedText = async ({ name }: Wanted) => await authority.read(signedFile(directory, host.name, name))
    const judged = await Promise.all(
      wanted.map(async (each) => {
        const isNew = isNewKey(keyFile(each))
        // A new request is not there to be read in check mode; of the same key it changes nothing by itself.
        const isAskedAnew = checking && pendingRequests.has(requestFile(each))
        const request = isAskedAnew ? '' : (own.get(requestFile(each)) ?? '')
        const held = own.get(certificateFile(each))
        const isWanted = (text: string | undefined) =>
          !isNew &&
          faultOf(text, each, { request, root: rootOf(each.authority), renewBefore, now: Date.now() }) === undefined
        // The authority is asked where the host's own certificate is not the wanted one. Other hosts read those of service accounts there.
        const text = each.profile !== 'signer' && isWanted(held) ? held : await signedText(each)
        return { each, request, isNew, kept: isWanted(text) ? text : undefined }
      }),
    )
    const unsigned = judged.filter(({ kept }) => kept === undefined)
    if (unsigned.length > 0)
      await authority.ensure(
        unsigned.map(({ each, request, isNew }) => signed(each, host.name, { request, isNew }, directory, renewBefore)),
      )
    const certificates = await Promise.all(
      judged.map(async ({ each, kept }) => {
        const content = kept ?? (checking ? '' : await signedText(each)) ?? ''
        return file(certificateFile(each), { content, mode: '0644' })
      }),
    )
    await ensure(certificates)
  },

  async verify({ $, expect, host, site, vars }) {
    const is = (name: string) => host.groups.includes(name)
    const parts = { etcd: is('etcd'), controlPlane: is('control_plane'), node: is('kube_nodes') }
    for (const each of certificatesOf(host, parts, clusterOf(vars), site.hosts('control_plane'))) {
      const [at, key] = [certificateFile(each), keyFile(each)]
      const root = rootsOf(parts).find(([, of]) => of === each.authority)?.[0] ?? `${PKI}/ca.pem`
      const verified = await $.read`openssl verify -CAfile ${root} ${at}`.nothrow()
      expect(verified.stdout.trim(), `openssl verify ${at}`).toBe(`${at}: OK`)
      expect((await $.read`stat -L -c ${'%a %U'} ${key}`.nothrow()).stdout.trim(), `mode and owner of ${key}`).toBe(
        `600 ${each.owner ?? 'root'}`,
      )
    }
  },
})

/** Texts of files by their paths, as tail(1) shows several of them. What is not there is left out. */
export function textsIn(shown: string): ReadonlyMap<string, string> {
  const [, ...parts] = shown.split(/(?:^|\n)==> (\/.*) <==\n/)
  return new Map(parts.flatMap((part, at) => (at % 2 === 0 ? [[part, parts[at + 1] ?? ''] as const] : [])))
}

/** The account that etcd runs as: its key is for nobody else. */
const owner = [
  group('etcd', { system: true }),
  user('etcd', { system: true, group: 'etcd', home: '/var/lib/etcd', createHome: false, shell: '/usr/sbin/nologin' }),
]

/** What is changed or to be changed, by its name. */
function pendingOf(outcomes: readonly Outcome[], prefix: string): ReadonlySet<string> {
  const changed = outcomes.filter(({ resource, status }) => status !== 'ok' && resource.startsWith(prefix))
  return new Set(changed.map(({ resource }) => resource.slice(prefix.length)))
}

function asked(wanted: Wanted): Resource[] {
  const { commonName, organization, owner: account = 'root', names } = wanted
  const key = keyFile(wanted)
  return [
    // Half a key is of no use to anybody, and its certificate is signed anew.
    privateKey(key, { owner: account, group: account, mode: '0600', unreadable: 'replace' }),
    certificateRequest(requestFile(wanted), {
      key,
      commonName,
      names: names.length > 0 ? names : [],
      ...(organization === undefined ? {} : { organization }),
    }),
  ]
}
