import { dataFilters } from './data.ts'
import { dictFilters } from './dict.ts'
import { layoutFilters } from './layout.ts'
import { listFilters } from './list.ts'
import { networkFilters } from './network.ts'
import { numberFilters } from './number.ts'
import { pathFilters } from './path.ts'
import { randomFilters } from './random.ts'
import { regexFilters } from './regex.ts'
import { sequenceFilters } from './sequence.ts'
import { textFilters } from './text.ts'
import { urlFilters } from './url.ts'
import { valueFilters } from './value.ts'
import { blamed } from '../evaluation/blame.ts'
import { refuseFilter } from '../evaluation/unknown.ts'
import type { Apply } from '../evaluation/given.ts'
import { TemplateError } from '../values/value.ts'
import { didYouMean } from '../../text/nearest.ts'

const FILTERS: Readonly<Record<string, Apply>> = {
  ...valueFilters,
  ...textFilters,
  ...regexFilters,
  ...numberFilters,
  ...listFilters,
  ...sequenceFilters(filterNamed),
  ...dictFilters,
  ...dataFilters,
  ...pathFilters,
  ...randomFilters,
  ...urlFilters,
  ...layoutFilters,
  ...networkFilters,
}

/** Collections whose filters may be used without the collection's name. */
const COLLECTIONS = /^(?:ansible\.builtin|ansible\.legacy|ansible\.utils|ansible\.netcommon)\./

/** A filter by its name. Throws a TemplateError for an unknown name. */
export function filterNamed(name: string): Apply {
  const short = name.replace(COLLECTIONS, '')
  const found = Object.hasOwn(FILTERS, short) ? FILTERS[short] : undefined
  if (found === undefined)
    throw (
      refuseFilter(name) ??
      new TemplateError(
        `the filter "${name}" is not known`,
        didYouMean(short, Object.keys(FILTERS)) ?? 'compute the value in TypeScript, in the role or the playbook',
      )
    )
  return (run, value, given) => {
    try {
      return found(run, value, given)
    } catch (error) {
      throw blamed(error, `filter ${name}`)
    }
  }
}
