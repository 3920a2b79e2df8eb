import { createHash } from 'node:crypto'
import { ensure } from '../../lib/converge/ensure.ts'
import { RolecallError } from '../../lib/errors.ts'
import type { RunEvent } from '../../lib/events.ts'
import type { Host } from '../../lib/host/host.ts'
import { absent } from '../../lib/resources/files/absent.ts'
import { archive } from '../../lib/resources/downloads/archive.ts'
import { block } from '../../lib/resources/files/block.ts'
import { dir } from '../../lib/resources/files/dir.ts'
import { download } from '../../lib/resources/downloads/download.ts'
import { file } from '../../lib/resources/files/file.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { iniFile } from '../../lib/resources/structured/ini-file.ts'
import { jsonFile } from '../../lib/resources/structured/json-file.ts'
import type { Resource } from '../../lib/resources/kit/kind.ts'
import { line } from '../../lib/resources/files/line.ts'
import { link } from '../../lib/resources/files/link.ts'
import { user } from '../../lib/resources/accounts/user.ts'
import { htpasswd } from '../../lib/resources/tls/htpasswd.ts'
import { privateKey } from '../../lib/resources/tls/private-key.ts'
import { sshKeyPair } from '../../lib/resources/tls/ssh-key-pair.ts'
import { ownership } from '../../lib/resources/trees/ownership.ts'
import { yamlFile } from '../../lib/resources/structured/yaml-file.ts'
import { lines, raw, sh, type Sh } from '../../lib/sh/quote.ts'
import { attacker } from './attacker.ts'
import type { Figure } from './part.ts'

/** An unprivileged user's number, of whom no account is needed. */
const EVE = '64711'
const SECRET = 'a-line-that-only-root-may-read'

/** Where it takes place on a host: a directory of root's, with a victim and with eve's own. */
interface ConvergeContext {
  readonly host: Host
  readonly root: string
  /** `http://ADDRESS:PORT`: a server that gives the path of a request as content. */
  readonly server: string | undefined
}

/** Makes what root is to make so, a little different every time. `at` is a directory of eve's, or one in it that she swaps. */
type Makes = (at: string, attempt: number, ground: ConvergeContext) => readonly Resource[]

const eve = { owner: EVE, group: EVE }
/** A file of hers in every second attempt, and of root's in the others. */
const either = (attempt: number) => (attempt % 2 === 0 ? eve : {})

/** What eve attacks, by the name of the kind. */
export const kinds: Readonly<Record<string, Makes>> = {
  dir: (at, n) => [dir(`${at}/n`, { mode: n % 3 === 0 ? '0700' : '0755', ...either(n) })],
  file: (at, n) => files[n % files.length]?.(at, n) ?? [],
  link: (at, n) => [link(`${at}/n`, { to: `to-${n % 5}` })],
  line: (at, n) => [line(`${at}/n`, { line: `line ${n}`, match: /^line /, create: true, ...either(n) })],
  block: (at, n) => [block(`${at}/n`, { name: 'test', content: `block ${n}\n`, create: true, ...either(n) })],
  // Each with a name of its own: what one of them makes the others refuse.
  'json, yaml, ini': (at, n) => [keyed[n % keyed.length]?.(`${at}/n`, n) ?? line(`${at}/n`, { line: 'x' })],
  absent: (at, n) => [absent(`${at}/n`, { recursive: n % 2 === 0 })],
  archive: (at, n, { root }) => [
    archive(`${at}/n`, { source: `${root}/${n % 2}.tar`, sha256: sums[n % 2] ?? '', strip: n % 2, ...eve }),
  ],
  download: (at, n, { server }) => [
    download(`${at}/n`, {
      source: `${server ?? ''}/${n}`,
      sha256: createHash('sha256').update(`/${n}`).digest('hex'),
      ...eve,
    }),
  ],
  'keys, passwords': (at, n) => [secrets[n % secrets.length]?.(`${at}/n`, n) ?? line(`${at}/n`, { line: 'x' })],
  ownership: (at, n) => [ownership(at, { group: 'nogroup', mode: n % 2 === 0 ? '0640' : '0660' })],
  // In turn a home in root's directory that she has a directory in, made and removed; and now and then one in a directory of hers, which is refused.
  homes: (at, n, { root }) => [
    n % 10 === 9
      ? user('rc-eves', { home: `${at}/n`, createHome: true })
      : (n - Math.floor(n / 10)) % 2 === 0
        ? user('rc-eves', { home: `${root}/homes/rc-eves`, createHome: true })
        : user('rc-eves', { state: 'absent', removeHome: true }),
  ],
}

