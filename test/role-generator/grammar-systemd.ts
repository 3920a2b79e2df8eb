import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import { quoted } from './grammar-start.ts'
import { isMap, type Data, type ResourceSpec } from './spec.ts'

const DIR = '/etc/systemd/system'
const INSTALL = '[Install]\nWantedBy=multi-user.target\n'
/** Text of each unit that a file may be given. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  'rta.service': [
    `[Service]\nExecStart=/bin/sleep 77\n${INSTALL}`,
    `[Service]\nExecStart=/bin/sleep 77\n${INSTALL}Alias=rtalias.service\n`,
    `[Service]\nExecStart=/bin/sleep 77\n${INSTALL}Also=rtb.service\n`,
    `[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n${INSTALL}`,
    '[Service]\nExecStart=/bin/sleep 77\n',
  ],
  'rtb.service': [
    `[Service]\nExecStart=/bin/sleep 66\n${INSTALL}`,
    '[Service]\nType=oneshot\nExecStart=/bin/true\n',
    `[Unit]\nRequires=rta.service\nAfter=rta.service\n[Service]\nExecStart=/bin/sleep 66\n${INSTALL}`,
  ],
  'rtc@.service': [
    `[Service]\nExecStart=/bin/sleep 5%i\n${INSTALL}`,
    `[Service]\nExecStart=/bin/sleep 5%i\n${INSTALL}DefaultInstance=3\n`,
  ],
  'rtt.timer': ['[Timer]\nOnCalendar=daily\nUnit=rtb.service\n[Install]\nWantedBy=timers.target\n'],
  'rtp.socket': ['[Socket]\nListenStream=127.0.0.1:7411\nService=rtb.service\n[Install]\nWantedBy=sockets.target\n'],
  'rts.socket': ['[Socket]\nListenStream=/run/rts.sock\nService=rtb.service\n[Install]\nWantedBy=sockets.target\n'],
}
const UNITS = ['rta', 'rta.service', 'rtb', 'rtc@1', 'rtt.timer', 'rts.socket', 'rtp.socket', 'rtalias', 'rtc@']
const DROPIN = `${DIR}/rta.service.d/x.conf`

/** A unit file, a service, or what hangs on one. */
export function systemdResource(random: Random, uses: PlaceUses): ResourceSpec[] {
  const chance = random.next()
  if (chance < 0.35) return unitFile(random, uses)
  if (chance < 0.7) return service(random, uses)
  if (chance < 0.8) return waitAfter(random, uses)
  if (chance < 0.85) return dropIn(random, uses)
  if (chance < 0.89) return typed(random, uses)
  if (chance < 0.94)
    return [
      once(uses, '/sysctl', {
        make: 'sysctl',
        args: random.pick<readonly Data[]>([
          ['net.ipv4.conf.lo.rp_filter', random.between(0, 2)],
          ['net.ipv4.tcp_fin_timeout', random.pick([60, 50])],
        ]),
      }),
    ]
  return [once(uses, '/hostname', { make: 'hostname', args: [random.pick(['node-01', 'trial-a'])] })]
}

function unitFile(random: Random, uses: PlaceUses): ResourceSpec[] {
  const name = random.pick(Object.keys(TEXTS))
  const path = `${DIR}/${name}`
  const use = uses.at(path)
  if (use?.args !== undefined) return [{ make: use.kind, args: use.args }]
  // The link of a mask stands where the file would: a role that wants both wants two things of one place.
  const asked = uses.at(`/service/${name.replace(/\.service$/, '')}`)?.args?.[1]
  if (isMap(asked) && asked['masked'] === true) return []
  const gone = random.next() < 0.08
  const args: readonly Data[] = gone ? [path] : [path, { content: random.pick(TEXTS[name] ?? ['']) }]
  uses.set(path, { type: 'own', kind: gone ? 'absent' : 'file', attributes: {}, args })
  return [{ make: gone ? 'absent' : 'file', args }]
}

function dropIn(random: Random, uses: PlaceUses): ResourceSpec[] {
  const text = `[Service]\nEnvironment=A=${random.between(1, 2)}\n`
  return [
    { make: 'dir', args: [`${DIR}/rta.service.d`, {}] },
    once(uses, DROPIN, { make: 'file', args: [DROPIN, { content: text }] }),
  ]
}

