import { z } from 'zod'
import { absent } from '../files/absent.ts'
import { file } from '../files/file.ts'
import type { Resource } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { list, oneOf, text, whole } from '../kit/options/option-types.ts'
import { exactlyOne, resourceOptions } from '../kit/options/options.ts'

export interface AptPinOptions {
  /** Names, patterns (`linux-*`) or `*` for all. */
  readonly packages?: string | readonly string[]
  /** One of these says of which versions the pin is: a suite or codename such as `bookworm-backports`, or `a=stable,l=Debian`; a host; `2.4.*`. */
  readonly release?: string
  readonly origin?: string
  readonly version?: string
  /** Below 0: never; 1 to 99: only when no other is there; 990: before the default release; above 1000: also as a downgrade. */
  readonly priority?: number
  readonly state?: 'present' | 'absent'
}

/**
 * What apt prefers: a file NAME.pref in /etc/apt/preferences.d, as a `file` resource. Put it before the `pkg` that it is for.
 *
 * @example
 * aptPin('backports', { packages: '*', release: 'bookworm-backports', priority: 100 })
 * aptPin('docker', { packages: ['docker-ce', 'docker-ce-cli'], version: '5:26.*', priority: 1001 })
 *
 * Source: apt_preferences(5).
 */
export function aptPin(name: string, options: AptPinOptions): Resource {
  const { name: stem, options: given } = read(name, options)
  const path = `/etc/apt/preferences.d/${stem}.pref`
  if (given.state === 'absent') return absent(path)
  const { packages = '*', release, origin, version, priority = 500 } = given
  const names = typeof packages === 'string' ? packages : packages.join(' ')
  const pin =
    release === undefined
      ? origin === undefined
        ? `version ${version ?? ''}`
        : `origin "${origin}"`
      : `release ${release}`
  return file(path, { content: `Package: ${names}\nPin: ${pin}\nPin-Priority: ${priority}\n` })
}

const packageName = () => text('the name of a package, or a pattern', /^[\w*?[\].+:-]+$/)

const read = resourceOptions<AptPinOptions>()(
  'aptPin',
  (given) => {
    // apt reads names of letters, digits, - _ and . alone.
    if (typeof given === 'string' && /^\w[\w-]*$/.test(given)) return given
    throw invalidOption('aptPin', 'a name of letters, digits, _ and -', describeValue(given))
  },
  () => ({
    packages: z
      .union([packageName(), list('a list of packages', packageName())], { error: 'names of packages' })
      .optional(),
    release: text('a release, such as bookworm-backports or a=stable', /^[\w=,. /-]+$/).optional(),
    origin: text('a host', /^[\w.-]*$/).optional(),
    version: text('a version, such as 2.4.*', /^[\w.+:~*-]+$/).optional(),
    priority: whole('a whole number', -32_768, 32_767).optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  ({ state }, given) => [
    ...(state === 'absent'
      ? []
      : [
          exactlyOne(['release', 'origin', 'version'], given),
          given.has('priority') ? undefined : { what: 'priority', expected: 'given', got: 'nothing' },
        ]),
  ],
)
