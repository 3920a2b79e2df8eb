import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { RolecallError } from '../../errors.ts'

/** The value of an option that names a file to write. A file that cannot be written is reported before the work, not after it. */
export function outputFile(path: string): string {
  if (path === '') throw refusal('the name of the file to write is empty', 'give a name')
  const directory = dirname(path)
  const above = statSync(directory, { throwIfNoEntry: false })
  if (above === undefined)
    throw refusal(
      `there is no directory ${directory} to write ${path} into`,
      'make the directory, or choose another one',
    )
  if (!above.isDirectory()) throw refusal(`${directory} is not a directory`, 'choose a directory')
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory() === true)
    throw refusal(`${path} is a directory, and a file is to be written there`, 'add the name of the file')
  accessSync(found === undefined ? directory : path, constants.W_OK)
  return path
}

function refusal(message: string, hint: string): RolecallError {
  return new RolecallError({ code: 'usage', message, expected: 'a file in a directory that exists', hint })
}
