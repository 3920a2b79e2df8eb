import { z } from 'zod'
import { RolecallError } from '../../errors.ts'
import type { Problem } from '../../errors.ts'
import { namedValues } from '../../named-values.ts'
import { once } from '../../once.ts'
import { placeIn } from '../../place.ts'
import { errorMessage } from '../../text/error-message.ts'
import { stackOf } from '../../thrown.ts'
import { isTypedInventory } from './typed.ts'
import { wrongValues } from './typed-values.ts'
import type { InventoryData } from './typed.ts'

const Data = once(() => {
  const vars = namedValues(z.unknown())
  const names = z.array(z.string())
  return z.strictObject({
    hosts: z.union([names, namedValues(z.union([vars, z.null(), z.undefined()]))]).optional(),
    groups: namedValues(
      z.union([names, z.strictObject({ hosts: names.optional(), children: names.optional(), vars: vars.optional() })]),
    ).optional(),
    vars: vars.optional(),
  })
})

/**
 * The hosts and groups of a module whose default export is `inventory(...)`.
 *
 * Throws a RolecallError when the module exports something else, throws, or returns data of another shape.
 */
export async function dataOf(exported: unknown, file: string): Promise<InventoryData> {
  if (!isTypedInventory(exported)) {
    throw new RolecallError({
      code: 'inventory',
      message: `${file} does not export an inventory`,
      place: { file },
      expected: 'export default inventory({ hosts, groups })',
      got: exported === undefined ? 'no default export' : `a default export of another kind`,
      hint: "import { inventory } from 'rolecall'; a module that only helps another belongs into another directory",
    })
  }
  let data: InventoryData
  try {
    data = await exported.data()
  } catch (error) {
    if (error instanceof RolecallError) throw error
    const place = placeIn(stackOf(error))
    throw new RolecallError({
      code: 'inventory',
      message: `${file} throws: ${errorMessage(error)}`,
      place: place ?? { file },
    })
  }
  const wrong = wrongValues(data)
  if (wrong.length > 0)
    throw new RolecallError(
      wrong.map(({ where, ...rest }) => ({
        code: 'inventory',
        message: `${where === '' ? 'the inventory' : where} is not data`,
        place: { file },
        expected: 'texts, numbers, booleans, null, secrets, and lists and maps of them',
        ...rest,
      })),
    )
  const parsed = Data().safeParse(data)
  if (parsed.success) return data
  throw new RolecallError(parsed.error.issues.map((issue) => problemOf(issue, file)))
}

function problemOf({ path, message, code }: z.core.$ZodIssue, file: string): Problem {
  const where = path.length === 0 ? 'the inventory' : path.map(String).join('.')
  return {
    code: 'inventory',
    message: `${where} in ${file} has a wrong shape: ${code === 'invalid_union' ? 'neither a list nor a map of what belongs there' : message}`,
    place: { file },
    expected: 'hosts: names or { name: variables }; groups: { name: { hosts, children, vars } }; vars: variables',
  }
}