/** Ways to write a file: alone, with neighbours, with a validator, from what is there. */
const files: readonly ((at: string, attempt: number) => readonly Resource[])[] = [
  (at, n) => [
    file(`${at}/n`, {
      content: n % 5 === 0 ? "eve's own\n" : `${n}\n`,
      backup: n % 7 === 0,
      mode: n % 3 === 0 ? '0600' : '0644',
      ...either(n),
    }),
  ],
  (at, n) => ['n', 'o', 'p', 'q', 'r'].map((name) => file(`${at}/${name}`, { content: `${n}\n`, ...either(n) })),
  (at, n) => [file(`${at}/n`, { content: `${n}\n`, ...eve, validate: 'grep -x -e [0-9]* {}' })],
  (at, n) => [file(`${at}/n`, { content: (live) => `${(live ?? '').slice(-200)}${n}\n`, ...either(n) })],
]
const keyed: readonly ((path: string, attempt: number) => Resource)[] = [
  (path, n) => jsonFile(`${path}.json`, { set: { n }, ...either(n) }),
  (path, n) => yamlFile(`${path}.yml`, { set: { n }, ...either(n) }),
  (path, n) => iniFile(`${path}.ini`, { set: { all: { n } }, ...either(n) }),
]
/** Names that she lays, and whose she waits for: one alone is hit more often. */
const namesOf = (what: string) =>
  what === 'file' ? ['n', 'n', 'o', 'p', 'q', 'r'] : what.startsWith('json') ? ['n.json', 'n.yml', 'n.ini'] : ['n']
const secrets: readonly ((path: string, attempt: number) => Resource)[] = [
  (path) => privateKey(path, { type: 'ed25519', owner: EVE }),
  (path, n) => htpasswd(path, { users: { ada: `password ${n}` }, exclusive: true }),
  (path) => sshKeyPair(path, { owner: EVE }),
]

/** What stands in a place before root comes: anything else is refused, and root comes to no step. */
const sortOf = (what: string) => (['dir', 'archive', 'homes'].includes(what) ? 'dir' : 'file')
/** The sums of the archives. */
const sums: string[] = []

/** Sets the ground up on a host, and takes it away again after `work`. */
export async function onGround<T>(
  host: Host,
  server: string | undefined,
  work: (ground: ConvergeContext) => Promise<T>,
): Promise<T> {
  const root = await said(host, raw('r=$(mktemp -d /var/tmp/hostile.XXXXXX) && chmod 0755 "$r" && echo "$r"'))
  try {
    const made = await said(
      host,
      sh`cd ${root} && mkdir -p victim/dir home/deep homes pack/top && cd pack && echo content >top/file && ln -s ${`${root}/victim/dir`} top/out && ln -s ../../victim/dir/inside top/up && echo '#!' >top/tool && chmod 4777 top/tool
tar -cf ../1.tar top && tar -cf ../0.tar -C top . && cd .. && rm -rf pack
echo ${SECRET} >victim/secret; chmod 0600 victim/secret
echo inside >victim/dir/inside; chmod 0640 victim/dir/inside; chmod 0755 victim victim/dir
chown -R ${EVE}:${EVE} home; chmod 0755 home home/deep
printf %s ${attacker} >attack.pl
sha256sum 0.tar 1.tar`,
    )
    sums.splice(0, sums.length, ...made.split('\n').map((each) => each.split(' ')[0] ?? ''))
    return await work({ host, root, server })
  } finally {
    await said(host, sh`rm -rf -- ${root}; userdel rc-eves >/dev/null 2>&1; true`)
  }
}

