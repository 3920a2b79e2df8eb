import { isIP } from 'node:net'
import { posix } from 'node:path'
import { lines } from '../../sh/quote.ts'
import { absolute } from '../files/path/path.ts'
import { tidySteps } from '../files/path/attributes.ts'
import { blockedFile } from '../files/content.ts'
import { mayMake } from '../files/path/path-prediction.ts'
import { probeToolGenerated, predictToolGenerated, readToolGenerated } from '../files/writing/tool-generated-file.ts'
import type { Refused, Resource, Step, Unknown } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { flag, list, nested, oneOf, path, text, whole } from '../kit/options/option-types.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { making } from './certificate-making.ts'
import { looks, nothingAt, reasonOf, seen, subjectOf, type State } from './certificate-state.ts'
import type { CertificateOptions, CertificateRequestOptions, CertificateWant } from './certificate-want.ts'
import { cachedProbe } from './cached-probe.ts'
import { openssl } from './private-key.ts'

export type { CertificateOptions, CertificateRequestOptions } from './certificate-want.ts'

/**
 * A certificate in PEM, mode 0644, made on the host by openssl: self-signed, or signed by an authority of your own on the same host. It is renewed when fewer than
 * `renewBefore` days are left, when its names, its subject or the `usage` that is given differ, when it is of another key, or when another authority signed it.
 *
 * A service that reads it says so: `reloadedAfter: [cert]`.
 *
 * Refused: a key that is not there, and that nothing pending brings; a host without openssl.
 *
 * @example
 * const key = privateKey('/etc/ssl/private/app.key')
 * const cert = certificate('/etc/ssl/certs/app.pem', {
 *   key: '/etc/ssl/private/app.key', commonName: 'app.example.com', names: ['app.example.com', '10.0.0.5'],
 *   ca: { certificate: '/etc/ssl/own-ca.pem', key: '/etc/ssl/private/own-ca.key' },
 * })
 * const ca = certificate('/etc/ssl/own-ca.pem', { key: '/etc/ssl/private/own-ca.key', commonName: 'Own CA', isAuthority: true, days: 3650 })
 *
 * Source: openssl-req(1), openssl-x509(1), openssl-verify(1), x509v3_config(5).
 */
export function certificate(path: string, options: CertificateOptions): Resource {
  const { name, options: given } = read(path, options)
  refuseOwnInput('certificate', name, [given.key, given.ca?.key, given.ca?.certificate])
  const { isAuthority = false, days = 365, renewBefore = 30 } = given
  return make(name, {
    ...given,
    path: name,
    days,
    renewBefore,
    isAuthority,
    names: given.names ?? (isAuthority ? [] : [given.commonName]),
    usage: given.usage ?? (isAuthority ? [] : ['server', 'client']),
    asksFor: { usage: given.usage !== undefined, authority: true },
  })
}

/**
 * A request for a certificate (CSR) in PEM, for an authority elsewhere. It is replaced when its names, its subject or its extensions differ, or it is of another key.
 *
 * @example
 * certificateRequest('/etc/ssl/app.csr', { key: '/etc/ssl/private/app.key', commonName: 'app.example.com' })
 *
 * Source: openssl-req(1).
 */
export function certificateRequest(path: string, options: CertificateRequestOptions): Resource {
  const { name, options: given } = readRequest(path, options)
  refuseOwnInput('certificateRequest', name, [given.key])
  const names = given.names ?? [given.commonName]
  const { isAuthority = false, usage = [] } = given
  const asksFor = { usage: given.usage !== undefined, authority: given.isAuthority !== undefined }
  return makeRequest(name, { ...given, path: name, names, days: 0, renewBefore: 0, isAuthority, usage, asksFor })
}

/** The key, or the authority, would be lost. */
function refuseOwnInput(kind: string, path: string, inputs: readonly (string | undefined)[]): void {
  if (inputs.some((input) => input !== undefined && posix.normalize(input) === path))
    throw invalidOption(`path of ${kind}:${path}`, 'another file than those that it is made of', 'one of them')
}

function isNameOrAddress(given: string): boolean {
  return (isIP(given) !== 0 && !given.includes('%')) || /^(\*\.)?[\w.-]+$/.test(given)
}

const word = () => text('a text of one line', /^[^\p{Cc}]+$/u)
const subjectShape = () => ({
  key: path(),
  commonName: word(),
  organization: word().optional(),
  names: list('a list of names and addresses', text('a name or an address', isNameOrAddress)).optional(),
})

const read = resourceOptions<CertificateOptions>()(
  'certificate',
  (given) => absolute('certificate', given),
  () => ({
    ...subjectShape(),
    days: whole('a number of days', 1, 36_500).optional(),
    renewBefore: whole('a number of days', 0, 36_500).optional(),
    ca: nested('{ certificate, key }', { certificate: path(), key: path() }).optional(),
    isAuthority: flag().optional(),
    usage: list('a list of server and client', oneOf(['server', 'client'])).optional(),
  }),
  ({ days = 365, renewBefore = 30 }) => [
    renewBefore >= days
      ? { what: 'renewBefore', expected: `less than its ${days} days`, got: String(renewBefore) }
      : undefined,
  ],
)

