import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import { REPOSITORIES } from './local-packages.ts'
import { isMap, type Data, type ResourceSpec } from './spec.ts'

const NAMES = [
  'trial-plain',
  'trial-user',
  'trial-needs',
  'trial-foe',
  'trial-virtual',
  'trial-rec',
  'trial-dir',
  'trial-extra',
]
/** Which of them cannot be wanted together with which. */
const AGAINST: Readonly<Record<string, readonly string[]>> = {
  'trial-foe': ['trial-plain', 'trial-needs'],
  'trial-plain': ['trial-foe'],
  'trial-needs': ['trial-foe'],
}
/** What comes along, and so may not be wanted to be absent. */
const WITH: Readonly<Record<string, readonly string[]>> = { 'trial-needs': ['trial-plain', 'trial-dir'] }

/** A file that no package has, and that the script of one makes. */
const GENERATED = '/etc/trial.d/generated.conf'

/** A package, the source of one, or a file of one. */
export function packageResource(random: Random, uses: PlaceUses): ResourceSpec {
  for (;;) {
    const chance = random.next()
    const made =
      chance < 0.5
        ? pkg(random, uses)
        : chance < 0.6
          ? repository(random, uses)
          : chance < 0.7
            ? about(random, uses)
            : chance < 0.78
              ? diverted(random, uses)
              : near(random, uses)
    if (made !== undefined) return made
  }
}

function pkg(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const names = [...new Set(random.next() < 0.25 ? [random.pick(NAMES), random.pick(NAMES)] : [random.pick(NAMES)])]
  const wanted = names.map((name) => uses.at(`/pkg/${name}`))
  const [first] = wanted
  if (first?.args !== undefined && names.length === 1) return { make: 'pkg', args: first.args }
  const absent = random.next() < 0.3
  const word = absent ? 'absent' : 'present'
  if (wanted.some((use) => use !== undefined && (use.kind !== word || use.args !== undefined))) return undefined
  const along = absent ? [] : names.flatMap((name) => WITH[name] ?? [])
  const against = absent
    ? Object.keys(WITH).filter((name) => WITH[name]?.some((each) => names.includes(each)))
    : names.flatMap((name) => AGAINST[name] ?? [])
  if (along.some((name) => uses.at(`/pkg/${name}`)?.kind === 'absent')) return undefined
  const isWanted = (name: string) => ['present', 'packageFile'].includes(uses.at(`/pkg/${name}`)?.kind ?? '')
  if (against.some(isWanted)) return undefined
  if (!absent && names.some((name) => against.includes(name))) return undefined
  // Whether a source has a name is seen by nobody where no lists are: of one that comes from elsewhere the source is asked for.
  if (!absent && names.includes('trial-extra') && uses.at('/repository/extra')?.kind !== 'repository') return undefined
  // Its script makes what the role has taken away before.
  const makes = [...names, ...along].includes('trial-dir') && uses.at(GENERATED)?.kind === 'absent'
  if (!absent && makes) return undefined
  // A command that looks at a package would have to run again once the role has removed that.
  if (absent && names.includes('trial-dir') && uses.at('/exec/unless the package') !== undefined) return undefined
  const version =
    !absent &&
    uses.at('/upgrade/everything') === undefined &&
    names.length === 1 &&
    names[0] === 'trial-plain' &&
    random.next() < 0.4
  const chosen = version ? random.pick(['1.0', '1.1', '1.*']) : undefined
  // What needs a later version takes an earlier one away, and is taken away by it.
  const isOld = (args: readonly Data[] | undefined) => isMap(args?.[1]) && args[1]['version'] === '1.0'
  if (chosen === '1.0' && uses.at('/pkg/trial-needs')?.kind === 'present') return undefined
  if (!absent && names.includes('trial-needs') && isOld(uses.at('/pkg/trial-plain')?.args)) return undefined
  const isNewest = !absent && chosen === undefined && random.next() < 0.25 && uses.at('/repository/extra') === undefined
  // What is newest changes with every source that comes later.
  if (isNewest) uses.set('/repository/extra', { type: 'own', kind: 'none', attributes: {} })
  const options: { readonly [name: string]: Data } = {
    ...(absent ? { state: 'absent' } : {}),
    ...(chosen === undefined ? {} : { version: chosen }),
    ...(!absent && random.next() < 0.15 ? { recommends: true } : {}),
    ...(absent && random.next() < 0.3 ? { purge: true } : {}),
    ...(absent && random.next() < 0.2 ? { autoremove: true } : {}),
    ...(!absent && random.next() < 0.15 ? hold(names, random.next() < 0.7, uses) : {}),
    ...(isNewest ? { state: 'latest' } : {}),
  }
  const args: Data[] = [names.length === 1 ? (names[0] ?? '') : names, options]
  for (const name of names)
    uses.set(`/pkg/${name}`, { type: 'own', kind: word, attributes: {}, ...(names.length === 1 ? { args } : {}) })
  for (const name of along)
    uses.set(`/pkg/${name}`, uses.at(`/pkg/${name}`) ?? { type: 'own', kind: 'present', attributes: {} })
  for (const name of absent ? [] : against)
    uses.set(`/pkg/${name}`, uses.at(`/pkg/${name}`) ?? { type: 'own', kind: 'absent', attributes: {} })
  return { make: 'pkg', args }
}

