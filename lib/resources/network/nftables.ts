import { createHash } from 'node:crypto'
import { sh, type Sh } from '../../sh/quote.ts'
import type { Refused, Resource, Step } from '../kit/kind.ts'
import { path, text, whole } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { described } from '../kit/options/option-types.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { armRollback, beginRollback, confirmation, type AutomaticRollback } from './automatic-rollback.ts'

export interface NftablesOptions {
  /** The whole rule set, as nft reads it. It should begin with `flush ruleset`. */
  readonly content: string
  /** Where the rules are kept for the next boot. Default `/etc/nftables.conf`, which nftables.service reads. */
  readonly path?: string
  /** Seconds after which the old rules come back by themselves, unless the connection still works. Default 30. */
  readonly confirm?: number
}

export interface NftablesWant {
  readonly path: string
  readonly content: string
  readonly confirm: number
}

interface State {
  /** The file has this content. */
  readonly isKept: boolean
  /** The kernel has what was made of this content, and nobody has changed that since. */
  readonly isLive: boolean
  /** What nft has against it. */
  readonly objection: string | undefined
}

const ROLLBACK: AutomaticRollback = {
  kind: 'nftablesConfirmed',
  object: 'nftables',
  directory: '/run/rolecall/nftables',
  timer: 'rolecall-nftables',
  what: 'the rules',
  confirms: 'confirm the rules of nftables',
  hint: 'this connection was lost under them: accept ssh, and established connections',
}

/**
 * The rules of nftables: checked by `nft -c`, loaded at once, and kept for the next boot. Two resources: the second one confirms, over the same connection, that the
 * host can still be reached. When that does not come within `confirm` seconds, the host itself loads the rules that it had before, and puts the old file
 * back: rules that lock us out are gone after this delay. The confirmation comes in the next round trip, before anything else is asked.
 *
 * What the confirmation shows is that this connection goes on: rules that only keep new ones out pass it. So let ssh in by a rule of its own.
 *
 * Rules that somebody changes in the kernel (`nft add rule`) are found, and the file is loaded again. Put `service('nftables', { enabled: true })` before it.
 *
 * Refused: rules that nft does not take, in check mode too; a host without nft; rules that were rolled back in this run.
 *
 * @example
 * await ensure(pkg('nftables'), service('nftables', { enabled: true }), ...nftables('base', { content: rules }))
 *
 * Source: nft(8), systemd-run(1).
 */
export function nftables(name: string, options: NftablesOptions): readonly [Resource<NftablesWant>, Resource] {
  const { name: text, options: given } = read(name, options)
  const { path: file = '/etc/nftables.conf', confirm = 30 } = given
  const content = given.content.endsWith('\n') ? given.content : `${given.content}\n`
  return [make(text, { path: file, content, confirm }), confirmed(text, { object: file })]
}

const read = resourceOptions<NftablesOptions>()(
  'nftables',
  (name) => described('nftables', name),
  () => ({
    content: text('the rules', /\S/),
    path: path().optional(),
    confirm: whole('5 to 600 seconds', 5, 600).optional(),
  }),
)

const make = toolKind<NftablesWant, State>({
  name: 'nftables',
  tool: () => ({ program: 'nft', broughtBy: /^nftables$/, hint: 'nftables' }),
  // What the kernel shows of rules has no words of the file: its checksum was kept when they were loaded. In numbers, because names come and go with /etc/services and /etc/protocols.
  probe: ({ path: file, content }) => sh`umask 077
[ "$(sha256sum <${file} 2>/dev/null)" = ${`${digest(content)}  -`} ] && echo kept
[ "$(cat ${`${ROLLBACK.directory}/live`} 2>/dev/null)" = ${digest(content)}" $(nft -s -n list ruleset 2>/dev/null | sha256sum)" ] && echo live && exit 0
said=$(printf %s ${content} | nft -c -f - 2>&1) || { echo objection; printf '%s\\n' "$said" | head -n 5; }
:`,
  read(_, { lines }) {
    const at = lines.indexOf('objection')
    return {
      isKept: lines.includes('kept'),
      isLive: lines.includes('live'),
      objection: at < 0 ? undefined : lines.slice(at + 1).join('\n'),
    }
  },
  fresh: () => ({ isKept: false, isLive: false, objection: undefined }),
  plan(want, { isKept, isLive, objection }): Step[] | Refused {
    if (isKept && isLive) return []
    if (objection !== undefined)
      return { refused: `nft does not accept the rules: ${objection.split('\n')[0] ?? ''}`, hint: objection }
    const summary = `load the rules of ${want.path}, for ${want.confirm} s until they are confirmed`
    return [{ summary, sh: loading(want), stdin: Buffer.from(want.content), deadline: want.confirm + 60 }]
  },
  effects: ({ path: file, content }) => [
    { type: 'path', path: file, state: { type: 'file', content: Buffer.from(content) } },
    { type: 'object', of: 'nftables', name: file, exists: true },
  ],
  paths: ({ path: file }) => [file],
  advanced: {
    trusts: ({ path: file }) => [{ path: file, danger: 'could have other rules loaded' }],
    declarations: (want) => [['nftables', want]],
  },
})

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** The way back is there before anything is loaded. */
function loading({ path: file, content, confirm }: NftablesWant): Sh {
  return sh`${beginRollback(ROLLBACK)}
rm -f old-file; cat >new || exit 1
nft -c -f new || exit 1
{ echo 'flush ruleset'; nft list ruleset; } >old || exit 1
[ ! -f ${file} ] || cp -p -- ${file} old-file || exit 1
cat >back <<'END'
#!/bin/sh
cd ${ROLLBACK.directory} || exit 1
mv back going 2>/dev/null || exit 0
nft -f old; if [ -f old-file ]; then cp -p old-file "$(cat file)"; else rm -f -- "$(cat file)"; fi
rm -f live going; : >taken-back
END
printf '%s\\n' ${file} >file
${armRollback(ROLLBACK, confirm)}
nft -f new && t=${file}.new && cp new "$t" && chmod 0644 "$t" && mv -f -- "$t" ${file} || { sh ./back; rm -f taken-back; exit 1; }
echo ${digest(content)}" $(nft -s -n list ruleset | sha256sum)" >live`
}

const confirmed = confirmation(ROLLBACK)
