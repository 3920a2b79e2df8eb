import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { applied, editWords } from '../../../lib/resources/kernel/command-line-words.ts'
import { kernelCommandLine } from '../../../lib/resources/kernel/kernel-command-line.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { pending, reply, stepsOf } from '../../../lib/testing/converge.ts'
import { rocky } from '../../../lib/testing/facts.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const END = '\n# end of what holds now\n'
const GRUB = 'GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX="quiet splash"\n'
const grub = (text: string) => `have 0 81a4 ${text.length} 0 0 root:root\ncontent\n${text}`
const console_ = kernelCommandLine('console', { set: { console: ['tty0', 'ttyS0'] }, remove: ['splash'] })
const DEBIAN = 'tool update-grub\nmenu /boot/grub/grub.cfg\n'
const wanted = grub(GRUB.replace(' splash', ' console=tty0 console=ttyS0'))
const edited = 'edit /etc/default/grub: console=tty0, console=ttyS0, no splash'

const rows: readonly KindRow[] = [
  [
    'kernel: fresh',
    console_,
    `${DEBIAN}entry root=UUID=1 ro quiet splash\n${END}${grub(GRUB)}`,
    [edited, 'regenerate the boot menu (update-grub)'],
  ],
  [
    'kernel: as wanted',
    console_,
    `${DEBIAN}entry root=UUID=1 ro quiet console=tty0 console=ttyS0\n${END}${wanted}`,
    [],
  ],
  [
    'kernel: a menu that nobody made anew',
    console_,
    `${DEBIAN}entry root=UUID=1 ro quiet splash\n${END}${wanted}`,
    ['regenerate the boot menu (update-grub)'],
  ],
  [
    'kernel: grubby',
    console_,
    `tool grubby\nmenu /boot/grub2/grub.cfg\nentry ro quiet splash\n${END}${grub(GRUB)}`,
    [edited, 'set the parameters in every entry of the boot menu (grubby)'],
    { facts: rocky },
  ],
  [
    'kernel: a menu that an earlier one makes anew',
    console_,
    `${DEBIAN}entry root=UUID=1 ro quiet splash\n${END}${wanted}`,
    [],
    {
      later: pending({
        'kernelCommandLine:console': ['console=tty0 console=ttyS0', 'no splash'].map(
          (name) => ({ type: 'object', of: 'parameter of the kernel', name, exists: true }) as const,
        ),
      }),
    },
  ],
  [
    'kernel: a menu of which an earlier one brings a part',
    console_,
    `${DEBIAN}entry root=UUID=1 ro quiet splash\n${END}${wanted}`,
    ['regenerate the boot menu (update-grub)'],
    {
      later: pending({
        'kernelCommandLine:other': [{ type: 'object', of: 'parameter of the kernel', name: 'no splash', exists: true }],
      }),
    },
  ],
  [
    'kernel: what Debian has among its usual ones is taken from there',
    console_,
    `${DEBIAN}entry root=UUID=1 ro quiet splash\n${END}${grub('GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\nGRUB_CMDLINE_LINUX=""\n')}`,
    [edited, 'regenerate the boot menu (update-grub)'],
  ],
  [
    'kernel: what the usual ones have already stays there',
    kernelCommandLine('quiet', { set: { quiet: true } }),
    `${DEBIAN}entry root=UUID=1 ro quiet splash\n${END}${grub('GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\nGRUB_CMDLINE_LINUX=""\n')}`,
    [],
  ],
  ['kernel: a container', console_, `${END}${grub(GRUB)}`, 'refused: this host has no boot menu of GRUB'],
  ['kernel: no GRUB', console_, `${END}none 0 9 dir\n`, 'refused: /etc/default/grub is not there to be edited'],
  [
    'kernel: a line that the shell computes',
    console_,
    `${DEBIAN}${END}${grub('GRUB_CMDLINE_LINUX="$(cat /x)"\n')}`,
    'refused: GRUB_CMDLINE_LINUX in /etc/default/grub is computed by the shell',
  ],
]
tryRows(rows)

test('parameters of the kernel are words, whatever stands between them', () => {
  const set = new Map([
    ['console', ['console=tty0', 'console=ttyS0']],
    ['quiet', ['quiet']],
  ])
  assert.is(editWords('  a  console=x b="c d"  splash ', set, ['splash']), 'a console=tty0 console=ttyS0 b="c d" quiet')
  assert.is(editWords('quiet console=tty0 console=ttyS0', set, []), 'quiet console=tty0 console=ttyS0')
  assert.is(
    editWords('page-alloc.shuffle=0 x', new Map([['page_alloc.shuffle', ['page_alloc.shuffle=1']]]), []),
    'page_alloc.shuffle=1 x',
  )
  assert.not.ok(
    applied('console=ttyS0 console=tty0 quiet', set, []),
    'their order counts: the last console is the main one',
  )
  assert.not.ok(applied('console=tty0 console=ttyS0 quiet splash=x', set, ['splash']))
})

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => kernelCommandLine('x', {}), /given set or remove/],
    [() => kernelCommandLine('x', { set: { console: 'a b' } }), /a text, a number, true/],
  ]
  for (const [make, message] of wrong) assert.throws(make, message)
})

const entries: readonly (readonly [says: string, entries: readonly string[], words: RegExp])[] = [
  [
    'a parameter that is there with another value',
    ['ro audit=0 audit_backlog_limit=8192'],
    /ALL --remove-args=audit --args=audit=1$/,
  ],
  ['one that is not there', ['ro audit_backlog_limit=8192'], /ALL --args=audit=1$/],
  ['one that some entries have', ['ro audit=1', 'ro'], /ALL --args=audit=1$/],
]
for (const [says, all, expected] of entries)
  test(`grubby takes away what stands there of a name, and nothing else: ${says}`, () => {
    const audit = kernelCommandLine('audit', { set: { audit: 1 } })
    const said = `tool grubby\n${all.map((each) => `entry ${each}\n`).join('')}${END}${grub('GRUB_CMDLINE_LINUX="audit=1"\n')}`
    const [step] = stepsOf(audit.evaluate(reply(said), rocky, new Prediction()))
    assert.match(step?.sh.text ?? '', expected)
  })

test('grubby is given a name as it stands there: the kernel does not know a dash from an underscore', () => {
  const shuffle = kernelCommandLine('x', { set: { 'init-on-alloc': 1, quiet: true }, remove: ['slab-nomerge'] })
  const said = `tool grubby\nentry ro quiet init_on_alloc=0 slab_nomerge\n${END}${grub('GRUB_CMDLINE_LINUX="quiet init-on-alloc=1"\n')}`
  const [step] = stepsOf(shuffle.evaluate(reply(said), rocky, new Prediction()))
  assert.match(step?.sh.text ?? '', /'--remove-args=init_on_alloc slab_nomerge' --args=init-on-alloc=1$/)
})

test.run()
