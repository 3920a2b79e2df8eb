import { layerFrom, type Layer } from './layer.ts'
import type { Secret } from '../../secret.ts'
import type { Report } from '../parse.ts'
import { mapOf, sourceAt } from '../syntax/value-node.ts'

/** Passwords that `--ask-pass` and `--ask-become-pass` ask for. */
export interface AskedPasswords {
  readonly ssh?: Secret
  readonly become?: Secret
}

/** The passwords as variables of the group `all`, weaker than every variable of the inventory. */
export function askedPasswordLayers(passwords: AskedPasswords | undefined, report: Report): Layer[] {
  const { ssh, become } = passwords ?? {}
  if (ssh === undefined && become === undefined) return []
  const source = sourceAt({ file: 'what was asked for' }, process.cwd())
  const { entries } = mapOf({ ansible_password: ssh, ansible_become_password: become }, source, 0)
  return [layerFrom(entries, { rank: 'group', owner: 'all' }, report)]
}
