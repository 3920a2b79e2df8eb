import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as kinds from '../../lib/index.ts'
import { secret, type Resource } from '../../lib/index.ts'
import { scratch } from '../support/converge-locally.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDmIyR+3eN6jAFQZZEM7EH8L5f2sy1sgDYtPVpYyWR3a'
const SUM = 'ff4d3a1387ea3e1ee74f4bb8e5ffe9cbab5bee43c710333c206d14199543ebdf'
const source = scratch()
writeFileSync(join(source, 'app.conf'), 'port = 1\n')
writeFileSync(join(source, 'app.conf.eta'), 'port = <%= it.port %>\n')

/** What a probe of a kind of files says: the file is there, with this in it. */
const has = (text: string) => `have 0 81a4 ${Buffer.byteLength(text)} 0 0 root:root\ncontent\n${text}`
/** The same behind what holds at this moment. */
const now = (live: string, text: string) => `${live}# end of what holds now\n${has(text)}`
const DIRECTORY = 'have 0 41ed 4096 0 0 root:root\n'

/** Kinds beside those of files, packages, services, accounts and containers: a resource of each with answers of hosts that it reads rightly. */
export const furtherKinds: Readonly<Record<string, readonly [resource: Resource, ...answers: string[]]>> = {
  acl: [
    kinds.acl('/srv', { entries: [{ type: 'user', name: 'ada', permissions: 'rwX' }], recursive: true }),
    `${DIRECTORY}tool\n# file: /srv\n# owner: root\nuser::rwx\nuser:ada:rw-\ngroup::r-x\n# directories\n# file: /srv\nuser::rwx\ngroup::r-x\n`,
  ],
  acmeCertificate: [
    kinds.acmeCertificate('example.com', { email: 'a@example.com', webroot: '/srv/www' }),
    'there\ndue\nends 2026-12-31\ndomain example.com\nserver https://acme.example/directory\n',
  ],
  alternatives: [
    kinds.alternatives('editor', { path: '/usr/bin/vim.basic' }),
    'tool\nthere\nLink: /usr/bin/editor\nStatus: auto\nValue: /usr/bin/vim.basic\nAlternative: /bin/ed\nAlternative: /usr/bin/vim.basic\n',
    'tool\nthere\neditor - status is auto.\n link currently points to /bin/ed\n/bin/ed - priority 10\n',
  ],
  aptPin: [kinds.aptPin('backports', { packages: '*', release: 'stable', priority: 100 }), has('Package: *\nPin: x\n')],
  authorizedKeys: [
    kinds.authorizedKeys('eve', { keys: [KEY], exclusive: true }),
    `home 1000 /home/eve\n${DIRECTORY}--\n${has(`${KEY} a\nrestrict,command="x \\" y" ${KEY} b\n`)}`,
  ],
  caTrust: [kinds.caTrust('acme', { state: 'absent' }), `${SUM}  -\nbundled\ntool\n`],
  certificate: [
    kinds.certificate('/a.pem', { key: '/a.key', commonName: 'a' }),
    'keys\nthere\nfault expires\nname a\nsubject CN = a\nway ok 0:root 1:2:1\n',
  ],
  certificateRequest: [
    kinds.certificateRequest('/a.csr', { key: '/a.key', commonName: 'a' }),
    'keys\nthere\nname DNS:a\nsubject CN = a\n',
  ],
  cron: [kinds.cron('backup', { minute: 30, hour: 3, job: 'x' }), has('MAILTO=a\n# rolecall: backup\n1 2 * * * x\n')],
  debconf: [kinds.debconf('postfix', 'postfix/mailname', { type: 'string', value: 'a' }), `there\n${SUM}  -\n`],
  dockerLogin: [kinds.dockerLogin('r.example', { username: 'a', password: secret('correct horse') }), `${SUM}  -\n`],
  dockerNetwork: [
    kinds.dockerNetwork('app', { subnet: '172.30.0.0/24' }),
    'engine running\nnetwork bridge false 172.30.0.0/24,172.30.0.1 fd00::/64,fd00::1 \n',
  ],
  dockerVolume: [kinds.dockerVolume('data'), 'engine running\nvolume local\n'],
  dropIn: [
    kinds.dropIn('a.service', 'more', { sections: { Service: { Restart: 'always' } } })[0] ?? kinds.linger('eve'),
    has('[Service]\nRestart=no\n'),
  ],
  dpkgDivert: [kinds.dpkgDivert('/usr/bin/x'), 'there\nby LOCAL\nto /usr/bin/x.distrib\naside\n'],
  fileCapabilities: [
    kinds.fileCapabilities('/x', { capabilities: ['cap_net_raw'] }),
    'have 0 81a4 3 0 0 root:root\ntool\n/x cap_net_raw=ep\n',
  ],
  fileAttributes: [
    kinds.fileAttributes('/x', { immutable: true }),
    'have 0 81a4 2 0 0 root:root\n----i---------e------- ./x\n',
  ],
  filesystem: [
    kinds.filesystem('/dev/vdb', { type: 'ext4', label: 'data', resize: true }),
    'is device\ntools\nLABEL data\nTYPE ext4\nUSAGE filesystem\nmounted /srv\nsizes 1073741824 2147483648 4096\n',
    'is device\ntools\nPTTYPE gpt\nblind\nswap\n',
  ],
  firewalld: [kinds.firewalld('https', { service: 'https' }), 'now\nlasting\n'],
  flatpak: [kinds.flatpak('org.gimp.GIMP'), 'there\nremote\n'],
  flatpakRemote: [
    kinds.flatpakRemote('flathub', { url: 'https://a.example/r.flatpakrepo' }),
    'url https://a.example\n',
  ],
  gem: [kinds.gem('bundler', { version: '2.5.6' }), 'bundler (2.5.6, default: 2.4.1, 2.3.0 ruby)\n'],
  git: [
    kinds.git('/srv/app', { source: 'https://a.example/app.git', version: 'main' }),
    `there repository\nhead ${'a'.repeat(40)}\nsource https://a.example/app.git\ndirty\nmodules\nremote ${'b'.repeat(40)} refs/heads/main\n`,
    'there nothing\nunreachable fatal: no such host\n',
  ],
  hostsEntry: [kinds.hostsEntry('10.0.0.1', { names: ['a', 'a.b'] }), has('127.0.0.1 localhost\n10.0.0.1 a # c\n')],
  htpasswd: [
    kinds.htpasswd('/a', { users: { ada: secret('correct horse') }, exclusive: true }),
    'parent\nthere\n= ada:$2y$10$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01\n= bob:$apr1$x$y\nowner root:root 640\n',
  ],
  httpRequest: [
    kinds.httpRequest('a', { url: 'http://127.0.0.1/', json: { a: 1, b: [{ c: null }] } }),
    '{"a":1,"b":[{"c":null}]}\n200',
  ],
  kernelCommandLine: [
    kinds.kernelCommandLine('console', { set: { console: ['tty0', 'ttyS0'], quiet: true }, remove: ['splash'] }),
    now('tool update-grub\nentry root=/dev/vda1 ro "a b" quiet\n', 'GRUB_CMDLINE_LINUX="quiet splash"\n'),
  ],
  kernelModule: [kinds.kernelModule('dummy', { params: 'numdummies=2' }), now('loaded\navailable\n', 'dummy\n')],
  keyValue: [
    kinds.keyValue('/a', { set: { A: 1, B: 'x y' }, remove: ['C'] }),
    has('# words\nA=2\nexport B="x \\" y" # c\nC=\'d\'\nA=3\n'),
  ],
  knownHosts: [
    kinds.knownHosts('a.example', { keys: [KEY] }),
    `group 0\n${DIRECTORY}--\n${has(`a.example,b ${KEY}\n|1|JfKTdBh7rNbXkVAQCRp4OQoPfmI=|USECr3SWf1JUPsms5AqfD5QfxkM= ${KEY}\n@revoked * ${KEY}\n`)}`,
  ],
  kubeObject: [
    kinds.kubeObject('a', { manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } } }),
    '# missing Secret a\n# owned v1|ConfigMap|default|b\n# pods Deployment|default|a|2|2|3|3|3|3|||\n# diff 1 x\n|diff -u -N /tmp/LIVE-1/v1.ConfigMap.default.a /tmp/MERGED-2/v1.ConfigMap.default.a\n|--- /tmp/LIVE-1/a\n|+++ /tmp/MERGED-2/a\n|@@ -1,2 +1,2 @@\n| data:\n|-  a: b\n|+  a: c\n',
    '# none kubectl fresh\n',
    '# silent\n|the server is away\n',
  ],
  limits: [kinds.limits('a', { limits: [{ domain: 'a', item: 'nofile', value: 1 }] }), has('a - nofile 1\n')],
  linger: [kinds.linger('eve'), 'tool\nuser\nlingers\nmanager\n'],
  locale: [
    kinds.locale('en_US.UTF-8', { default: true }),
    now('has en_US.utf8\nhas C.utf8\nlocale-gen\nsource\n', 'LANG=C\n'),
  ],
  logicalVolume: [
    kinds.logicalVolume('vg0/data', { size: '10G' }),
    'group 4194304 21474836480 10737418240\nvolume 5368709120\n',
  ],
  logrotate: [kinds.logrotate('a', { paths: ['/var/log/a'], every: 'daily' }), has('/var/log/a {\n daily\n}\n')],
  mount: [
    kinds.mount('/srv', { source: '/dev/vdb', type: 'ext4' }),
    now(
      '22 1 0:5 / / rw,relatime shared:1 - ext4 /dev/a rw\n',
      'UUID=a / ext4 defaults 0 1\n/dev/vdb /srv\\040x ext4\n',
    ),
  ],
  mysqlDatabase: [kinds.mysqlDatabase('app', { charset: 'utf8mb4' }), 'database\tutf8mb4\tutf8mb4_general_ci\n'],
  mysqlUser: [
    kinds.mysqlUser('app', { password: secret('correct horse'), privileges: { 'app.*': ['ALL'] } }),
    'account\t*5E1F8B5EC1B4B3D9C0B51E45F8E2A5E5B6B1D2C3\nGRANT USAGE ON *.* TO `app`@`%`\nGRANT SELECT, INSERT (a, b) ON `app`.* TO `app`@`%` WITH GRANT OPTION\n',
  ],
  networkSettings: [
    kinds.networkSettings('lan', { manager: 'networkd', files: { '10-lan.network': '[Match]\nName=eth1\n' } })[0],
    'due eth1\nobjection\nwords\n',
  ],
  nftables: [kinds.nftables('base', { content: 'table inet a {}\n' })[0], 'kept\nlive\nobjection\nwords\n'],
  npm: [kinds.npm('pm2', { version: '5.4.2' }), 'met\nversion 5.4.2\nproject\n'],
  npmProject: [kinds.npmProject('/srv/app'), 'project\nmet\n'],
  ownership: [kinds.ownership('/srv/app', { owner: 'app' }), `${DIRECTORY}shared ./x\ncounted\nfirst ./a\ncount 5\n`],
  packageFile: [
    kinds.packageFile('app', { source: '/a.deb' }),
    'installed 1.1\nfile app 1.2\nstale-lock /etc/passwd.lock 12\n',
  ],
  passwordAging: [kinds.passwordAging('ada', { maximumDays: 90 }), 'fields 0:99999:7::\nlocked\ntools\n'],
  pip: [
    kinds.pip(['flask>=3'], { venv: '/srv/venv' }),
    'venv\nmet\nnewer flask-3.1 werkzeug-3\ninstalled Flask\nfile\n',
  ],
  pipRequirements: [kinds.pipRequirements('/srv/r.txt', { venv: '/srv/venv' }), 'venv\nfile\nnewer a-1\n'],
  postgresDatabase: [kinds.postgresDatabase('app', { owner: 'app' }), 'database|"a\\u007cb"|UTF8|C|C|-1\n'],
  postgresExtension: [kinds.postgresExtension('citext', { database: 'app' }), 'offered|1\nversion|1.6\n'],
  postgresGrant: [
    kinds.postgresGrant('a', { role: 'app', database: 'app', on: 'table', privileges: ['SELECT'] }),
    'role\nobject|"t"|SELECT,INSERT*\nobject|"x\\ny"|\n',
  ],
  postgresUser: [
    kinds.postgresUser('app', { password: secret('correct horse'), memberOf: ['a'] }),
    'role|t|f|f|f|f|t|f|-1|t|SCRAM-SHA-256$4096:c2FsdA==$a:b\nmember|"a"\n',
  ],
  privateKey: [kinds.privateKey('/a.key'), 'there\nnature rsa 2048\nowner root:root 600\n'],
  profile: [kinds.profile('java', { environment: { A: 'b' } }), has("export A='c'\n")],
  reboot: [
    kinds.reboot('kernel'),
    'boot 12\nnow 1790000000.5\nuptime 12.5\nticks 100\nrequired kernel\nrunning 6.1.0-1\nkernel 6.1.0-2\nchanged 1790000000.000000001 /boot\n',
  ],
  replace: [kinds.replace('/a', { match: /^listen .*$/gm, by: 'listen 8080' }), has('listen 1\nlisten 2\n')],
  selinuxBoolean: [kinds.selinuxBoolean('a', { value: true }), 'now off\nkept on\n'],
  selinuxContext: [
    kinds.selinuxContext('/srv/www(/.*)?', { type: 'httpd_sys_content_t' }),
    'own /srv/www(/.*)?   all files   system_u:object_r:httpd_sys_content_t:s0 \nfirst /srv/www/x\noff\n',
  ],
  selinuxMode: [kinds.selinuxMode('enforcing'), 'now 1\nkept\nSELINUX permissive\nSELINUXTYPE targeted\n'],
  selinuxPort: [
    kinds.selinuxPort('8081/tcp', { type: 'http_port_t' }),
    'all http_port_t   tcp   80, 81, 8000-8010\nown http_port_t  tcp  8081\n',
  ],
  packageGroup: [
    kinds.packageGroup('development', { optional: true, recommends: true }),
    '# lists fresh\nDependencies resolved.\nInstalling group/module packages:\n make  x86_64  1  baseos  1 k\n\nTransaction Summary\n',
  ],
  snap: [
    kinds.snap('lxd', { channel: '5.21/stable', hold: true }),
    'there\nlxd 5.21 123 5.21/stable canonical held\nhold forever\n',
  ],
  sshKeyPair: [kinds.sshKeyPair('/a', { owner: 'eve' }), 'there eve eve\nkey 256 SHA256:x a (ED25519)\npaired\n'],
  sshdConfig: [
    kinds.sshdConfig('/etc/ssh/sshd_config', { set: { PermitRootLogin: 'no', Port: [22, 2222] } }),
    has('Include /etc/ssh/sshd_config.d/*.conf\nPort 22\nPermitRootLogin yes\nMatch User a\n  X11Forwarding no\n'),
  ],
  sudoers: [
    kinds.sudoers('deploy', { rules: [{ user: 'deploy', commands: ['/bin/x'] }] }),
    has('deploy ALL=(ALL) ALL\n'),
  ],
  swap: [kinds.swap('/swapfile', { size: '2G' }), now('used -2\nsize 2097152\narea\n', '/swapfile none swap sw 0 0\n')],
  template: [kinds.template('/a', { source: join(source, 'app.conf.eta'), variables: { port: 1 } }), has('port = 2\n')],
  timer: [
    kinds.timer('backup', { command: '/bin/x', calendar: '*-*-* 02:30' })[0] ?? kinds.linger('eve'),
    has('[Timer]\n'),
  ],
  timezone: [kinds.timezone('Europe/Berlin'), 'link /usr/share/zoneinfo/Etc/UTC\nfile Etc/UTC\nkeeps\nknown\n'],
  tmpfiles: [
    kinds.tmpfiles('app', { entries: [{ type: 'd', path: '/run/app', mode: '0750' }] }),
    now('due\n', 'd /run/app\n'),
  ],
  tree: [
    kinds.tree('/srv/www', { source, prune: true }),
    `${DIRECTORY}81a4 9 0 root root ./app.conf\n41ed 4096 0 root root ./d\na1ff 3 0 root root ./d/l\n# sums\n${SUM}  ./app.conf\n# links\n./d/l\nx\n`,
  ],
  ufw: [kinds.ufw({ enabled: true }), 'Status: active\nDefault: deny (incoming), allow (outgoing)\nthere\n'],
  ufwRule: [kinds.ufwRule('https', { rule: 'allow', port: 443 }), 'there\n'],
  unit: [kinds.unit('a', { sections: { Service: { ExecStart: '/bin/x' } } }), has('[Service]\nExecStart=/bin/y\n')],
  upgrade: [
    kinds.upgrade('all'),
    '# lists fresh\nInst libc6 [2.36-9] (2.36-10 Debian-Security:12/stable-security [amd64])\nRemv x [1]\n',
    '# lists fresh\n# refused\nE: Unmet dependencies\ncoming bash 5.1.8-9.el9\nleaving x\n',
  ],
  volumeGroup: [
    kinds.volumeGroup('vg0', { devices: ['/dev/vdb', '/dev/vdc'] }),
    'there 1\nin /dev/vdb   vg0\nmissing /dev/vdc\nother /dev/vdc ext4\n',
  ],
}
