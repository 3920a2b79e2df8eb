import { createHash } from 'node:crypto'
import { Secret } from '../../secret.ts'
import { lines, raw, sh } from '../../sh/quote.ts'
import { reveal } from '../files/edit.ts'
import type { Change, Plan, Refused, Resource } from '../kit/kind.ts'
import { described, list, oneOf, record, secretText, text, whole } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { confirmation } from './automatic-rollback.ts'
import {
  type NetworkSettingsOptions,
  type NetworkSettingsWant,
  type State,
  MANAGERS,
  ROLLBACK,
  fileName,
  idOf,
  netplanCheck,
  setting,
} from './network-managers.ts'
import { allAfter } from '../kit/text.ts'

/**
 * Settings of the network: files of netplan, systemd-networkd or NetworkManager, which hold at once. Two resources: the second one confirms, over the same connection,
 * that the host can still be reached. When that does not come within `confirm` seconds, the host itself puts the old files back and makes them hold: settings that
 * cut it off are gone after this delay. The confirmation comes in the next round trip, before anything else is asked.
 *
 * netplan reads the files first, in check mode too. networkd and NetworkManager say nothing beforehand; a connection that NetworkManager does not take is put back at
 * once. A change of the address itself is no change that this connection survives: make it from the host's console.
 *
 * @example
 * await ensure(...networkSettings('lan', { manager: 'networkd', files: { '10-lan.network': '[Match]\nName=eth1\n\n[Network]\nAddress=10.1.0.5/24\n' } }))
 *
 * Refused: files that netplan does not take; a host without the manager; settings that were rolled back in this run.
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
  ({ manager = 'netplan', files = {}, remove = [] }) => [
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
    Object.keys(files).length + remove.length === 0 ? { expected: 'given files or remove', got: 'neither' } : undefined,
  ],
)

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
      due: allAfter(said, 'due'),
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
        refused: `${want.manager} does not accept the settings: ${objection.split('\n')[0] ?? ''}`,
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
    { type: 'object', of: ROLLBACK.object, name, exists: true },
  ],
  paths: ({ manager, files, remove }) => [...files.keys(), ...remove].map((name) => `${MANAGERS[manager].dir}/${name}`),
})

const confirm_ = confirmation(ROLLBACK)

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
