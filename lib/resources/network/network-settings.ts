import { createHash } from 'node:crypto'
import { Secret } from '../../secret.ts'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { reveal } from '../files/edit.ts'
import type { Change, Plan, Refused, Resource } from '../kit/kind.ts'
import { described, list, oneOf, record, secretText, text, whole } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind, type Tool } from '../kit/tool-kind.ts'
import { armWayBack, beginWayBack, confirmation, type WayBack } from './way-back.ts'

type Manager = NetworkSettingsWant['manager']

export interface NetworkSettingsOptions {
  /** What sets the network up on the host. */
  readonly manager: 'netplan' | 'networkd' | 'NetworkManager'
  /**
   * Files by their names, in the directory of the manager: /etc/netplan (`50-lan.yaml`), /etc/systemd/network (`10-lan.network`),
   * /etc/NetworkManager/system-connections (`lan.nmconnection`). A Secret is shown to nobody.
   */
  readonly files?: Readonly<Record<string, string | Secret | undefined>>
  /** Names of files that may not be there. */
  readonly remove?: readonly string[]
  /** Seconds after which the old files come back by themselves, unless the connection still works. Default 30. */
  readonly confirm?: number
}

export interface NetworkSettingsWant {
  readonly name: string
  readonly manager: 'netplan' | 'networkd' | 'NetworkManager'
  readonly files: ReadonlyMap<string, string | Secret>
  readonly remove: readonly string[]
  readonly confirm: number
}

interface State {
  /** Paths that differ, or that are there and should not be. */
  readonly due: readonly string[]
  readonly objection: string | undefined
}

const MANAGERS: Readonly<
  Record<Manager, { readonly dir: string; readonly mode: string; readonly ending: RegExp; readonly tool: Tool }>
> = {
  netplan: {
    dir: '/etc/netplan',
    mode: '0600',
    ending: /\.yaml$/,
    tool: { program: 'netplan', broughtBy: /^netplan(\.io)?$/, hint: 'netplan.io' },
  },
  networkd: {
    dir: '/etc/systemd/network',
    mode: '0644',
    ending: /\.(network|netdev|link)$/,
    tool: { program: 'networkctl', broughtBy: /^systemd(-networkd)?$/, hint: 'systemd' },
  },
  NetworkManager: {
    dir: '/etc/NetworkManager/system-connections',
    mode: '0600',
    ending: /\.nmconnection$/,
    tool: {
      program: 'nmcli',
      broughtBy: /^(network-manager|NetworkManager)$/,
      hint: 'network-manager',
      unit: 'NetworkManager',
    },
  },
}

const WAY: WayBack = {
  kind: 'networkSettingsConfirmed',
  object: 'network settings',
  room: '/run/rolecall/network',
  timer: 'rolecall-network',
  what: 'the settings of the network',
  confirms: 'confirm the settings of the network',
  hint: 'this connection did not go on with them',
}

/**
 * Settings of the network: files of netplan, systemd-networkd or NetworkManager, which hold at once. Two resources: the second one confirms, over the same connection,
 * that the host can still be reached. When that does not come within `confirm` seconds, the host itself puts the old files back and makes them hold: settings that
 * cut it off are gone after this delay.
 *
 * netplan reads the files first, in check mode too. networkd and NetworkManager say nothing beforehand; a connection that NetworkManager does not take is put back at
 * once. A change of the address itself is no change that this connection survives: make it from the host's console.
 *
 * @example
 * await ensure(...networkSettings('lan', { manager: 'networkd', files: { '10-lan.network': '[Match]\nName=eth1\n\n[Network]\nAddress=10.1.0.5/24\n' } }))
 *
 * Refused: files that netplan does not take; a host without the manager; settings that were taken back in this run.
 *
 * Source: netplan(5), systemd.network(5), networkctl(1), nm-settings-keyfile(5), nmcli(1).
 */
export function networkSettings(
  name: string,
  options: NetworkSettingsOptions,
): readonly [Resource<NetworkSettingsWant>, Resource] {
  const { name: own, options: given } = read(name, options)
  const { manager, files = {}, remove = [], confirm = 30 } = given
  const contents = new Map(Object.entries(files).map(([file, content]) => [file, ended(content)]))
  return [make(own, { name: own, manager, files: contents, remove, confirm }), confirm_(own, { object: own })]
}