const readRequest = resourceOptions<CertificateRequestOptions>()(
  'certificateRequest',
  (given) => absolute('certificateRequest', given),
  () => ({
    ...subjectShape(),
    usage: list('a list of server and client', oneOf(['server', 'client'])).optional(),
    isAuthority: flag().optional(),
  }),
)

function inputsOf({ key, ca }: CertificateWant): readonly string[] {
  return [key, ...(ca === undefined ? [] : [ca.key, ca.certificate])]
}

/** Whether what it is made of will be there, and still be what it is. */
function predictInputs(want: CertificateWant, state: State, prediction: Prediction): State | Unknown {
  const lacks: string[] = []
  const broken: string[] = []
  const faults = [...state.faults]
  for (const file of inputsOf(want)) {
    const pending = prediction.paths.get(file)
    const isLacking = pending === undefined ? state.lacks.includes(file) : pending.state.type === 'absent'
    const bringer = pending === undefined && isLacking ? mayMake(file, prediction) : undefined
    if (bringer !== undefined) return { unknown: `${file} is not there, unless it comes with ${bringer}` }
    if (isLacking) lacks.push(file)
    const isBroken = pending === undefined && state.broken.includes(file)
    const command = isBroken ? prediction.command() : undefined
    if (command !== undefined) return { unknown: `openssl cannot read ${file}, unless ${command.from} replaces it` }
    if (isBroken) broken.push(file)
    const isOther =
      pending?.state.type === 'file' &&
      pending.state.kept !== true &&
      pending.turn > (prediction.paths.get(want.path)?.turn ?? -1)
    if (isOther && state.found.type === 'file') faults.push('its key changes')
  }
  const isStrange =
    state.isStrange &&
    want.ca !== undefined &&
    [want.ca.key, want.ca.certificate].every((file) => prediction.paths.get(file) === undefined)
  const isSame =
    lacks.length === state.lacks.length &&
    broken.length === state.broken.length &&
    faults.length === state.faults.length &&
    isStrange === state.isStrange
  return isSame ? state : { ...state, lacks, broken, faults, isStrange }
}

/** What is there, and what openssl could make nothing of. */
function unusableInput({ path: file, ca }: CertificateWant, { broken, isStrange }: State): Refused | undefined {
  const [unread] = broken
  if (unread !== undefined) {
    const isKey = unread !== ca?.certificate
    return {
      refused: `openssl cannot read a ${isKey ? 'private key' : 'certificate'} in ${unread}, from which ${file} is made`,
      hint: `openssl ${isKey ? 'pkey' : 'x509'} -noout -in ${unread} on the host says why`,
    }
  }
  return isStrange && ca !== undefined
    ? {
        refused: `the authority of ${file} has another key than ${ca.key}`,
        hint: `name the key that ${ca.certificate} was made from`,
      }
    : undefined
}

function definition(name: string, what: 'x509' | 'req') {
  return toolKind<CertificateWant, State>({
    name,
    tool: () => openssl,
    probe(want) {
      const look = lines(probeToolGenerated(want.path), looks(what, want))
      // A certificate grows old without anybody touching it.
      return what === 'req'
        ? cachedProbe([want.path, posix.dirname(want.path), ...inputsOf(want)], 'subject', look)
        : look
    },
    read: ({ path: file }, { lines: said }) => seen(file, said),
    fresh: (want) => ({ ...nothingAt(readToolGenerated(want.path, [])), lacks: inputsOf(want) }),
    plan(want, state): Step[] | Refused {
      const reason = reasonOf(want, state)
      if (reason === undefined) return tidySteps(state.found)
      const blocked = blockedFile(state.found)
      if (blocked !== undefined) return blocked
      const [lacking] = state.lacks
      if (lacking === want.key)
        return {
          refused: `the key of ${want.path} is not there`,
          hint: `put privateKey('${want.key}') before this resource`,
        }
      if (lacking !== undefined)
        return {
          refused: `the authority of ${want.path} is not there: ${lacking}`,
          hint: 'put its key and certificate before this resource',
        }
      const unusable = unusableInput(want, state)
      if (unusable !== undefined) return unusable
      const noun = what === 'req' ? 'request' : 'certificate'
      const summary = reason === '' ? `make the ${noun} ${want.path}` : `replace the ${noun} ${want.path} (${reason})`
      return [...tidySteps(state.found), { summary, sh: making(what, want) }]
    },
    effects: ({ path: file }) => [{ type: 'path', path: file, state: { type: 'file', mode: '0644', confirm: true } }],
    predict(want, state, prediction) {
      const nothing = nothingAt(state.found)
      const authority = want.isAuthority ? 'yes' : 'no'
      const made = { ...nothing, names: want.names, subject: subjectOf(want), usage: want.usage, authority } as const
      const at = predictToolGenerated(state, prediction, { kind: name, want, nothing, made })
      return 'unknown' in at ? at : predictInputs(want, at, prediction)
    },
    paths: ({ path: file }) => [file],
  })
}

const make = definition('certificate', 'x509')
const makeRequest = definition('certificateRequest', 'req')