/** A package is on hold or not, whoever says so, and with which others. */
function hold(names: readonly string[], isHeld: boolean, uses: PlaceUses): { readonly [name: string]: Data } {
  const word = isHeld ? 'held' : 'free'
  const said = names.map((name) => uses.at(`/hold/${name}`)?.kind)
  if (said.some((each) => each !== undefined && each !== word)) return {}
  for (const name of names) uses.set(`/hold/${name}`, { type: 'own', kind: word, attributes: {} })
  return { hold: isHeld }
}

/** A package out of a file, the answer to a question of one, what apt prefers, or all that is newer. */
function about(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const [make, ...args] = random.pick<readonly [string, string, ...Data[]]>([
    ['packageFile', 'trial-plain', { source: `${REPOSITORIES}/main/trial-plain_1.1_all.deb` }],
    ['packageFile', 'trial-virtual', { source: `${REPOSITORIES}/main/trial-virtual_1_all.deb` }],
    ['debconf', 'trial-plain', 'trial-plain/question', { type: 'string', value: 'yes' }],
    ['debconf', 'trial-plain', 'trial-plain/word', { type: 'password', value: { $secret: 'a word for nobody' } }],
    ['aptPin', 'trial', { packages: 'trial-virtual', release: 'a=stable', priority: 990 }],
    ['aptPin', 'trial', { state: 'absent' }],
    ['upgrade', 'everything', { full: random.next() < 0.5 }],
  ])
  const key = `/${make}/${args.filter((each) => typeof each === 'string').join(' ')}`
  const known = uses.at(key)
  if (known?.args !== undefined) return { make, args: known.args }
  const [name] = args
  const wanted = uses.at(`/pkg/${name}`)
  if (
    make === 'packageFile' &&
    (wanted !== undefined || AGAINST[name]?.some((each) => uses.at(`/pkg/${each}`)?.kind === 'present') === true)
  )
    return undefined
  // What is newest is not what a version says, and comes along with nobody knows what.
  if (make === 'upgrade' && uses.at('/repository/extra') !== undefined) return undefined
  if (make === 'upgrade' && uses.paths(({ args: wants }) => isMap(wants?.[1]) && 'version' in wants[1]).length > 0)
    return undefined
  uses.set(key, { type: 'own', kind: make, attributes: {}, args })
  if (make === 'upgrade') uses.set('/repository/extra', { type: 'own', kind: 'none', attributes: {} })
  if (make === 'packageFile') uses.set(`/pkg/${name}`, { type: 'own', kind: 'packageFile', attributes: {} })
  return { make, args, ...(make === 'aptPin' ? { touches: ['/etc/apt/preferences.d/trial.pref'] } : {}) }
}

const DIVERTED = '/usr/share/trial-virtual/data'

/** A file of a package that goes elsewhere, and one of the role's own in its place. */
function diverted(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const known = uses.at('/diverted')
  const touches = [DIVERTED, `${DIVERTED}.distrib`, `${DIVERTED}.vendor`]
  if (known?.kind === 'present' && random.next() < 0.5)
    return { make: 'file', args: [DIVERTED, { content: 'ours\n' }], touches }
  const args = known?.args ?? [
    DIVERTED,
    random.pick<Data>([{}, {}, { to: `${DIVERTED}.vendor` }, { rename: false }, { state: 'absent' }]),
  ]
  const isGone = isMap(args[1]) && args[1]['state'] === 'absent'
  uses.set('/diverted', { type: 'own', kind: isGone ? 'absent' : 'present', attributes: {}, args })
  return { make: 'dpkgDivert', args, touches }
}