function ended(content: string | Secret): string | Secret {
  const end = (given: string) => (given.endsWith('\n') ? given : `${given}\n`)
  return typeof content === 'string' ? end(content) : content.map(end)
}

const fileName = /^[\w][\w.@-]*$/

const read = resourceOptions<NetworkSettingsOptions>()(
  'networkSettings',
  (name) => described('networkSettings', name),
  () => ({
    manager: oneOf(['netplan', 'networkd', 'NetworkManager']),
    files: record(
      'names of files and their contents',
      secretText('the content of a file', (given) => /\S/.test(given) && !given.includes('\0')),
    ).optional(),
    remove: list('a list of names of files', text('the name of a file', fileName)).optional(),
    confirm: whole('5 to 600 seconds', 5, 600).optional(),
  }),
  ({ manager = 'netplan', files = {}, remove = [] }, given) => [
    ...[...Object.keys(files), ...remove]
      .filter((name) => !fileName.test(name) || !MANAGERS[manager].ending.test(name))
      .map((name) => ({
        what: 'files',
        expected: `names that ${manager} reads, ending with ${MANAGERS[manager].ending.source.replaceAll(/[\\$^]/g, '')}`,
        got: JSON.stringify(name),
      })),
    ...remove
      .filter((name) => files[name] !== undefined)
      .map((name) => ({ what: name, expected: 'either in files or in remove', got: 'both' })),
    ...(manager === 'NetworkManager'
      ? Object.entries(files)
          .filter(([, content]) => idOf(content) === undefined)
          .map(([name]) => ({ what: name, expected: 'a connection with id=NAME', got: 'none' }))
      : []),
    !given.has('files') && !given.has('remove') ? { expected: 'given files or remove', got: 'neither' } : undefined,
  ],
)

function idOf(content: string | Secret): string | undefined {
  return /^id=(.+)$/m.exec(reveal(content))?.[1]?.trim()
}

const make = toolKind<NetworkSettingsWant, State>({
  name: 'networkSettings',
  tool: ({ manager }) => MANAGERS[manager].tool,
  probe: (want) => {
    const { dir } = MANAGERS[want.manager]
    const files = [...want.files].map(
      ([name, content]) =>
        sh`[ "$(sha256sum <${`${dir}/${name}`} 2>/dev/null)" = ${`${digest(reveal(content))}  -`} ] || echo ${`due ${dir}/${name}`}`,
    )
    const gone = want.remove.map((name) => sh`[ ! -e ${`${dir}/${name}`} ] || echo ${`due ${dir}/${name}`}`)
    return lines(...files, ...gone, want.manager === 'netplan' ? netplanCheck(want) : raw(':'))
  },
  read(_, { lines: said }) {
    const at = said.indexOf('objection')
    return {
      due: said.flatMap((line) => (line.startsWith('due ') ? [line.slice(4)] : [])),
      objection: at < 0 ? undefined : said.slice(at + 1).join('\n'),
    }
  },
  fresh: ({ manager, files }) => ({
    due: [...files.keys()].map((name) => `${MANAGERS[manager].dir}/${name}`),
    objection: undefined,
  }),
  isAbsence: ({ files }) => files.size === 0,
  plan(want, { due, objection }): Plan | Refused {
    if (due.length === 0) return { steps: [] }
    if (objection !== undefined)
      return {
        refused: `${want.manager} does not take the settings: ${objection.split('\n')[0] ?? ''}`,
        hint: objection,
      }
    return {
      steps: [
        {
          summary: `set ${due.join(', ')}, for ${want.confirm} s until they are confirmed`,
          sh: setting(want),
          stdin: Buffer.from([...want.files.values()].map(reveal).join('')),
          deadline: want.confirm + 120,
        },
      ],
      changes: [...want.files].map(([name, content]): Change =>
        content instanceof Secret
          ? { hidden: 'secret' }
          : { hidden: `${name}: ${content.split('\n').length - 1} lines` },
      ),
    }
  },
  effects: ({ name, manager, files, remove }) => [
    ...[...files].map(([file, content]) => ({
      type: 'path' as const,
      path: `${MANAGERS[manager].dir}/${file}`,
      state:
        content instanceof Secret
          ? ({ type: 'file', sealed: true } as const)
          : ({ type: 'file', content: Buffer.from(content) } as const),
    })),
    ...remove.map((file) => ({
      type: 'path' as const,
      path: `${MANAGERS[manager].dir}/${file}`,
      state: { type: 'absent' } as const,
    })),
    { type: 'object', of: WAY.object, name, exists: true },
  ],
  paths: ({ manager, files, remove }) => [...files.keys(), ...remove].map((name) => `${MANAGERS[manager].dir}/${name}`),
})

