// Hosts: node-04
import { test } from 'uvu'
import { dir } from '../../lib/resources/files/dir.ts'
import { exec } from '../../lib/resources/commands/exec.ts'
import { file } from '../../lib/resources/files/file.ts'
import { service } from '../../lib/resources/systemd/service.ts'
import { tryCases, type Case } from '../support/cases.ts'

const units = '/etc/systemd/system'
const undo = `cd ${units}; systemctl stop 'rc-t@*' 'rc-*.timer' 'rc-*.service'; systemctl disable -q rc-a rc-s rc-s.timer rc-t@
systemctl unmask rc-lib rc-none; systemctl unmask --runtime rc-lib
rm -rf rc-* *.wants/rc-* /usr/lib/systemd/system/rc-*; systemctl daemon-reload; systemctl reset-failed`

const run = '[Service]\nExecStart=/bin/sleep 999\n'
const timer = '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n'
const put = (name: string, text: string, under = units) =>
  `printf '${text.replaceAll('%', '%%').replaceAll('\n', '\\n')}' >${under}/${name}; systemctl daemon-reload;`
const template = put('rc-t@.service', `${run}[Install]\nWantedBy=multi-user.target\nDefaultInstance=9\n`)
const alias = put('rc-a.service', `${run}[Install]\nAlias=rc-alias.service\n`)
const also =
  put('rc-s.service', `${run}[Install]\nWantedBy=multi-user.target\nAlso=rc-s.timer\n`) + put('rc-s.timer', timer)
const library = put('rc-lib.service', run, '/usr/lib/systemd/system')

