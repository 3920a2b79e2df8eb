import type { Host } from '../../lib/host/host.ts'
import { authorizedKeys } from '../../lib/resources/access/authorized-keys.ts'
import { knownHosts } from '../../lib/resources/access/known-hosts.ts'
import { filesystem } from '../../lib/resources/disks/filesystem.ts'
import { httpRequest } from '../../lib/resources/commands/http-request.ts'
import { kubeObject } from '../../lib/resources/kubernetes/kube-object.ts'
import { nftables } from '../../lib/resources/network/nftables.ts'
import { flatpakRemote } from '../../lib/resources/packages/flatpak.ts'
import { mount } from '../../lib/resources/disks/mount.ts'
import { swap } from '../../lib/resources/disks/swap.ts'
import { mysqlDatabase } from '../../lib/resources/databases/mysql-database.ts'
import { postgresDatabase } from '../../lib/resources/databases/postgres-database.ts'
import { dockerCompose } from '../../lib/resources/docker/compose/compose.ts'
import { dockerImage } from '../../lib/resources/docker/image.ts'
import type { Resource } from '../../lib/resources/kit/kind.ts'
import { npm, npmProject } from '../../lib/resources/languages/npm.ts'
import { pip, pipRequirements } from '../../lib/resources/languages/pip.ts'
import { packageFile } from '../../lib/resources/packages/file/package-file.ts'
import { git } from '../../lib/resources/sources/git.ts'
import { acmeCertificate } from '../../lib/resources/tls/acme-certificate.ts'
import { certificate, certificateRequest } from '../../lib/resources/tls/certificate.ts'
import { htpasswd } from '../../lib/resources/tls/htpasswd.ts'
import { privateKey } from '../../lib/resources/tls/private-key.ts'
import { sshKeyPair } from '../../lib/resources/tls/ssh-key-pair.ts'
import { acl } from '../../lib/resources/trees/acl.ts'
import { fileAttributes } from '../../lib/resources/trees/file-attributes.ts'
import { fileCapabilities } from '../../lib/resources/trees/file-capabilities.ts'
import { ownership } from '../../lib/resources/trees/ownership.ts'
import { secret } from '../../lib/secret.ts'
import { raw, sh, type Sh } from '../../lib/sh/quote.ts'
import { once, said } from './eve.ts'

/** The account that lays the traps: `/home/rc-eve` is hers. */
export const EVE = 'rc-eve'
const home = `/home/${EVE}`
/** Root's: a directory, and in it a file for root alone. */
const victim = '/root/rc-victim'
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDmIyR+3eN6jAFQZZEM7EH8L5f2sy1sgDYtPVpYyWR3a eve'

interface Trap {
  readonly what: string
  /** What she lays beforehand, in her home. `$v` is the victim. */
  readonly lay: Sh
  /** What root lays, and may not be led by. */
  readonly own?: Sh
  readonly resource: Resource
  /** The refusal. Undefined: it is made, without harm. */
  readonly refused?: RegExp
}

/** A script that says who has run it. */
const owned = (file: string) =>
  sh`mkdir -p ${file.replace(/\/[^/]*$/, '')} && printf '#!/bin/sh\\nid -u >>/tmp/rc-owned\\n' >${file} && chmod 755 ${file}`
const BELONGS = new RegExp(`^${home}\\S* belongs to ${EVE}, who could `)
const LED = /^a symbolic link on the way to /

const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'own' } }
const request = { url: 'http://127.0.0.1:9/x', body: /done/ }