function repository(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const known = uses.at('/repository/extra')
  if (known !== undefined && known.args === undefined) return undefined
  const absent = random.next() < 0.15
  const args = known?.args ?? [
    'extra',
    absent ? { state: 'absent' } : { apt: { uris: `file:${REPOSITORIES}/extra`, suites: './', trusted: true } },
  ]
  const isGone = isMap(args[1]) && args[1]['state'] === 'absent'
  uses.set('/repository/extra', { type: 'own', kind: isGone ? 'absent' : 'repository', attributes: {}, args })
  return { make: 'repository', args }
}

/** A place that one of the packages has something to do with. */
function near(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const [make, path, options] = random.pick<readonly [string, string, Data]>([
    ['file', '/etc/trial.d/own.conf', { content: 'own\n' }],
    ['file', '/etc/trial.d/base.conf', { content: 'ours\n' }],
    ['file', '/etc/trial-plain.conf', { content: 'ours\n', mode: '0600' }],
    ['line', GENERATED, { line: 'more' }],
    ['line', '/etc/trial-plain.conf', { line: 'more', create: true }],
    ['block', '/etc/trial.d/base.conf', { name: 'x', content: 'more' }],
    ['dir', '/etc/trial.d', { mode: '0750' }],
    ['dir', '/var/lib/trial-user/sub', { owner: 'trialuser' }],
    ['file', '/var/lib/trial-user/f', { content: 'x\n', owner: 'trialuser' }],
    ['absent', GENERATED, {}],
    ['exec', 'look at the data', { run: 'cp /usr/share/trial-plain/data /srv/w/seen', creates: '/srv/w/seen' }],
    [
      'exec',
      'unless the package',
      { run: 'touch /srv/w/without', unless: 'test -e /usr/share/trial-dir/data || test -e /srv/w/without' },
    ],
    ['user', 'trialuser', { system: true, home: '/var/lib/trial-user' }],
    ['waitFor', 'the data', { file: '/usr/share/trial-dir/data', deadline: 1 }],
  ])
  const use = uses.at(make === 'exec' || make === 'user' ? `/${make}/${path}` : path)
  if (use !== undefined && (use.kind !== make || use.args === undefined)) return undefined
  // Where packages put something, one that is to come is taken to bring the directory: it is the one that has it.
  const has = (name: string) => uses.at(`/pkg/${name}`)?.kind === 'present'
  if (path.startsWith('/etc/trial.d/') && !has('trial-dir')) return undefined
  if (path.startsWith('/var/lib/trial-user/') && !has('trial-user')) return undefined
  // A role that removes a package does not wait for what is in that.
  const bringer = path.includes('trial-dir') || make === 'waitFor' ? '/pkg/trial-dir' : undefined
  if (bringer !== undefined && uses.at(bringer)?.kind === 'absent') return undefined
  const args: readonly Data[] = [path, options]
  uses.set(make === 'exec' || make === 'user' ? `/${make}/${path}` : path, {
    type: 'own',
    kind: make,
    attributes: {},
    args,
  })
  return {
    make,
    args,
    ...(make === 'exec' ? { touches: [path.startsWith('look') ? '/srv/w/seen' : '/srv/w/without'] } : {}),
  }
}

/** What was done to the packages of a host before. */
export function packageLine(random: Random): string {
  const name = random.pick(NAMES.slice(0, -1))
  const deb = `${REPOSITORIES}/main/${name === 'trial-plain' ? 'trial-plain_1.0' : `${name}_1`}_all.deb`
  return random.pick([
    `apt-get -q -y install ${name}`,
    `apt-get -q -y install ${name}`,
    'apt-get -q -y install trial-plain=1.0',
    `dpkg --unpack ${deb}`,
    `dpkg -i --force-depends ${deb}`,
    `apt-get -q -y remove ${name}`,
    `apt-get -q -y purge ${name}`,
    `apt-mark hold ${name}`,
    `dpkg-divert --quiet --local --rename --divert ${DIVERTED}.distrib --add ${DIVERTED}`,
    'echo edited >>/etc/trial-plain.conf',
    'echo edited >>/etc/trial.d/base.conf',
    'rm -f /etc/trial.d/base.conf',
    'rm -rf /var/lib/apt/lists/*',
    'userdel trialuser',
    'useradd --system trialuser',
    `echo 'deb [trusted=yes] file:${REPOSITORIES}/extra ./' >/etc/apt/sources.list.d/more.list; apt-get -q update`,
  ])
}
