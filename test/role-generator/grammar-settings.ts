import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import { NEW_KEY, OLD_KEY } from './sample-keys.ts'
import type { Data, ResourceSpec } from './spec.ts'

/** Settings of the whole system, each in a file of its own, and what a user has in places of the system. */

type Options = { readonly [name: string]: Data | undefined }
type Setting = readonly [make: string, name: string, options: Options | undefined, touches: readonly string[]]

const USERS = ['ann', 'bob', 'cat', 'daemon', 'root']

/** A setting, and mostly the user before it that it is about. */
export function settingResource(random: Random, uses: PlaceUses): ResourceSpec[] {
  for (;;) {
    const made = random.next() < 0.55 ? plainSetting(random, uses) : userSetting(random, uses)
    if (made !== undefined) return made
  }
}

function plainSetting(random: Random, uses: PlaceUses): ResourceSpec[] | undefined {
  const often = (share: number) => random.next() < share
  const gone: Options = { state: 'absent' }
  const or = (options: Options) => (often(0.2) ? gone : options)
  const user = random.pick(USERS)
  const [make, name, options, touches] = random.pick<Setting>([
    [
      'sudoers',
      'trial',
      or({ rules: [{ user, commands: ['/bin/true'], ...(often(0.5) ? { noPassword: true } : {}) }] }),
      ['/etc/sudoers.d/trial'],
    ],
    [
      'sudoers',
      'odd',
      or({ rules: [{ group: 'hub' }], lines: [random.pick(['Cmnd_Alias A = /bin/true', 'broken ('])] }),
      ['/etc/sudoers.d/odd'],
    ],
    [
      'limits',
      'trial',
      or({ limits: [{ domain: user, item: 'nofile', value: random.pick([1024, 65536]) }] }),
      ['/etc/security/limits.d/trial.conf'],
    ],
    [
      'profile',
      'trial',
      or({ environment: { A: 'a b', B: '$x' }, ...(often(0.5) ? { path: ['/opt/trial/bin'] } : {}) }),
      ['/etc/profile.d/trial.sh'],
    ],
    ['profile', 'odd', or({ content: random.pick(['umask 027\n', 'if true\n']) }), ['/etc/profile.d/odd.sh']],
    [
      'logrotate',
      'trial',
      or({
        paths: ['/srv/w/*.log'],
        every: 'daily',
        keep: 3,
        ...(often(0.5) ? { create: { mode: '0640', owner: user, group: 'adm' } } : {}),
        ...(often(0.1) ? { lines: ['nonsense'] } : {}),
      }),
      ['/etc/logrotate.d/trial'],
    ],
    [
      'tmpfiles',
      'trial',
      or({ entries: [{ type: 'd', path: '/srv/w/tmpfiles', mode: '0750', user }] }),
      ['/etc/tmpfiles.d/trial.conf', '/srv/w/tmpfiles'],
    ],
    ['timezone', random.pick(['Europe/Berlin', 'UTC']), undefined, ['/etc/localtime', '/etc/timezone']],
    ['locale', 'C.UTF-8', { default: true }, ['/etc/default/locale']],
    [
      'cron',
      'job',
      or({ file: 'trial', user: 'root', minute: random.between(0, 3), job: 'true' }),
      ['/etc/cron.d/trial'],
    ],
    ['cron', 'MAILTO', or({ file: 'trial', value: 'ops@example.com' }), ['/etc/cron.d/trial']],
    ['hostname', random.pick(['trial', 'trial-a']), undefined, ['/etc/hostname']],
    [
      'knownHosts',
      'git.example.com',
      or({ keys: [NEW_KEY], ...(often(0.3) ? { hashed: true } : {}) }),
      ['/etc/ssh/ssh_known_hosts'],
    ],
    [
      'kernelModule',
      'trial',
      random.pick<Options>([
        { now: false, params: 'a=1' },
        { now: false, params: 'a=1 b=2', persistent: false },
        { now: false },
        gone,
        { ...gone, blacklist: true },
        { ...gone, blacklist: true, now: false },
      ]),
      [
        '/etc/modules-load.d',
        '/etc/modules-load.d/trial.conf',
        '/etc/modprobe.d',
        '/etc/modprobe.d/rolecall-trial.conf',
      ],
    ],
    [
      'alternatives',
      'trial-alt',
      alternative(random),
      ['/usr/local/bin/trial-alt', '/etc/alternatives/trial-alt', '/var/lib/dpkg/alternatives/trial-alt'],
    ],
    ['debconf', 'trial-plain', undefined, []],
    [
      'aptPin',
      'trial',
      or({ packages: 'trial-plain', version: '1.0', priority: random.pick([1001, -1]) }),
      ['/etc/apt/preferences.d/trial.pref'],
    ],
  ])
  // Of these only one thing can be wanted, whatever its name.
  const key = ['timezone', 'hostname', 'locale'].includes(make) ? `/${make}` : `/${make}/${name}`
  if (make === 'debconf')
    return [once(uses, key, { make, args: [name, 'trial-plain/question', { type: 'string', value: 'yes' }] })]
  return [once(uses, key, { make, args: options === undefined ? [name] : [name, options], touches })]
}

function alternative(random: Random): Options {
  const path = random.pick(['/bin/true', '/bin/false', '/srv/w/a/f'])
  return random.pick<Options>([
    { path, link: '/usr/local/bin/trial-alt', priority: 10 },
    { path, link: '/usr/local/bin/trial-alt', state: 'present' },
    { path, state: 'absent' },
    { state: 'auto' },
  ])
}