/** What would run, be written or be given away, kind by kind, where another account has been before. */
export const traps: readonly Trap[] = [
  {
    what: 'pip of her environment',
    lay: owned('venv/bin/pip'),
    resource: pip('flask', { venv: `${home}/venv`, python: 'sh' }),
    refused: BELONGS,
  },
  {
    what: 'pip of an environment of root’s with a directory of hers',
    lay: sh`:`,
    own: sh`mkdir -p /opt/rc-venv/bin && chown ${EVE} /opt/rc-venv/bin && printf '#!/bin/sh\\nid -u >>/tmp/rc-owned\\n' >/opt/rc-venv/bin/pip; chmod 755 /opt/rc-venv/bin/pip`,
    resource: pip('flask', { venv: '/opt/rc-venv', python: 'sh' }),
    refused: /^\/opt\/rc-venv\/bin belongs to rc-eve, who could have pip run programs as root$/,
  },
  {
    what: 'her requirements',
    lay: sh`echo evil >requirements.txt`,
    own: owned('/opt/rc-good/bin/pip'),
    resource: pipRequirements(`${home}/requirements.txt`, { venv: '/opt/rc-good', python: 'sh' }),
    refused: BELONGS,
  },
  {
    what: 'her project of npm',
    lay: sh`mkdir -p app && echo '{}' >app/package.json && echo 'script-shell=/tmp/x' >app/.npmrc`,
    resource: npmProject(`${home}/app`),
    refused: BELONGS,
  },
  {
    what: 'a package in a project that everybody may write in',
    lay: sh`:`,
    own: sh`mkdir -p /opt/rc-app && echo '{}' >/opt/rc-app/package.json && chmod 777 /opt/rc-app`,
    resource: npm('pm2', { path: '/opt/rc-app' }),
    refused: /^\/opt\/rc-app may be written in by others, who could have npm run programs as root$/,
  },
  {
    what: 'her work tree',
    lay: sh`mkdir -p tree/.git && printf '[core]\\nfsmonitor = id -u >>/tmp/rc-owned\\n' >tree/.git/config`,
    resource: git(`${home}/tree`, { source: '/srv/none.git' }),
    refused: BELONGS,
  },
  {
    what: 'a bare repository of root’s with hooks of hers',
    lay: sh`:`,
    own: sh`mkdir -p /opt/rc-bare/hooks && chown ${EVE} /opt/rc-bare/hooks`,
    resource: git('/opt/rc-bare', { source: '/srv/none.git', bare: true }),
    refused: /^\/opt\/rc-bare\/hooks belongs to rc-eve, who could have git run programs as root$/,
  },
  {
    what: 'a work tree of root’s whose modules have configurations of hers',
    lay: sh`:`,
    own: sh`mkdir -p /opt/rc-work/.git/modules/a && : >/opt/rc-work/.git/modules/a/config && chown ${EVE} /opt/rc-work/.git/modules/a/config`,
    resource: git('/opt/rc-work', { source: '/srv/none.git' }),
    refused: /^\/opt\/rc-work\/.git\/modules\/a\/config belongs to rc-eve, who could have git run programs as root$/,
  },
  {
    what: 'a new work tree in /tmp',
    lay: sh`:`,
    resource: git('/tmp/rc-tree', { source: '/srv/none.git' }),
    refused: /^\/tmp may be written in by others/,
  },
  {
    what: 'her compose file',
    lay: sh`mkdir -p stack && echo 'services: {}' >stack/compose.yml`,
    resource: dockerCompose(`${home}/stack`),
    refused: BELONGS,
  },
  {
    what: 'her archive of images',
    lay: sh`echo tar >images.tar`,
    resource: dockerImage('app:1', { source: `${home}/images.tar` }),
    refused: BELONGS,
  },
  {
    what: 'her dump of MySQL',
    lay: sh`echo 'drop database mysql;' >dump.sql`,
    resource: mysqlDatabase('wiki', { source: `${home}/dump.sql` }),
    refused: BELONGS,
  },
  {
    what: 'her dump of PostgreSQL',
    lay: sh`[ -f dump.sql ]`,
    resource: postgresDatabase('wiki', { source: `${home}/dump.sql` }),
    refused: BELONGS,
  },
  {
    what: 'her package',
    lay: sh`echo deb >app.deb`,
    resource: packageFile('app', { source: `${home}/app.deb` }),
    refused: BELONGS,
  },
  {
    what: 'her configuration of kubectl',
    lay: sh`echo 'users: [{ name: a, user: { exec: { command: /home/rc-eve/own } } }]' >kubeconfig`,
    resource: kubeObject('own', { manifest, kubeconfig: `${home}/kubeconfig` }),
    refused: BELONGS,
  },
  {
    what: 'her file to send',
    lay: sh`ln -s "$v/secret" report`,
    resource: httpRequest('report', { ...request, send: { method: 'POST', file: `${home}/report` } }),
    refused: BELONGS,
  },
  {
    what: 'her file to send in a form',
    lay: sh`[ -L report ]`,
    resource: httpRequest('reports', { ...request, send: { multipart: { report: { file: `${home}/report` } } } }),
    refused: BELONGS,
  },
  {
    what: 'her authorities of TLS',
    lay: sh`echo pem >ca.pem`,
    resource: httpRequest('to her', { ...request, ca: `${home}/ca.pem`, send: { method: 'POST' } }),
    refused: BELONGS,
  },
  {
    what: 'rules of a firewall in her home',
    lay: sh`ln -s "$v/secret" rules.new`,
    resource: nftables('rules', { path: `${home}/rules`, content: 'table inet own {}' })[0],
    refused: BELONGS,
  },
  {
    what: 'her key of a remote',
    lay: sh`echo key >remote.gpg`,
    resource: flatpakRemote('own', { url: 'https://example.com/repo', key: `${home}/remote.gpg` }),
    refused: BELONGS,
  },
  {
    what: 'her known hosts of git',
    lay: sh`echo '* ssh-ed25519 AAAA' >hosts`,
    resource: git('/srv/rc-cloned', { source: 'git@example.com:a.git', knownHosts: `${home}/hosts` }),
    refused: BELONGS,
  },
  {
    what: 'swap in her home',
    lay: sh`ln -s "$v/secret" swap`,
    resource: swap(`${home}/swap`, { size: '1M', persistent: false }),
    refused: BELONGS,
  },
  {
    what: 'a mount in her home',
    lay: sh`ln -s /etc mnt`,
    resource: mount(`${home}/mnt`, { source: 'none', type: 'tmpfs', persistent: false }),
    refused: BELONGS,
  },
  {
    what: 'her image of a file system',
    lay: sh`echo image >image`,
    resource: mount('/mnt/rc-image', { source: `${home}/image`, type: 'ext4', persistent: false }),
    refused: BELONGS,
  },
  {
    what: 'a file system in the place of her image',
    lay: sh`ln -s "$v/secret" disk`,
    resource: filesystem(`${home}/disk`, { type: 'ext4', force: true }),
    refused: BELONGS,
  },
  {
    what: 'a webroot of hers',
    lay: sh`mkdir -p www && ln -s "$v" www/.well-known`,
    resource: acmeCertificate('example.com', { webroot: `${home}/www` }),
    refused: BELONGS,
  },
  {
    what: 'a key of ssh that is a link',
    lay: sh`mkdir -p keys && ln -s "$v/secret" keys/deploy`,
    resource: sshKeyPair(`${home}/keys/deploy`, { owner: EVE }),
    refused: LED,
  },
  {
    what: 'a public key that is a link',
    lay: sh`mkdir -p keys2 && ln -s "$v/secret" keys2/deploy.pub`,
    resource: sshKeyPair(`${home}/keys2/deploy`, { owner: EVE }),
  },
  {
    what: 'a directory of keys that is a link',
    lay: sh`ln -s "$v" keys3`,
    resource: sshKeyPair(`${home}/keys3/deploy`, { owner: EVE }),
    refused: LED,
  },
  {
    what: 'the former temporary name of a private key',
    lay: sh`mkdir -p tls && ln -s "$v/secret" tls/a.key.new`,
    resource: privateKey(`${home}/tls/a.key`, { owner: EVE }),
  },
  {
    what: 'a private key behind a link',
    lay: sh`ln -s "$v" tls2`,
    resource: privateKey(`${home}/tls2/a.key`),
    refused: LED,
  },
  {
    what: 'a certificate behind a link',
    lay: sh`mkdir -p tls3 && ln -s "$v/secret" tls3/a.pem`,
    resource: certificate(`${home}/tls3/a.pem`, { key: `${victim}/key`, commonName: 'a' }),
    refused: LED,
  },
  {
    what: 'the former temporary name of a request',
    lay: sh`mkdir -p tls4 && ln -s "$v/secret" tls4/a.csr.new`,
    resource: certificateRequest(`${home}/tls4/a.csr`, { key: `${victim}/key`, commonName: 'a' }),
  },
  {
    what: 'the former temporary name of passwords',
    lay: sh`mkdir -p web && ln -s "$v/secret" web/htpasswd.new`,
    resource: htpasswd(`${home}/web/htpasswd`, { users: { ada: secret('correct horse') } }),
  },
  {
    what: 'passwords behind a link',
    lay: sh`ln -s "$v" web2`,
    resource: htpasswd(`${home}/web2/htpasswd`, { users: { ada: secret('correct horse') } }),
    refused: LED,
  },
  {
    what: 'the owner of a tree that is a link',
    lay: sh`ln -s "$v" data`,
    resource: ownership(`${home}/data`, { owner: EVE, mode: '0666' }),
    refused: /^\S+ is not a directory|symbolic link/,
  },
  {
    what: 'the owner of a tree with links in it',
    lay: sh`mkdir -p data2/deep && ln -s "$v" data2/deep/dir && ln -s "$v/secret" data2/file`,
    resource: ownership(`${home}/data2`, { owner: EVE, mode: '0666', directoryMode: '0777' }),
  },
  {
    what: 'the owner of a tree of root’s with links of hers',
    lay: sh`:`,
    own: sh`mkdir -p /opt/rc-data/hers && chown ${EVE} /opt/rc-data/hers && setpriv --reuid ${EVE} --regid ${EVE} --clear-groups sh -c 'cd /opt/rc-data/hers && ln -s "$1" dir && ln -s "$1/secret" file && : >own' sh "$v"`,
    resource: ownership('/opt/rc-data', { group: 'root', mode: '0666', directoryMode: '0755' }),
  },
  {
    what: 'an access list behind a link',
    lay: sh`ln -s "$v/secret" share`,
    resource: acl(`${home}/share`, { entries: [{ type: 'user', name: EVE, permissions: 'rwx' }] }),
    refused: /symbolic link/,
  },
  {
    what: 'attributes behind a link',
    lay: sh`ln -s "$v/secret" fixed`,
    resource: fileAttributes(`${home}/fixed`, { noDump: true }),
    refused: /symbolic link|neither a file nor a directory/,
  },
  {
    what: 'capabilities behind a link',
    lay: sh`ln -s "$v/secret" program`,
    resource: fileCapabilities(`${home}/program`, { capabilities: ['cap_net_raw'] }),
    refused: /symbolic link|not a file/,
  },
  {
    what: 'authorized keys behind a link',
    lay: sh`ln -s "$v" .ssh`,
    resource: authorizedKeys(EVE, { keys: [key] }),
    refused: /link/,
  },
  {
    what: 'known hosts behind a link',
    lay: sh`[ -L .ssh ]`,
    resource: knownHosts('git.example.com', { keys: [key.replace(' eve', '')], user: EVE }),
    refused: /link/,
  },
]

