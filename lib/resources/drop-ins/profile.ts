import { Secret } from '../../secret.ts'
import { kind, type Resource } from '../kit/kind.ts'
import { list, path as pathOption, record, secretText, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { ofRoot, generatedFile, type GeneratedFile } from '../files/generated-file.ts'
import { reveal } from '../files/edit.ts'
import { quote } from '../../sh/quote.ts'
import { dropInName, HEADER } from './drop-in.ts'
import { stateOption } from '../files/absent-state.ts'

export interface ProfileOptions {
  /** Variables that every login has. They are written literally: nothing in them is evaluated. */
  readonly environment?: Readonly<Record<string, string | Secret | undefined>>
  /** Directories that go before the PATH, the first one first. */
  readonly path?: readonly string[]
  /** Further lines of POSIX sh. */
  readonly content?: string
  /** Octal digits in quotes. Default `'0644'`. */
  readonly mode?: string
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

/**
 * What login shells read: `/etc/profile.d/NAME.sh`, shown to `sh -n` before it goes live, because an error in it may keep everybody from working.
 *
 * @example
 * profile('java', { environment: { JAVA_HOME: '/opt/java' }, path: ['/opt/java/bin'] })
 * profile('umask', { content: 'umask 027\n' })
 * profile('proxy', { state: 'absent' })
 *
 * Refused: what sh cannot read, with its words.
 *
 * Source: profile(5) of Debian's base-files; bash(1), INVOCATION.
 */
export function profile(name: string, options: ProfileOptions): Resource {
  const { name: file, options: given } = read(name, options)
  const path = `/etc/profile.d/${file}.sh`
  if (given.state === 'absent') return make(file, { path })
  const { environment = {}, path: directories = [], content = '', mode = '0644' } = given
  const variables = Object.entries(environment)
  const text = [
    HEADER,
    ...variables.map(([key, each]) => `export ${key}=${quote(reveal(each))}\n`),
    ...(directories.length === 0 ? [] : [`export PATH=${quote(directories.join(':'))}:"$PATH"\n`]),
    content === '' || content.endsWith('\n') ? content : `${content}\n`,
  ].join('')
  const isSecret = variables.some(([, each]) => each instanceof Secret)
  return make(file, {
    path,
    content: isSecret ? new Secret(text, { byLine: false }) : text,
    mode,
    ...ofRoot,
    validate: 'sh -n {}',
  })
}

const make = kind(generatedFile<GeneratedFile>('profile'))

const read = resourceOptions<ProfileOptions>()(
  'profile',
  (given) => dropInName('profile', given),
  () => ({
    environment: record(
      'names and values',
      secretText('a text without NUL bytes', (given) => !given.includes('\0')),
    ).optional(),
    path: list('a list of directories', pathOption()).optional(),
    content: text('lines of shell').optional(),
    mode: text('three or four octal digits in quotes, such as "0644"', /^[0-7]{3,4}$/).optional(),
    state: stateOption().optional(),
  }),
  ({ environment = {}, state }, given) => [
    ...Object.keys(environment)
      .filter((key) => !/^[A-Za-z_]\w*$/.test(key))
      .map((key) => ({ what: 'environment', expected: 'names of letters, digits and "_"', got: JSON.stringify(key) })),
    state !== 'absent' && !['environment', 'path', 'content'].some((each) => given.has(each))
      ? { expected: 'given environment, path or content, or state: absent', got: 'none' }
      : undefined,
  ],
)