const confirm_ = confirmation(WAY)

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** The files as they will be, in a directory of their own. Secrets do not travel in a question: with one in them nothing is asked beforehand. */
function netplanCheck({ files, remove }: NetworkSettingsWant): Sh {
  if ([...files.values()].some((content) => content instanceof Secret)) return raw(':')
  return sh`t=$(mktemp -d) || exit 0; trap 'rm -rf "$t"' EXIT
mkdir -p "$t/etc/netplan"; cp -p /etc/netplan/*.yaml "$t/etc/netplan/" 2>/dev/null
cd "$t/etc/netplan" && rm -f ${remove.map((name) => `./${name}`)}
${lines(...[...files].map(([name, content]) => sh`(umask 077; printf %s ${reveal(content)} >${`./${name}`})`))}
said=$(netplan generate --root-dir "$t" 2>&1) || { echo objection; printf '%s\\n' "$said" | sed "s|$t||g" | head -n 5; }`
}

/** Makes what stands in the files hold. */
function applying(manager: Manager, files: ReadonlyMap<string, string | Secret>): Sh {
  if (manager === 'netplan') return sh`netplan apply`
  if (manager === 'networkd') return sh`networkctl reload`
  const ups = [...files.values()].flatMap((content) => {
    const id = idOf(content)
    return id === undefined ? [] : [sh`nmcli -w 20 connection up id ${id} >/dev/null`]
  })
  return sh`nmcli connection reload${raw(ups.map((up) => ` && ${up.text}`).join(''))}`
}

/** Sees to it that the old files are there to come back before one of them is changed. */
function setting(want: NetworkSettingsWant): Sh {
  const { manager, files, remove, confirm } = want
  const { dir, mode } = MANAGERS[manager]
  const names = [...files.keys(), ...remove]
  const keep = names.map(
    (name) => sh`[ ! -f ${`${dir}/${name}`} ] || cp -p -- ${`${dir}/${name}`} ${`old/${name}`} || exit 1`,
  )
  const restore = names.map(
    (name) =>
      sh`if [ -f ${`old/${name}`} ]; then cp -p -- ${`old/${name}`} ${`${dir}/${name}`}; else rm -f -- ${`${dir}/${name}`}; fi`,
  )
  const write = [...files].map(([name, content]) => {
    const length = Buffer.byteLength(reveal(content))
    const fresh = `${dir}/.${name}.new`
    return sh`head -c ${length} >${fresh} && chmod ${mode} ${fresh} && mv -f -- ${fresh} ${`${dir}/${name}`} || give_up`
  })
  return lines(
    beginWayBack(WAY),
    sh`mkdir -p old ${dir} || exit 1`,
    ...keep,
    sh`cat >back <<'END_OF_WAY_BACK' || exit 1
#!/bin/sh
cd ${WAY.room} || exit 1
mv back going 2>/dev/null || exit 0
${lines(...restore)}
${applying(manager, new Map())}
rm -f going; : >taken-back
END_OF_WAY_BACK
give_up() { sh ./back; rm -f taken-back; exit 1; }`,
    armWayBack(WAY, confirm),
    ...write,
    ...remove.map((name) => sh`rm -f -- ${`${dir}/${name}`} || give_up`),
    sh`{ ${applying(manager, files)}; } || give_up`,
  )
}
