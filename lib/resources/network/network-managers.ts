import { Secret } from '../../secret.ts'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { reveal } from '../files/edit.ts'
import type { Tool } from '../kit/tool-kind.ts'
import { armRollback, beginRollback, type AutomaticRollback } from './automatic-rollback.ts'

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

export interface State {
  /** Paths that differ, or that are there and should not be. */
  readonly due: readonly string[]
  readonly objection: string | undefined
}

export const MANAGERS: Readonly<
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

export const ROLLBACK: AutomaticRollback = {
  kind: 'networkSettingsConfirmed',
  object: 'network settings',
  directory: '/run/rolecall/network',
  timer: 'rolecall-network',
  what: 'the network settings',
  confirms: 'confirm the settings of the network',
  hint: 'this connection was lost with them',
}

export const fileName = /^[\w][\w.@-]*$/

export function idOf(content: string | Secret): string | undefined {
  return /^id=(.+)$/m.exec(reveal(content))?.[1]?.trim()
}

/** The files as they will be, in a directory of their own. Secrets do not travel in a question: with one in them nothing is asked beforehand. */
export function netplanCheck({ files, remove }: NetworkSettingsWant): Sh {
  if ([...files.values()].some((content) => content instanceof Secret)) return raw(':')
  return sh`t=$(mktemp -d) || exit 0; trap 'rm -rf "$t"' EXIT
mkdir -p "$t/etc/netplan"; cp -p /etc/netplan/*.yaml "$t/etc/netplan/" 2>/dev/null
cd "$t/etc/netplan" && rm -f ${remove.map((name) => `./${name}`)}
${lines(...[...files].map(([name, content]) => sh`(umask 077; printf %s ${reveal(content)} >${`./${name}`})`))}
said=$(netplan generate --root-dir "$t" 2>&1) || { echo objection; printf '%s\\n' "$said" | sed "s|$t||g" | head -n 5; }`
}

/** Makes the files take effect. */
function applying(manager: Manager, files: ReadonlyMap<string, string | Secret>): Sh {
  if (manager === 'netplan') return sh`netplan apply`
  if (manager === 'networkd') return sh`networkctl reload`
  const ups = [...files.values()].flatMap((content) => {
    const id = idOf(content)
    return id === undefined ? [] : [sh`nmcli -w 20 connection up id ${id} >/dev/null`]
  })
  return sh`${reloadConnections}
reload_connections${raw(ups.map((up) => ` && ${up.text}`).join(''))}`
}

/**
 * What was active before is active again: a device goes on with the settings that it has, whatever its file says by now, and one whose connection has gone may
 * stay without any.
 */
function bringBack(files: readonly string[]): Sh {
  return sh`now=$(nmcli -t -e no -f NAME connection show --active)
while IFS= read -r n; do
if printf '%s\n' "$now" | grep -qxF -e "$n" && ! grep -qxF -e "id=$n" -- ${files} 2>/dev/null; then continue; fi
nmcli -w 20 connection up id "$n" </dev/null >/dev/null 2>&1
done <old/active`
}

/** NetworkManager that has only just started knows its settings a moment later than its unit is up. */
const reloadConnections = raw(`reload_connections() {
i=0
until said=$(nmcli connection reload 2>&1); do
case $i:$said in 10:*) ;; *'does not exist at path'* | *'is not running'*) i=$((i+1)); sleep 1; continue;; esac
printf '%s\\n' "$said" >&2; return 1
done
}`)

/** Sees to it that the old files are there to come back before one of them is changed. */
export function setting(want: NetworkSettingsWant): Sh {
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
    beginRollback(ROLLBACK),
    sh`mkdir -p old ${dir} || exit 1`,
    ...keep,
    manager === 'NetworkManager'
      ? sh`nmcli -t -e no -f NAME connection show --active >old/active 2>/dev/null`
      : raw(':'),
    sh`cat >back <<'END_OF_WAY_BACK' || exit 1
#!/bin/sh
cd ${ROLLBACK.directory} || exit 1
mv back going 2>/dev/null || exit 0
${lines(...restore)}
${applying(manager, new Map())}
${manager === 'NetworkManager' ? bringBack(names.map((name) => `${dir}/${name}`)) : raw(':')}
rm -f going; : >taken-back
END_OF_WAY_BACK
give_up() { sh ./back; rm -f taken-back; exit 1; }`,
    armRollback(ROLLBACK, confirm),
    ...write,
    ...remove.map((name) => sh`rm -f -- ${`${dir}/${name}`} || give_up`),
    sh`{ ${applying(manager, files)}; } || give_up`,
  )
}
