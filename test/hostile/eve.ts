import { ensure } from '../../lib/converge/ensure.ts'
import { RolecallError } from '../../lib/errors.ts'
import type { RunEvent } from '../../lib/events.ts'
import type { Host } from '../../lib/host/host.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import type { Resource } from '../../lib/resources/kit/kind.ts'
import { lines, raw, sh, type Sh } from '../../lib/sh/quote.ts'
import { attacker } from './attacker.ts'
import { EVE, waysOf, type Makes, type Ways } from './eve-kinds.ts'
import { laid } from './links.ts'
import type { Figure } from './part.ts'

const SECRET = 'a-line-that-only-root-may-read'

/** Where it takes place on a host: a directory of root's, with a victim and with eve's own. */
export interface Ground {
  readonly host: Host
  readonly root: string
  /** An account with eve's number, whose home is her directory. */
  readonly account: string
  /** `http://ADDRESS:PORT`: a server that gives the path of a request as content. */
  readonly server: string | undefined
  /** Of the archives. */
  readonly sums: readonly string[]
}

/** Sets the ground up on a host, and takes it away again after `work`. */
export async function onGround<T>(
  host: Host,
  server: string | undefined,
  work: (ground: Ground) => Promise<T>,
): Promise<T> {
  const root = await said(host, raw('r=$(mktemp -d /var/tmp/hostile.XXXXXX) && chmod 0755 "$r" && echo "$r"'))
  const account = `rc-${root.slice(-6).toLowerCase()}`
  try {
    const made = await said(
      host,
      sh`cd ${root} && mkdir -p victim/dir home/deep homes pack/top && cd pack && echo content >top/file && ln -s ${`${root}/victim/dir`} top/out && ln -s ../../victim/dir/inside top/up && echo '#!' >top/tool && chmod 4777 top/tool
tar -cf ../1.tar top && tar -cf ../0.tar -C top . && cd .. && rm -rf pack
echo ${SECRET} >victim/secret; chmod 0600 victim/secret
echo inside >victim/dir/inside; chmod 0640 victim/dir/inside; chmod 0755 victim victim/dir
chown -R ${EVE}:${EVE} home; chmod 0755 home home/deep
useradd --no-create-home --non-unique --uid ${EVE} --gid nogroup --home-dir ${`${root}/home`} ${account}
printf %s ${attacker} >attack.pl
sha256sum 0.tar 1.tar`,
    )
    const sums = made.split('\n').map((each) => each.split(' ')[0] ?? '')
    return await work({ host, root, account, server, sums })
  } finally {
    await said(host, sh`userdel --force ${account} >/dev/null 2>&1; rm -rf -- ${root}`)
  }
}

/** Root does the same over and over while eve attacks; with `links` she lays what she has beforehand, and holds still. */
export async function attack(
  ground: Ground,
  what: string,
  makes: Makes,
  attempts: number,
  by: 'races' | 'links' = 'races',
): Promise<Figure> {
  const { host, root } = ground
  /** What is made ready on her side for an attempt. Nine times of ten her names are cleared away: what is in the way is refused, and root comes to no step. */
  const ready = (n: number): Sh => {
    const at = placeOf(root, what, n)
    if (by === 'links') return laid(n, { root, at, eve: EVE, ways: waysOf(what) })
    return what !== 'homes' && n % 10 !== 0 ? cleared(at, waysOf(what), what === 'absent') : raw(':')
  }
  const before = await picture(ground, '')
  const pid = by === 'links' ? '' : await letLoose(ground, what)
  const losses: string[] = []
  const ends = { changed: 0, ok: 0, refused: 0 }
  let reached = 0
  try {
    await said(host, ready(0))
    for (let n = 0; n < attempts; n++) {
      const at = placeOf(root, what, n)
      const { end, text, hasActed } = await once(host, makes(at, n, ground))
      ends[end]++
      if (hasActed) reached++
      if (text.includes(SECRET)) losses.push(`${what} ${n}: root's secret stands in the report: ${text.slice(0, 2000)}`)
      // What is made ready for the next attempt travels with the look at this one.
      const after = await picture(ground, pid, ready(n + 1))
      if (after !== before) {
        losses.push(`${what} ${n}: ${differences(before, after)}`)
        break
      }
    }
  } finally {
    await said(
      host,
      sh`[ -z ${pid} ] || { kill -KILL ${pid}; sleep 0.1; }; rm -f ${`${root}/stop`}
find ${`${root}/home`} -mindepth 1 -maxdepth 1 ! -name deep -exec rm -rf {} +; rm -rf ${`${root}/home/deep`}; mkdir ${`${root}/home/deep`}; chown ${`${EVE}:${EVE}`} ${`${root}/home/deep`}
[ ${what} != homes ] || { userdel rc-eves; rm -rf ${`${root}/homes/rc-eves`}; } >/dev/null 2>&1; true`,
    )
  }
  const share = Math.round((100 * reached) / Math.max(1, attempts))
  const note = `${share} % came to a step; ${ends.changed} changed, ${ends.ok} ok, ${ends.refused} refused or failed`
  return { what: `${what}, ${by}`, attempts, losses, note }
}

/** In turn her directory, and the one in it that she swaps. */
function placeOf(root: string, what: string, attempt: number): string {
  const { within } = waysOf(what)
  return attempt % 3 === 0 || within === '.ssh' ? `${root}/home/${within}` : `${root}/home`
}

/** Begins the attacks, and gives the number of the process. */
function letLoose({ host, root }: Ground, what: string): Promise<string> {
  const home = what === 'homes' ? 'homes/rc-eves/hers' : 'home'
  const { within, sort, text, names } = waysOf(what)
  const words = [`${root}/victim`, `${root}/${home}`, within, sort, text, ...names]
  return said(
    host,
    sh`cd / && rm -f ${root}/stop && mkfifo ${`${root}/stop`} && { setpriv --reuid ${EVE} --regid ${EVE} --clear-groups -- nice perl ${`${root}/attack.pl`} ${words} <>${`${root}/stop`} >/dev/null 2>&1 & echo $!; }`,
  )
}

/** What eve does herself in one of her directories. `isFull`: something is there to be removed. */
function cleared(at: string, { names }: Ways, isFull: boolean): Sh {
  const hers = [...new Set(names)].map((name) => `${name} ${name}.*`).join(' ')
  const own = `cd "$1" && rm -rf ${hers} .[a-z]*.rolecall.* moved.* away.*${isFull ? ' && mkdir n && : >n/x' : ''}`
  return sh`setpriv --reuid ${EVE} --regid ${EVE} --clear-groups sh -c ${own} sh ${at} >/dev/null 2>&1; true`
}

/** All that is root's, and what of it can be read in eve's directories, while she holds still. She gets a directory in a new home. */
function picture({ host, root }: Ground, pid: string, next: Sh = raw(':')): Promise<string> {
  const still = (signal: string) => (pid === '' ? raw(':') : sh`kill ${signal} ${pid}`)
  return said(
    host,
    lines(
      still('-STOP'),
      sh`cd ${root} && find victim -printf '%p %U:%G %m %n %y %s %l\\n' | sort; cat victim/secret victim/dir/inside; stat -c '%u %a' home; grep -rlFs ${SECRET} home homes
if [ -d homes/rc-eves ] && [ ! -e homes/rc-eves/hers ]; then mkdir -p homes/rc-eves/hers/deep; chown -R ${EVE} homes/rc-eves/hers; chmod 0755 homes/rc-eves; fi`,
      still('-CONT'),
      sh`{ ${next}
} >/dev/null`,
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
