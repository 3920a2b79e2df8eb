import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import type { Data, ResourceSpec } from './spec.ts'

const USERS = ['ann', 'bob', 'cat']
const GROUPS = ['hub', 'den', 'ann']
const NUMBERS = [4001, 4002, 4003, 1001]
const SHELLS = ['/bin/sh', '/bin/bash', '/usr/sbin/nologin']

/** A user, a group, or something in a home. */
export function accountResource(random: Random, uses: PlaceUses): ResourceSpec {
  for (;;) {
    const chance = random.next()
    const made = chance < 0.45 ? user(random, uses) : chance < 0.65 ? group(random, uses) : inHome(random, uses)
    if (made !== undefined) return made
  }
}

function user(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const name = random.pick(USERS)
  const known = uses.at(`/user/${name}`)
  if (known?.args !== undefined) return { make: 'user', args: known.args }
  const absent = random.next() < 0.25
  const own = uses.at(`/group/${name}`)
  // A user that goes takes the group of the same name along, and one that comes brings it.
  if (absent && own !== undefined && own.kind !== 'absent') return undefined
  if (!absent && own?.kind === 'absent') return undefined
  if (absent && !uses.isBare(homeOf(name))) return undefined
  const often = (share: number) => random.next() < share
  const groups = [...new Set([random.pick(GROUPS), random.pick(['daemon', 'adm', ...GROUPS])])].filter(
    (each) => each !== name,
  )
  const uid = often(0.4) ? number(random, uses, 'uid', name) : undefined
  if (groups.some((each) => uses.at(`/group/${each}`)?.kind === 'absent')) return undefined
  const options: { readonly [name: string]: Data | undefined } = absent
    ? { state: 'absent', ...(often(0.5) ? { removeHome: true } : {}) }
    : {
        ...(uid === undefined ? {} : { uid }),
        ...(often(0.25) ? { group: random.pick(['daemon', 'hub', 'den']) } : {}),
        ...(often(0.4) ? { groups } : {}),
        ...(often(0.1) ? { onlyTheseGroups: true } : {}),
        ...(often(0.25) ? { home: random.pick([`/srv/w/${name}`, `/home/${name}`, '/srv/w/a/home']) } : {}),
        ...(often(0.5) ? { createHome: often(0.8) } : {}),
        ...(often(0.4) ? { shell: random.pick(SHELLS) } : {}),
        ...(often(0.2) ? { comment: 'A Person' } : {}),
        ...(often(0.15) ? { system: true } : {}),
        ...(often(0.15)
          ? {
              password: {
                $secret:
                  '$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.',
              },
            }
          : {}),
      }
  const args = [name, options]
  for (const each of groups) if (!absent) uses.set(`/group/${each}`, uses.at(`/group/${each}`) ?? wanted('present'))
  if (typeof options['group'] === 'string')
    uses.set(`/group/${options['group']}`, uses.at(`/group/${options['group']}`) ?? wanted('present'))
  uses.set(`/group/${name}`, own ?? wanted(absent ? 'absent' : 'present'))
  uses.set(`/user/${name}`, { type: 'own', kind: absent ? 'absent' : 'present', attributes: {}, args })
  return { make: 'user', args }
}

function group(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const name = random.pick(GROUPS)
  const use = uses.at(`/group/${name}`)
  if (use?.args !== undefined) return { make: 'group', args: use.args }
  const absent = random.next() < 0.25
  if (use !== undefined && (use.kind === 'absent') !== absent) return undefined
  const gid = random.next() < 0.5 ? number(random, uses, 'gid', name) : undefined
  const options: Data = absent
    ? { state: 'absent' }
    : { ...(gid === undefined ? {} : { gid }), ...(random.next() < 0.2 ? { system: true } : {}) }
  const args = [name, options]
  uses.set(`/group/${name}`, { ...wanted(absent ? 'absent' : 'present'), args })
  return { make: 'group', args }
}

function inHome(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const name = random.pick(USERS)
  if (uses.at(`/user/${name}`)?.kind === 'absent') return undefined
  const home = homeOf(name)
  const who = random.next() < 0.7 ? { owner: name, ...(random.next() < 0.5 ? { group: name } : {}) } : {}
  const make = random.pick(['file', 'dir', 'line', 'line', 'home', 'block'])
  const path =
    make === 'home'
      ? home
      : `${home}/${make === 'dir' ? '.ssh' : random.pick(make === 'file' ? ['.f', '.ssh/keys'] : ['.bashrc', '.profile', '.g'])}`
  const use = uses.at(path)
  if (use?.args !== undefined) return { make: use.kind, args: use.args }
  const kind = make === 'home' ? 'dir' : make
  const options: Data =
    {
      file: { content: 'k\n', ...who },
      dir: { mode: '0700', ...who },
      line: { line: 'export A=1', ...(random.next() < 0.5 ? { create: true } : {}) },
      block: { name: 'x', content: 'alias a=b', ...(random.next() < 0.5 ? { create: true } : {}) },
    }[kind] ?? {}
  const args = [path, options]
  uses.set(path, { type: kind === 'dir' ? 'dir' : 'own', kind, attributes: {}, args })
  return { make: kind, args }
}

/** A number that nobody else of the role wants. */
function number(random: Random, uses: PlaceUses, about: string, name: string): number | undefined {
  const chosen = random.pick(NUMBERS)
  const use = uses.at(`/${about}/${chosen}`)
  if (use !== undefined && use.kind !== name) return undefined
  uses.set(`/${about}/${chosen}`, { type: 'own', kind: name, attributes: {} })
  return chosen
}

function wanted(kind: 'present' | 'absent') {
  return { type: 'own', kind, attributes: {} } as const
}

function homeOf(name: string): string {
  return `/home/${name}`
}

/** What was done to the accounts of a host before. */
export function accountLine(random: Random): string {
  const [name, other] = [random.pick(USERS), random.pick(USERS)]
  const group = random.pick(GROUPS)
  const number = random.pick(NUMBERS)
  return random.pick([
    `useradd ${name}`,
    `useradd -m ${name}`,
    `useradd -m -s /bin/bash ${name}`,
    `useradd -u ${number} ${other}`,
    `useradd -m -u ${number} ${name}`,
    `useradd -g daemon ${name}`,
    `useradd -r ${name}`,
    `groupadd ${group}`,
    `groupadd -g ${number} ${group}`,
    `usermod -aG ${group} ${name}`,
    `useradd -N -g ${group} ${other}`,
    `mkdir -p /home/${name}`,
    `mkdir -p /srv/w/${name}`,
    `rm -rf /home/${name}`,
    `userdel ${name}`,
    `passwd -l ${name}`,
    `echo 'alias a=b' >/home/${name}/.g`,
    `rm -f /etc/skel/.bashrc`,
    `echo extra >/etc/skel/.extra`,
    `sed -i 's/^#*HOME_MODE.*/HOME_MODE 0700/' /etc/login.defs`,
    `echo CREATE_HOME=no >>/etc/default/useradd`,
  ])
}
