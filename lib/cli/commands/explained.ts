import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import { RolecallError, type Place } from '../../errors.ts'
import type { Host, Inventory } from '../../inventory/inventory.ts'
import { flatLevels, levelsOf } from '../../inventory/variables/layer.ts'
import { levelName, placeOf, type Level } from '../../inventory/variables/level.ts'
import { didYouMean } from '../../text/nearest.ts'
import type { SecretReader } from '../../inventory/sources/secret-reader.ts'
import { isSettingName } from '../../inventory/connections/settings.ts'
import { loadPlaybook, playbookNames } from '../../playbook/load/load.ts'
import { openProjectInventory } from '../../playbook/load/inventory.ts'
import { friendly, roleFile } from '../../playbook/load/find.ts'
import type { Playbook, RoleUse } from '../../playbook/playbook.ts'
import { readerOf } from '../../playbook/reader.ts'
import { schemaAt, withoutSecrets } from '../../playbook/variables/secret-values.ts'
import { explainVars, useOf, valueOf } from '../../playbook/variables/vars.ts'
import { placeText } from '../../report/problem.ts'
import { MASK } from '../../secret.ts'
import { table } from '../table.ts'

export interface Sources {
  readonly inventory: string | readonly string[]
  readonly extra: readonly string[]
  readonly secrets: SecretReader
}

/**
 * The lines of `rolecall explain`: the value of a variable on a host, and every level that sets it.
 *
 * Throws a RolecallError when there is no such host, role or variable.
 */
export async function explained(
  variable: string,
  hostName: string,
  playbook: string | undefined,
  from: Sources,
): Promise<string[]> {
  const file = playbook === undefined ? undefined : (await loadPlaybook(playbook)).file
  const inventory = await openProjectInventory(from.inventory, {
    extra: from.extra,
    secrets: from.secrets,
    ...(file === undefined ? {} : { playbookFile: file }),
  })
  const host = hostNamed(hostName, inventory)
  if (isSettingName(variable)) return settingLines(variable, host)
  const [roleName, name] = splitOnce(variable)
  if (name === undefined) return await flatLines(variable, host, inventory, playbook)
  const uses = await usesOfRole(roleName, playbook)
  return uses.flatMap((use, index) => [...(index === 0 ? [] : ['']), ...useLines(use, name, host, uses.length > 1)])
}

interface Use {
  readonly use: RoleUse
  readonly play: string
  readonly file: string
}

/** Every use of the role, without those that set the same values as an earlier one. */
async function usesOfRole(roleName: string, playbookName: string | undefined): Promise<Use[]> {
  const { playbook, file } = await loadPlaybook(playbookName ?? onlyPlaybook())
  const uses = allUses(playbook, file)
  const found = uses.filter(({ use }) => use.role.name === roleName)
  const different = found.filter(
    (one, at) => found.findIndex(({ use }) => isDeepStrictEqual(settings(use), settings(one.use))) === at,
  )
  if (different.length > 0) return different
  const names = uses.map(({ use }) => use.role.name)
  const hint = didYouMean(roleName, names)
  throw usage(`playbook ${playbook.name} has no role "${roleName}"`, {
    expected: `one of ${[...new Set(names)].join(', ')}`,
    got: roleName,
    ...(hint === undefined ? {} : { hint }),
  })
}

function allUses({ plays }: Playbook, file: string): Use[] {
  return plays.flatMap((play) => play.roles.map((one): Use => ({ use: useOf(one), play: play.name, file })))
}

function settings({ vars, computed }: RoleUse) {
  return [vars, computed]
}

/** A top-level variable of the inventory, and the roles that read it. */
async function flatLines(
  name: string,
  host: Host,
  { layers }: Inventory,
  playbook: string | undefined,
): Promise<string[]> {
  const levels = flatLevels(host.layers, name)
  const readers = await readersOf(name, playbook)
  if (levels.length === 0 && readers.length === 0 && !layers.some(({ variables }) => variables.has(name))) {
    const known = [...layers.flatMap(({ variables }) => [...variables.keys()])]
    const ofRoles = await variablesOfRoles(name, playbook)
    throw usage(`no variable "${name}" is set, and no role reads one`, {
      expected: 'a variable of the inventory, or role.variable as in dns-server.forwarders',
      got: name,
      hint:
        ofRoles.length > 0
          ? `variables of roles have the role's name before them: rolecall explain ${ofRoles[0] ?? ''} ${host.name}`
          : (didYouMean(name, known) ?? 'rolecall list unused shows what no role reads'),
    })
  }
  const read = readers.length === 0 ? [] : ['', `read by ${readers.join(', ')}`]
  return [...levelLines(name, host, levels), ...read]
}

/** Variables of roles that read this one through `from`; none when no playbook is known. */
async function readersOf(name: string, playbookName: string | undefined): Promise<string[]> {
  const found = (await usesIfKnown(playbookName)).flatMap(({ use: { role } }) => {
    const reader = readerOf(role)
    return Object.keys(role.vars.shape).flatMap((variable) =>
      reader.flat(variable).some((each) => each.split('.')[0] === name) ? [`${role.name}.${variable}`] : [],
    )
  })
  return [...new Set(found)]
}

