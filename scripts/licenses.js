// Licenses of other people's packages: which are allowed, and the texts for the packages inside dist/.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { project } from './freshness.js'

/** Licenses that allow use and redistribution, and require only their text. */
const ALLOWED = [
  ...['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT', 'MIT-0'],
  ...['PSF-2.0', 'Python-2.0', 'Unlicense'],
]

/** Licenses that require the source of changes: allowed for test tools, which are not redistributed. */
const ALLOWED_FOR_TESTS = ['MPL-2.0']

/** Where to find the text of a license that a package names but does not contain. */
/** @type {Readonly<Record<string, string>>} */
const STANDARD = { MIT: 'LICENSE', 'Apache-2.0': 'node_modules/typescript-native/LICENSE' }

/** @typedef {{ name: string, version: string, license: string | undefined, directory: string }} Package */

/**
 * The packages inside a bundle, by name and version.
 *
 * @param {readonly string[]} files the paths that the bundle was made from
 * @returns {Package[]}
 */
export function packagesOf(files) {
  const directories = files.map((file) => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0])
  return [...new Set(directories)]
    .filter((directory) => directory !== undefined)
    .map(packageIn)
    .sort((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1))
}

/**
 * The license text that is shipped with a bundle.
 *
 * @param {readonly Package[]} packages
 */
export function licenseTexts(packages) {
  const parts = packages.map((one) => `${titleOf(one)} (${one.license})\n\n${textsOf(one).join('\n\n')}`)
  const head = 'The files dist/*.cjs have code of these packages in them. Their licenses are:'
  return `${[head, ...parts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

/**
 * The packages of a lock file that must not be used, each with the reason.
 *
 * @param {{ packages: Readonly<Record<string, { license?: string, optional?: boolean, dev?: boolean }>> }} lock
 */
export function refusedLicenses(lock) {
  return (
    Object.entries(lock.packages)
      .filter(([path]) => path !== '')
      .map(([path, { license, optional, dev }]) => ({ path, optional, dev, license: license ?? licenseIn(path) }))
      // An optional package that could not be built is not used.
      .filter(({ license, optional }) => !isAllowed(license) && !(optional && license === undefined))
      .filter(({ license, dev }) => !(dev === true && ALLOWED_FOR_TESTS.includes(license ?? '')))
      .map(({ path, license }) => `${path}: ${license ?? 'no license'}`)
  )
}

/** `(MIT OR Apache-2.0)` needs one allowed license, `MIT AND Zlib` both. */
function isAllowed(license = '') {
  const words = license.replace(/[()]/g, '')
  return words.split(' OR ').some((some) => some.split(' AND ').every((one) => ALLOWED.includes(one.trim())))
}

/**
 * The license of a package that names it in an old form, which the lock file lacks.
 *
 * @param {string} path
 */
function licenseIn(path) {
  return existsSync(join(project, path, 'package.json')) ? packageIn(path).license : undefined
}

/** @typedef {{ name: string, version: string, license?: string, licenses?: { type: string }[] }} PackageFile */

/**
 * @param {string} directory
 * @returns {Package}
 */
function packageIn(directory) {
  const { name, version, license, licenses } = /** @type {PackageFile} */ (
    JSON.parse(readFileSync(join(project, directory, 'package.json'), 'utf8'))
  )
  return { name, version, license: license ?? licenses?.map(({ type }) => type).join(' OR '), directory }
}

/** @param {Package} one */
function titleOf({ name, version }) {
  return `${name} ${version}`
}

/**
 * The license files of a package, including those of packages that it bundles.
 *
 * @param {Package} one
 */
function textsOf({ name, license, directory }) {
  const found = ['.', 'build']
    .filter((below) => existsSync(join(project, directory, below)))
    .flatMap((below) => readdirSync(join(project, directory, below)).map((file) => join(directory, below, file)))
    .filter((file) => /(^|[/-])(licen[cs]es?|notice|copying)(\.\w+)?$/i.test(file))
  if (found.length > 0) return found.map((file) => textOf(file, true))
  const standard = STANDARD[license ?? '']
  if (standard === undefined) throw new Error(`${name} (${license}) is in the bundle and brings no license text`)
  return [textOf(standard, false)]
}

/**
 * @param {string} file
 * @param {boolean} isOwn
 */
function textOf(file, isOwn) {
  const text = readFileSync(join(project, file), 'utf8').trim()
  // The words of a license are always the same; its copyright lines are not.
  return isOwn ? text : text.replace(/^Copyright .*\n+/m, '')
}
