import { z } from 'zod'
import { once } from '../../../once.ts'
import type { Effect } from '../../prediction/effect.ts'
import { flag, list, path, text, value } from './option-types.ts'

const name = once(() => text('a name', /^[^\0\r\n]+$/))
const yes = once(() => z.literal(true).optional())

const attributes = () => ({
  mode: text('four octal digits', /^[0-7]{4}$/).optional(),
  owner: name().optional(),
  group: name().optional(),
  confirm: yes(),
})

/** The state of a path, as an option. */
const pathState = () =>
  z.discriminatedUnion(
    'type',
    [
      z.strictObject({ type: z.literal('absent') }),
      z.strictObject({
        type: z.literal('file'),
        content: value<Uint8Array>('bytes', (given) => given instanceof Uint8Array).optional(),
        kept: yes(),
        sealed: yes(),
        ...attributes(),
      }),
      z.strictObject({ type: z.literal('dir'), filled: yes(), ...attributes() }),
      z.strictObject({ type: z.literal('link'), target: text('a path', /./) }),
    ],
    { error: `an object with type: 'file', 'dir', 'link' or 'absent'` },
  )

const accountEntry = { id: text('digits', /^\d+$/).optional() }

const userEntry = () =>
  z.strictObject({
    ...accountEntry,
    primary: name().optional(),
    groups: list('a list of groups', name()).optional(),
    home: path().optional(),
    shell: path().optional(),
    comment: text().optional(),
  })

/** An effect that a user declares, not one of our own kinds. Few runs have one, so its hundred types are made when the first is read. */
export const effectOption = (): z.ZodType<Effect, Effect> => z.lazy(effect)

const effect = once(
  (): z.ZodType<Effect, Effect> =>
    z.discriminatedUnion(
      'type',
      [
        z.strictObject({ type: z.literal('path'), path: path(), state: pathState() }),
        z.strictObject({ type: z.literal('package'), name: name(), installed: flag(), kept: yes(), asIs: yes() }),
        z.strictObject({ type: z.literal('packages'), configured: z.literal(true) }),
        z.strictObject({ type: z.literal('boot') }),
        z.strictObject({
          type: z.literal('mount'),
          path: path(),
          state: z.enum(['read-write', 'read-only', 'unmounted']),
          holds: z
            .union([z.enum(['same', 'nothing']), z.strictObject({ of: path(), isNew: z.literal(true).optional() })])
            .optional(),
        }),
        z.strictObject({ type: z.literal('units'), reloaded: z.literal(true) }),
        z.strictObject({ type: z.literal('user'), name: name(), exists: flag(), entry: userEntry().optional() }),
        z.strictObject({
          type: z.literal('group'),
          name: name(),
          exists: flag(),
          entry: z.strictObject(accountEntry).optional(),
        }),
        z.strictObject({ type: z.literal('unit'), name: name(), running: flag(), stays: flag().optional() }),
        z.strictObject({ type: z.enum(['image', 'container', 'project']), name: name(), exists: flag() }),
        z.strictObject({ type: z.literal('object'), of: name(), name: name(), exists: flag() }),
        z.strictObject({ type: z.literal('doubt'), path: path() }),
        z.strictObject({ type: z.literal('anything') }),
      ],
      { error: `an effect, such as { type: 'path', path: '/etc/app', state: { type: 'dir' } }` },
      // The types differ only in that an optional part may be `undefined`.
    ) as unknown as z.ZodType<Effect, Effect>,
)