/** Variables of roles where the variable or the role has this name. */
async function variablesOfRoles(name: string, playbookName: string | undefined): Promise<string[]> {
  return (await usesIfKnown(playbookName)).flatMap(({ use: { role } }) =>
    Object.keys(role.vars.shape)
      .filter((variable) => variable === name || role.name === name)
      .map((variable) => `${role.name}.${variable}`),
  )
}

/** The roles of the named playbook, or of the project's only one. */
async function usesIfKnown(playbookName: string | undefined): Promise<Use[]> {
  const names = playbookNames(process.cwd())
  const chosen = playbookName ?? (names.length === 1 ? names[0] : undefined)
  if (chosen === undefined) return []
  const { playbook, file } = await loadPlaybook(chosen)
  return allUses(playbook, file)
}

function onlyPlaybook(): string {
  const [first, ...others] = playbookNames(process.cwd())
  if (first !== undefined && others.length === 0) return first
  throw usage(first === undefined ? 'there is no playbook in playbooks/' : 'there are several playbooks', {
    hint:
      first === undefined
        ? 'name one as the last argument'
        : `name one as the last argument: ${[first, ...others].join(', ')}`,
  })
}

function useLines({ use, play, file }: Use, name: string, host: Host, isOneOfSeveral: boolean): string[] {
  const { role } = use
  if (!(name in role.vars.shape)) {
    const known = Object.keys(role.vars.shape)
    const hint = didYouMean(name, known)
    throw usage(`role ${role.name} has no variable "${name}"`, {
      expected: known.length === 0 ? 'none: it has no variables' : `one of ${known.join(', ')}`,
      ...(hint === undefined ? {} : { hint }),
    })
  }
  const variable = `${role.name}.${name}`
  const levels = explainVars(use, host).get(name) ?? []
  const heading = isOneOfSeveral ? [`in play ${play} of ${file}`] : []
  return [...heading, ...levelLines(variable, host, levels, file, schemaAt(role.vars, [name]))]
}

function settingLines(name: string, host: Host): string[] {
  return levelLines(name, host, levelsOf(host.layers).get(name) ?? [])
}

function levelLines(
  variable: string,
  host: Host,
  levels: readonly Level[],
  playbookFile?: string,
  schema?: z.ZodType,
): string[] {
  const valueText = (value: unknown) => textOf(withoutSecrets(schema, value, variable))
  const winner = levels.at(-1)
  if (winner === undefined) return [`${variable} is not set on ${host.name} by any level`]
  const hasOtherNames = levels.some(({ name }) => name !== variable)
  const rows = levels
    .toReversed()
    .map((level, index) => [
      index === 0 ? '*' : ' ',
      levelName(level),
      ...(hasOtherNames ? [level.name] : []),
      valueText(level.value),
      whereText(level, playbookFile),
    ])
  const value = valueText(asRead(winner, host, schema))
  return [`${variable} on ${host.name} is ${value}`, '', ...table(rows).map((line) => `  ${line}`)]
}

/** The value as a role gets it: a template's result has the type of its expression if the schema wants that type. */
function asRead(level: Level, host: Host, schema: z.ZodType | undefined): unknown {
  const value = valueOf(level, host)
  if (schema === undefined || schema.safeParse(value).success) return value
  const typed = valueOf(level, host, 'typed')
  return schema.safeParse(typed).success ? typed : value
}

function whereText(level: Level, playbookFile: string | undefined): string {
  const place = placeOf(level) ?? placeInCode(level, playbookFile)
  return place === undefined ? '' : placeText({ ...place, file: friendly(place.file) })
}

/** Values in TypeScript have no recorded place, so this is the first line that names the variable. */
function placeInCode({ rank, name }: Level, playbookFile: string | undefined): Place | undefined {
  const [role, variable = ''] = splitOnce(name)
  const file = rank === 'playbook' ? playbookFile : rank === 'default' ? roleFile(role, process.cwd()) : undefined
  if (file === undefined) return undefined
  const lines = readFileSync(file, 'utf8').split('\n')
  const line = lines.findIndex((text) => text.match(/[\w-]+(?=['"]?\s*:)/g)?.includes(variable) === true)
  return line === -1 ? { file } : { file, line: line + 1 }
}

function textOf(value: unknown): string {
  return value === undefined ? 'nothing' : value === MASK ? MASK : JSON.stringify(value)
}

function hostNamed(name: string, { hosts }: Inventory): Host {
  const host = hosts.find((one) => one.name === name)
  if (host !== undefined) return host
  const names = hosts.map((one) => one.name)
  throw usage(`the inventory has no host "${name}"`, {
    expected: 'the name of one host',
    hint: didYouMean(name, names) ?? 'rolecall list hosts shows which there are',
  })
}

function splitOnce(variable: string): [string, string | undefined] {
  const dot = variable.indexOf('.')
  return dot === -1 ? [variable, undefined] : [variable.slice(0, dot), variable.slice(dot + 1)]
}

function usage(message: string, more: { expected?: string; got?: string; hint?: string }): RolecallError {
  return new RolecallError({ code: 'usage', message, ...more })
}