/** What was lost, trap by trap; each is tried in check and in apply. */
export async function springTraps(host: Host, some: readonly Trap[] = traps): Promise<string[]> {
  const losses: string[] = []
  await said(
    host,
    sh`userdel -r ${EVE} >/dev/null 2>&1; useradd -m -s /bin/sh ${EVE} && chmod 755 ${home}
rm -rf ${victim} && mkdir ${victim} && echo 'a-line-that-only-root-may-read' >${`${victim}/secret`} && chmod 600 ${`${victim}/secret`} && chmod 711 ${victim}
openssl genpkey -algorithm ED25519 -out ${`${victim}/key`} 2>/dev/null || :
for t in npm docker git; do command -v $t >/dev/null 2>&1 || { printf '#!/bin/sh\nid -u >>/tmp/rc-owned\n' >/usr/local/sbin/$t; chmod 755 /usr/local/sbin/$t; echo $t >>/tmp/rc-tools; }; done; :`,
  )
  const picture = () =>
    said(
      host,
      sh`find ${victim} -printf '%p %U:%G %m %n %y %s\n' | sort; cat ${`${victim}/secret`}; cat /tmp/rc-owned 2>/dev/null; stat -c '%U %a %n' /etc /root; :`,
    )
  try {
    for (const { what, lay, own = raw(':'), resource, refused } of some) {
      await said(
        host,
        sh`v=${victim}; ${own}
setpriv --reuid ${EVE} --regid ${EVE} --clear-groups sh -c ${`set -e; v=${victim}; cd ${home}; ${lay.text}`}`,
      )
      const before = await picture()
      for (const mode of ['check', 'apply'] as const) {
        const { end, text } = await once(host, [resource], mode)
        const problem = /"message":"((?:[^"\\]|\\.)*)"/.exec(text.slice(text.lastIndexOf('\n')))?.[1] ?? ''
        if (refused === undefined ? end === 'refused' : end !== 'refused' || !refused.test(problem))
          losses.push(`${what}, ${mode}: ${end}: ${text.slice(-400)}`)
        const after = await picture()
        if (after !== before) losses.push(`${what}, ${mode}: ${before} became ${after}`)
      }
    }
  } finally {
    await said(
      host,
      sh`userdel -r ${EVE} >/dev/null 2>&1; for t in $(cat /tmp/rc-tools 2>/dev/null); do rm -f /usr/local/sbin/$t; done
rm -rf ${victim} /opt/rc-* /tmp/rc-owned /tmp/rc-tools; :`,
    )
  }
  return losses
}