/** Root does the same over and over while eve attacks. */
export async function attack(ground: ConvergeContext, what: string, makes: Makes, attempts: number): Promise<Figure> {
  const { host, root } = ground
  const before = await picture(ground, '')
  const pid = await said(
    host,
    sh`cd / && rm -f ${root}/stop && mkfifo ${`${root}/stop`} && { setpriv --reuid ${EVE} --regid ${EVE} --clear-groups -- nice perl ${`${root}/attack.pl`} ${`${root}/victim`} ${`${root}/${what === 'homes' ? 'homes/rc-eves/hers' : 'home'}`} ${sortOf(what)} ${namesOf(what)} <>${`${root}/stop`} >/dev/null 2>&1 & echo $!; }`,
  )
  const losses: string[] = []
  const ends = { changed: 0, ok: 0, refused: 0 }
  let reached = 0
  try {
    for (let n = 0; n < attempts; n++) {
      const at = n % 3 === 0 ? `${root}/home/deep` : `${root}/home`
      // Nine times of ten she clears her names away first: what is in the way is refused, and root comes to no step.
      if (what !== 'homes' && n % 10 !== 0) await said(host, cleared(at, what === 'absent'))
      const { end, text, hasActed } = await once(host, makes(at, n, ground))
      ends[end]++
      if (hasActed) reached++
      if (text.includes(SECRET)) losses.push(`${what} ${n}: root's secret stands in the report: ${text.slice(0, 2000)}`)
      const after = await picture(ground, pid)
      if (after !== before) {
        losses.push(`${what} ${n}: ${differences(before, after)}`)
        break
      }
    }
  } finally {
    await said(
      host,
      sh`kill -KILL ${pid}; sleep 0.1; rm -f ${`${root}/stop`}
find ${`${root}/home`} -mindepth 1 -maxdepth 1 ! -name deep -exec rm -rf {} +; rm -rf ${`${root}/home/deep`}; mkdir ${`${root}/home/deep`}; chown ${`${EVE}:${EVE}`} ${`${root}/home/deep`}`,
    )
  }
  const share = Math.round((100 * reached) / Math.max(1, attempts))
  const note = `${share} % came to a step; ${ends.changed} changed, ${ends.ok} ok, ${ends.refused} refused or failed`
  return { what, attempts, losses, note }
}

/** What eve does herself in one of her directories. `isFull`: something is there to be removed. */
function cleared(at: string, isFull: boolean): Sh {
  const own = `cd "$1" && rm -rf n n.* o p q r .[a-z]*.rolecall.* moved.* away.*${isFull ? ' && mkdir n && : >n/x' : ''}`
  return sh`setpriv --reuid ${EVE} --regid ${EVE} --clear-groups sh -c ${own} sh ${at} >/dev/null 2>&1; true`
}

/** All that is root's, and what of it can be read in eve's directories, while she holds still. She gets a directory in a new home. */
function picture({ host, root }: ConvergeContext, pid: string): Promise<string> {
  const still = (signal: string) => (pid === '' ? raw(':') : sh`kill ${signal} ${pid}`)
  return said(
    host,
    lines(
      still('-STOP'),
      sh`cd ${root} && find victim -printf '%p %U:%G %m %n %y %s %l\\n' | sort; cat victim/secret victim/dir/inside; stat -c '%U %a' home; grep -rlFs ${SECRET} home homes
if [ -d homes/rc-eves ] && [ ! -e homes/rc-eves/hers ]; then mkdir -p homes/rc-eves/hers/deep; chown -R ${EVE} homes/rc-eves/hers; chmod 0755 homes/rc-eves; fi`,
      still('-CONT'),
      raw(':'),
    ),
  )
}

function differences(before: string, after: string): string {
  const [one, other] = [before.split('\n'), after.split('\n')]
  return [
    ...one.filter((each) => !other.includes(each)).map((each) => `-${each}`),
    ...other.filter((each) => !one.includes(each)).map((each) => `+${each}`),
  ].join(' ; ')
}

/** What becomes of resources that root makes, or looks at. */
export async function once(host: Host, resources: readonly Resource[], mode: 'apply' | 'check' = 'apply') {
  const events: RunEvent[] = []
  const signal = new AbortController().signal
  const hasActed = () => events.some(({ type }) => type === 'step')
  const text = (problem = '') => `${JSON.stringify(events)}\n${problem}`
  try {
    const ground = {
      host,
      role: 'test',
      mode,
      prediction: new Prediction(),
      emit: (event: RunEvent) => void events.push(event),
      signal,
    } as const
    const outcomes = await ensure(ground, resources)
    return {
      end: outcomes.some(({ status }) => status === 'changed') ? ('changed' as const) : ('ok' as const),
      text: text(),
      hasActed: hasActed(),
    }
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    return { end: 'refused' as const, text: text(JSON.stringify(error.problems)), hasActed: hasActed() }
  }
}

/** Makes what the ground needs; there nobody attacks yet. */
export async function prepare(host: Host, ...resources: readonly Resource[]): Promise<void> {
  const { end, text } = await once(host, resources)
  if (end === 'refused') throw new Error(text)
}

/** What a script of root's prints on the host. */
export async function said(host: Host, script: Sh): Promise<string> {
  const [answer] = await host.ask([{ name: 'hostile', sh: script }])
  const text = (bytes: Uint8Array | undefined) =>
    Buffer.from(bytes ?? [])
      .toString('utf8')
      .trim()
  if (answer?.code !== 0) throw new Error(`${script.text}\nends with ${answer?.code ?? '?'}: ${text(answer?.stderr)}`)
  return text(answer.stdout)
}
