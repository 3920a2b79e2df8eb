import type { FetchFileOptions } from '../../playbook/context.ts'
import { localPath } from '../../resources/files/local-file.ts'
import { absolute } from '../../resources/files/path/path.ts'
import { invalidOption } from '../../resources/kit/options/invalid-option.ts'
import { mode, oneOf } from '../../resources/kit/options/option-types.ts'
import { objectOptions } from '../../resources/kit/options/options.ts'
import { placeFor } from './fetch-file.ts'

const read = objectOptions<FetchFileOptions>()(() => ({
  mode: mode().optional(),
  missing: oneOf(['fail', 'leave']).optional(),
}))

/** Validates the arguments of `fetchFile`, and resolves the local path. A relative path is relative to the calling file. */
export function readFetch(
  path: string,
  to: string,
  options: FetchFileOptions,
  host: string,
): { readonly to: string; readonly options: FetchFileOptions } {
  absolute('fetchFile', path)
  if (typeof to !== 'string' || to.trim() === '' || to.includes('\0'))
    throw invalidOption(`place of fetchFile:${path}`, 'a path of this machine', 'nothing')
  const given = read(`fetchFile:${path}`, options)
  const place = localPath(to)
  return { to: placeFor(to.endsWith('/') ? `${place}/` : place, host, path), options: given }
}