function service(random: Random, uses: PlaceUses): ResourceSpec[] {
  const unit = random.pick(UNITS)
  // Names of one unit: what is said of it is said under one of them.
  const key = `/service/${unit === 'rtalias' ? 'rta' : unit.replace(/\.service$/, '')}`
  const often = (share: number) => random.next() < share
  // The link of a mask stands where the file would.
  const file = `${DIR}/${unit.includes('.') ? unit : `${unit}.service`}`
  const masked = often(0.1) && uses.at(file) === undefined
  const options: { readonly [name: string]: Data } = masked
    ? { masked: true, ...(often(0.5) ? { running: false } : {}) }
    : {
        ...(often(0.8) ? { running: often(0.8) } : {}),
        ...(often(0.6) ? { enabled: often(0.8) } : {}),
        ...(often(0.1) ? { masked: false } : {}),
        ...(often(0.15) ? { reloadedAfter: [random.pick([DROPIN, '/srv/w/a/f'])] } : {}),
        ...(often(0.4) ? { restartedAfter: [random.pick([`${DIR}/rta.service`, DROPIN, '/srv/w/a/f'])] } : {}),
      }
  const isFollowing = 'restartedAfter' in options || 'reloadedAfter' in options
  const tested = isFollowing && often(0.25) ? { test: random.pick(['true', 'test -d /srv']) } : {}
  const full = Object.keys(options).length === 0 ? { running: true } : { ...options, ...tested }
  return [once(uses, key, { make: 'service', args: [unit, full] })]
}

/** Unit files of which the sections are said, and what hangs on a timer. */
function typed(random: Random, uses: PlaceUses): ResourceSpec[] {
  const [make, ...args] = random.pick<readonly [string, string, ...Data[]]>([
    [
      'unit',
      'rtu',
      { sections: { Service: { ExecStart: '/bin/sleep 44' }, Install: { WantedBy: 'multi-user.target' } } },
    ],
    ['unit', 'rtu', { sections: { Service: { ExecStart: '/bin/sleep 44', Nonsense: 'x' } } }],
    ['unit', 'rtu', { state: 'absent' }],
    ['dropIn', 'rtb', 'more', { sections: { Service: { Environment: 'A=1' } } }],
    ['dropIn', 'rtb', 'more', { state: 'absent' }],
    ['timer', 'rtm', { command: '/bin/true', calendar: 'daily' }],
    ['timer', 'rtm', { state: 'absent' }],
  ])
  const touches = [
    `${DIR}/rtu.service`,
    `${DIR}/rtb.service.d`,
    `${DIR}/rtb.service.d/more.conf`,
    `${DIR}/rtm.service`,
    `${DIR}/rtm.timer`,
  ]
  const made = once(uses, `/${make}/${args[0]}`, { make, args, touches })
  const isThere = make === 'unit' && isMap(made.args[1]) && made.args[1]['state'] !== 'absent'
  if (!isThere || random.next() < 0.4) return [made]
  return [
    made,
    once(uses, '/service/rtu', { make: 'service', args: ['rtu', { running: true, enabled: random.next() < 0.5 }] }),
  ]
}

/** A service, and a wait after each start or stop of that: for what is there anyway, or what the unit brings. */
function waitAfter(random: Random, uses: PlaceUses): ResourceSpec[] {
  const id = `r${random.between(100, 999)}`
  const [condition, name] = random.pick<readonly [Data, string]>([
    [{ file: '/etc/os-release', contains: { $re: '^ID=' } }, 'the system'],
    [{ file: '/etc/os-release' }, 'a file'],
    [{ file: '/run/rts.sock' }, 'the socket'],
    [{ port: 7411 }, 'the port'],
    [{ port: 7411, state: 'absent' }, 'no port'],
  ])
  const services = service(random, uses).map((spec) => ({ ...spec, id }))
  const options: Data = { ...(isMap(condition) ? condition : {}), deadline: 1, againAfter: [{ $resource: id }] }
  return [...services, { make: 'waitFor', args: [name, options] }]
}

/** What is said of a thing once is said of it each time. */
function once(uses: PlaceUses, key: string, spec: ResourceSpec): ResourceSpec {
  const known = uses.at(key)
  if (known?.args !== undefined) return { ...spec, make: known.kind, args: known.args }
  uses.set(key, { type: 'own', kind: spec.make, attributes: {}, args: spec.args })
  return spec
}

/** What was done to the units of a host before. */
export function systemdLine(random: Random): string {
  const name = random.pick(Object.keys(TEXTS))
  const text = random.pick(TEXTS[name] ?? [''])
  const unit = random.pick(UNITS.slice(0, -1))
  const write = `printf %s ${quotedText(text)} >${quoted(`${DIR}/${name}`)}`
  return random.pick([
    `${write}; systemctl daemon-reload`,
    `${write}; systemctl daemon-reload`,
    `${write}; systemctl daemon-reload; systemctl enable --now ${name.replace('@', '@1')}`,
    `${write}; systemctl daemon-reload; systemctl start ${name.replace('@', '@1')}`,
    write,
    `systemctl start ${unit}`,
    `systemctl enable ${unit}`,
    `systemctl stop ${unit}`,
    `systemctl mask ${unit}`,
    `systemctl kill -s KILL ${unit}`,
    `rm -f ${DIR}/${name}`,
    `ln -s /dev/null ${DIR}/${name}`,
    `mkdir -p ${DIR}/rta.service.d; printf '[Service]\\nEnvironment=A=1\\n' >${DROPIN}; systemctl daemon-reload`,
    'sysctl -qw net.ipv4.conf.lo.rp_filter=2',
    "echo 'net.ipv4.conf.lo.rp_filter = 2' >/etc/sysctl.d/99-other.conf",
  ])
}

function quotedText(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