const cases: readonly Case[] = [
  {
    name: 'instances, templates and other names of units are foreseen',
    setup: template + alias,
    ensures: () => [
      [
        service('rc-t@1', { running: true, enabled: true }),
        service('rc-t@2.service', { running: true, enabled: false }),
        service('rc-a', { running: true, enabled: true }),
        service('rc-alias', { running: true, enabled: true }),
      ],
      [service('rc-t@', { enabled: true }), service('rc-t@9', { enabled: true })],
    ],
    right: [
      'changed service:rc-t@1: enable rc-t@1; start rc-t@1',
      'changed service:rc-t@2.service: start rc-t@2',
      'changed service:rc-a: enable rc-a; start rc-a',
      'ok service:rc-alias',
      'changed service:rc-t@: enable rc-t@',
      'ok service:rc-t@9',
    ],
  },
  {
    name: 'a template cannot run',
    setup: template,
    ensures: () => [[service('rc-t@', { running: true })]],
    right: ['refused: rc-t@.service is a template: systemd runs only instances of it'],
  },
  {
    name: 'a template without a default instance cannot be enabled',
    setup: put('rc-t@.service', `${run}[Install]\nWantedBy=multi-user.target\n`),
    ensures: () => [[service('rc-t@', { enabled: true })]],
    right: ['refused: rc-t@.service cannot be enabled: it is a template, and says no DefaultInstance='],
  },
  {
    name: 'a unit whose file is where its mask would be is left as it is',
    setup: `${put('rc-s.service', `${run}[Install]\nWantedBy=multi-user.target\n`)} systemctl enable -q --now rc-s`,
    ensures: () => [[service('rc-s', { masked: true, running: false, enabled: false })]],
    right: [
      `refused: rc-s.service cannot be masked: its unit file is ${units}/rc-s.service, where the link of a mask would be`,
    ],
    then: 'systemctl is-active rc-s && systemctl is-enabled rc-s',
  },
  {
    name: 'a unit that is not there is masked once, whatever drop-ins it has',
    setup: `mkdir -p ${units}/rc-none.service.d; echo '[Service]' >${units}/rc-none.service.d/x.conf; systemctl daemon-reload`,
    ensures: () => [[service('rc-none', { masked: true })]],
    right: ['changed service:rc-none: mask rc-none'],
    then: '[ "$(systemctl is-enabled rc-none)" = masked ]',
  },
  {
    name: 'another name of a unit cannot be masked, and neither can a unit whose file is still to come',
    setup: `${alias} systemctl enable -q rc-a`,
    ensures: () => [
      [
        service('rc-alias', { masked: true }),
        file(`${units}/rc-s.service`, { content: run }),
        service('rc-s', { masked: true }),
      ],
    ],
    right: [
      /^refused: rc-alias\.service cannot be masked: a link/,
      /^refused: rc-s\.service cannot be masked: its unit file/,
    ],
    apply: [/^refused: rc-alias\.service cannot be masked/],
  },
  {
    name: 'a unit of nobody, and one that is masked until the next boot, are masked for good',
    setup: `${library} systemctl mask --runtime rc-lib`,
    ensures: () => [[service('rc-none', { masked: true }), service('rc-lib', { masked: true })]],
    right: ['changed service:rc-none: mask rc-none', 'changed service:rc-lib: mask rc-lib'],
    then: `[ -L ${units}/rc-lib.service ]`,
  },
  {
    name: 'a unit that is masked twice is unmasked',
    setup: `${library} systemctl mask --runtime rc-lib; systemctl mask rc-lib`,
    ensures: () => [[service('rc-lib', { running: true })]],
    right: ['changed service:rc-lib: unmask rc-lib; start rc-lib'],
  },
  {
    name: 'an empty file is a mask',
    setup: `${library} : >${units}/rc-lib.service; systemctl daemon-reload`,
    ensures: () => [[service('rc-lib', { masked: true })], [service('rc-lib', { running: true })]],
    right: ['ok service:rc-lib', 'changed service:rc-lib: unmask rc-lib; start rc-lib'],
    again: ['changed service:rc-lib: mask rc-lib', 'changed service:rc-lib: unmask rc-lib'],
  },
  {
    name: 'what is enabled along with a unit is',
    setup: also,
    ensures: () => [[service('rc-s', { enabled: true }), service('rc-s.timer', { enabled: true, running: true })]],
    right: ['changed service:rc-s: enable rc-s', 'changed service:rc-s.timer: start rc-s.timer'],
  },
  {
    name: 'what is disabled along with a unit is enabled again',
    setup: `${also} systemctl enable -q rc-s`,
    ensures: () => [[service('rc-s', { enabled: false }), service('rc-s.timer', { enabled: true })]],
    right: ['changed service:rc-s: disable rc-s', 'changed service:rc-s.timer: enable rc-s.timer'],
  },
  {
    name: 'a unit with nothing but Also= is enabled when that is',
    setup: put('rc-s.service', `${run}[Install]\nAlso=rc-s.timer\n`) + put('rc-s.timer', timer),
    ensures: () => [[service('rc-s', { enabled: true })], [service('rc-s.timer', { enabled: true })]],
    right: ['changed service:rc-s: enable rc-s', 'ok service:rc-s.timer'],
  },
  {
    name: 'a unit that is stopped under one name is down under the other',
    setup: `${alias} systemctl enable -q --now rc-a`,
    ensures: () => [[service('rc-a', { running: false })], [service('rc-alias', { running: true })]],
    right: ['changed service:rc-a: stop rc-a', 'changed service:rc-alias: start rc-alias'],
    again: ['changed service:rc-a: stop rc-a', 'changed service:rc-alias: start rc-alias'],
  },
  {
    name: 'files and drop-ins that are still to come say what enabling brings',
    ensures: () => [
      [
        file(`${units}/rc-t@.service`, { content: `${run}[Install]\nWantedBy=multi-user.target\n` }),
        file(`${units}/rc-s.timer`, { content: timer }),
        file(`${units}/rc-s.service`, { content: '[Service]\nType=oneshot\nExecStart=/bin/true\n' }),
        file(`${units}/rc-a.service`, { content: run }),
        dir(`${units}/rc-a.service.d`),
        file(`${units}/rc-a.service.d/i.conf`, { content: '[Install]\nWantedBy=none.target\nAlias=rc-%p-x.service\n' }),
        service('rc-t@1', { running: true, enabled: true }),
        service('rc-s.timer', { running: true, enabled: true }),
        service('rc-a', { running: true, enabled: true }),
      ],
      [service('rc-rc-a-x', { running: true }), service('rc-s', { enabled: true })],
    ],
    right: [
      `changed file:${units}/rc-t@.service: create ${units}/rc-t@.service`,
      `changed file:${units}/rc-s.timer: create ${units}/rc-s.timer`,
      `changed file:${units}/rc-s.service: create ${units}/rc-s.service`,
      `changed file:${units}/rc-a.service: create ${units}/rc-a.service`,
      `changed dir:${units}/rc-a.service.d: make directory ${units}/rc-a.service.d`,
      `changed file:${units}/rc-a.service.d/i.conf: create ${units}/rc-a.service.d/i.conf`,
      'changed service:rc-t@1: enable rc-t@1; start rc-t@1',
      'changed service:rc-s.timer: enable rc-s.timer; start rc-s.timer',
      'changed service:rc-a: enable rc-a; start rc-a',
      'ok service:rc-rc-a-x',
      'ok service:rc-s',
    ],
  },
  {
    name: 'a file that gets an [Install] section can be enabled',
    setup: put('rc-s.service', run),
    ensures: () => [
      [
        file(`${units}/rc-s.service`, { content: `${run}[Install]\nWantedBy=none.target\n` }),
        service('rc-s', { enabled: true }),
      ],
    ],
    right: [
      `changed file:${units}/rc-s.service: write ${units}/rc-s.service`,
      'changed service:rc-s: reload systemd (the unit file of rc-s changed); enable rc-s',
    ],
  },
  {
    name: 'a name that enabling may bring is unknown while the text of the unit is',
    ensures: () => [
      [
        exec('make', {
          run: `printf '${run.replaceAll('\n', '\\n')}[Install]\\nAlias=rc-x.service\\n' >${units}/rc-s.service`,
          creates: `${units}/rc-s.service`,
        }),
        service('rc-s', { enabled: true }),
      ],
      [service('rc-x', { running: true })],
    ],
    right: [
      /^changed exec:make/,
      'changed service:rc-s: enable rc-s',
      'unknown service:rc-x: whether rc-s.service, once it is enabled, is also named rc-x.service',
    ],
    apply: [/^changed exec:make/, 'changed service:rc-s: enable rc-s', 'changed service:rc-x: start rc-x'],
  },
]

tryCases(
  'node-04',
  cases.map((each) => ({ ...each, undo })),
)

test.run()