function userSetting(random: Random, uses: PlaceUses): ResourceSpec[] | undefined {
  const user = random.pick(USERS)
  if (uses.at(`/user/${user}`)?.kind === 'absent') return undefined
  const often = (share: number) => random.next() < share
  const homes = [`/home/${user}`, `/srv/w/${user}`, '/srv/w/a/home', '/root', '/usr/sbin']
  const inHome = (file: string) => homes.flatMap((home) => [`${home}/.ssh`, `${home}/.ssh/${file}`])
  const [make, name, options, touches] = random.pick<Setting>([
    [
      'authorizedKeys',
      user,
      often(0.25)
        ? { keys: [OLD_KEY], state: 'absent' }
        : { keys: [NEW_KEY], ...(often(0.3) ? { exclusive: true } : {}), ...(often(0.3) ? { options: 'no-pty' } : {}) },
      inHome('authorized_keys'),
    ],
    [
      'knownHosts',
      'user.example.com',
      often(0.25) ? { user, state: 'absent' } : { user, keys: [NEW_KEY] },
      inHome('known_hosts'),
    ],
    [
      'cron',
      'of a user',
      often(0.25)
        ? { user, state: 'absent' }
        : { user, hour: 3, job: 'true', ...(often(0.2) ? { disabled: true } : {}) },
      [`/var/spool/cron/crontabs/${user}`],
    ],
    [
      'passwordAging',
      user,
      {
        maximumDays: random.pick<Data>([90, 'never']),
        ...(often(0.3) ? { expires: random.pick(['2030-01-31', 'never']) } : {}),
        ...(often(0.3) ? { locked: often(0.5) } : {}),
      },
      [],
    ],
  ])
  // One who is to be gone takes these along: nobody of the same role may want that.
  uses.set(`/home/${user}/.settings`, { type: 'own', kind: 'setting', attributes: {} })
  const setting = once(uses, `/${make}/of/${user}`, { make, args: [name, options ?? {}], touches })
  const known = uses.at(`/user/${user}`)
  const own = ['daemon', 'root'].includes(user)
  if (own || random.next() < 0.3) return [setting]
  if (known !== undefined) return known.args === undefined ? [setting] : [{ make: 'user', args: known.args }, setting]
  if (uses.at(`/group/${user}`)?.kind === 'absent') return [setting]
  const args: readonly Data[] = [user, often(0.4) ? { createHome: often(0.6) } : {}]
  uses.set(`/user/${user}`, { type: 'own', kind: 'present', attributes: {}, args })
  uses.set(`/group/${user}`, uses.at(`/group/${user}`) ?? { type: 'own', kind: 'present', attributes: {} })
  return [{ make: 'user', args }, setting]
}

/** What is said of a thing once is said of it each time. */
function once(uses: PlaceUses, key: string, spec: ResourceSpec): ResourceSpec {
  const known = uses.at(key)
  if (known?.args !== undefined) return { ...spec, args: known.args }
  uses.set(key, { type: 'own', kind: spec.make, attributes: {}, args: spec.args })
  return spec
}

/** What was in these places before. */
export function settingLine(random: Random): string {
  const user = random.pick(USERS.slice(0, 3))
  return random.pick([
    `useradd -m ${user}`,
    `useradd ${user}`,
    `useradd -m ${user}; install -d -o ${user} -m 755 /home/${user}/.ssh; echo '${OLD_KEY}' >/home/${user}/.ssh/authorized_keys`,
    `useradd -m ${user}; mkdir -p /srv/w/k; ln -s /srv/w/k /home/${user}/.ssh`,
    `useradd -m ${user}; echo '5 * * * * old' | crontab -u ${user} -`,
    `useradd -m ${user}; chage -M 30 -E 2031-01-01 ${user}`,
    'echo broken >/etc/sudoers.d/trial',
    'rm -rf /etc/sudoers.d',
    'mkdir -p /etc/sudoers.d/odd',
    'rm -rf /etc/security/limits.d',
    'ln -s /dev/null /etc/profile.d/trial.sh',
    'ln -sf /usr/share/zoneinfo/Asia/Tokyo /etc/localtime; echo Asia/Tokyo >/etc/timezone',
    'rm -f /etc/localtime /etc/timezone',
    'cp --remove-destination /usr/share/zoneinfo/UTC /etc/localtime',
    "printf '# rolecall: job\\n9 9 * * * root old\\n' >/etc/cron.d/trial",
    'rm -rf /etc/cron.d',
    'update-alternatives --install /usr/local/bin/trial-alt trial-alt /bin/false 30',
    'echo LANG=de_DE.UTF-8 >/etc/default/locale',
    `echo 'git.example.com ${OLD_KEY}' >/etc/ssh/ssh_known_hosts`,
    'mkdir -p /etc/modprobe.d; echo "options trial a=2" >/etc/modprobe.d/rolecall-trial.conf',
    'mkdir -p /etc/modprobe.d; ln -s /srv/w/f /etc/modprobe.d/rolecall-trial.conf',
    'mkdir -p /etc/modprobe.d/rolecall-trial.conf',
    'rm -rf /etc/modprobe.d; mkdir -p /etc/modules-load.d; echo other >/etc/modules-load.d/trial.conf',
    'mkdir -p /srv/w/tmpfiles; chown nobody /srv/w/tmpfiles',
    'touch /srv/w/tmpfiles',
    "printf 'd /srv/w/tmpfiles 0700 root root\\n' >/etc/tmpfiles.d/trial.conf",
    'rm -rf /var/spool/cron/crontabs',
  ])
}
