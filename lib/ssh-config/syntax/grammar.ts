import { isAlgorithmList, isCipherList, isHostKeyList, isMacList } from './algorithms.ts'
import { criteriaOf } from './criteria.ts'
import { isDomain, isJump } from './jump.ts'
import { numberOf, portOf, secondsOf } from './values.ts'

/** What is wrong with the words of a value, in ssh's words. Undefined: nothing. */
type Check = (words: readonly string[], rest: string) => string | undefined

const MISSING = 'Missing argument.'
const EXTRA = 'extra arguments at end of line'

/** The value is one word. */
function one(isValid: (word: string) => boolean, fault: (word: string) => string): Check {
  return ([word = '', ...more]) => {
    if (word === '') return MISSING
    if (!isValid(word)) return fault(word)
    return more.length > 0 ? EXTRA : undefined
  }
}

const unsupported = (word: string) => `unsupported option "${word}".`

function oneOf(...names: readonly string[]): Check {
  return one((word) => names.includes(word.toLowerCase()), unsupported)
}

/** Any number of words. `none` must be the only word. */
const several: Check = (words) => {
  if (words.includes('')) return 'empty argument'
  return words.length > 1 && words.some((word) => word.toLowerCase() === 'none')
    ? '"none" argument must appear alone.'
    : undefined
}

const BOOLEAN = ['true', 'false', 'yes', 'no'] as const
const flag = oneOf(...BOOLEAN)
const text = one(
  () => true,
  () => '',
)
const number = one(
  (word) => numberOf(word) !== undefined,
  () => 'integer value invalid.',
)
const time = one(isTime, () => 'invalid time value.')
const line: Check = () => undefined
const keyTypes = one(isHostKeyList, (word) => `Bad key types '${word}'.`)
const socket = one(isSocket, (word) => `Invalid environment expansion ${word}.`)
const forward: Check = ([listen = '', target = '', ...more]) => {
  if (listen === '') return MISSING
  if (target === '') return 'Missing target argument.'
  if (!isForward(`${listen}:${target}`) || isZero(listen)) return 'Bad forwarding specification.'
  return more.length > 0 ? EXTRA : undefined
}
const dynamic = one(isDynamic, () => 'Bad forwarding specification.')

/** What each keyword takes. Source: process_config_line_depth of OpenSSH 9.2, and what Debian adds for GSSAPI. */
const CHECKS: Readonly<Record<string, Check>> = {
  ...same(flag, [
    ...['forwardx11', 'forwardx11trusted', 'gatewayports', 'exitonforwardfailure', 'passwordauthentication'],
    ...['kbdinteractiveauthentication', 'hostbasedauthentication', 'gssapiauthentication', 'gssapidelegatecredentials'],
    ...['gssapikeyexchange', 'gssapitrustdns', 'gssapirenewalforcesrekey', 'batchmode', 'checkhostip', 'tcpkeepalive'],
    ...['nohostauthenticationforlocalhost', 'clearallforwardings', 'enablesshkeysign', 'identitiesonly'],
    ...['hashknownhosts', 'permitlocalcommand', 'visualhostkey', 'stdinnull', 'forkafterauthentication'],
    ...['proxyusefdpass', 'canonicalizefallbacklocal', 'streamlocalbindunlink', 'enableescapecommandline'],
  ]),
  ...same(text, [
    ...['kbdinteractivedevices', 'xauthlocation', 'user', 'hostname', 'hostkeyalias', 'preferredauthentications'],
    ...['bindaddress', 'bindinterface', 'pkcs11provider', 'securitykeyprovider', 'controlpath', 'ignoreunknown'],
    ...['revokedhostkeys', 'identityfile', 'certificatefile', 'refuseconnection'],
    ...['gssapiclientidentity', 'gssapiserveridentity', 'gssapikexalgorithms'],
  ]),
  ...same(several, ['globalknownhostsfile', 'userknownhostsfile', 'logverbose']),
  ...same(number, [
    ...['numberofpasswordprompts', 'connectionattempts', 'serveralivecountmax', 'canonicalizemaxdots'],
    'requiredrsasize',
  ]),
  ...same(time, ['connecttimeout', 'serveraliveinterval', 'forwardx11timeout']),
  ...same(line, ['proxycommand', 'localcommand', 'remotecommand', 'knownhostscommand']),
  ...same(keyTypes, [
    ...['hostkeyalgorithms', 'casignaturealgorithms', 'hostbasedacceptedalgorithms', 'pubkeyacceptedalgorithms'],
  ]),
  ...same(forward, ['localforward']),
  ...same(oneOf(...BOOLEAN, 'ask'), ['verifyhostkeydns', 'updatehostkeys']),
  host: (words) => (words.includes('') ? 'empty argument' : undefined),
  include: (words) => (words.includes('') ? 'empty argument' : undefined),
  match: (_, rest) => {
    const criteria = criteriaOf(rest)
    return typeof criteria === 'string' ? criteria : undefined
  },
  port: one(
    (word) => (portOf(word) ?? 0) > 0,
    (word) => `Bad port '${word}'.`,
  ),
  proxyjump: (_, rest) =>
    isJump(rest.replace(/^[ \t\r\n=]+/, '')) ? undefined : `Invalid ProxyJump "${rest.replace(/^[ \t\r\n=]+/, '')}"`,
  pubkeyauthentication: oneOf(...BOOLEAN, 'unbound', 'host-bound'),
  stricthostkeychecking: oneOf(...BOOLEAN, 'ask', 'off', 'accept-new'),
  compression: oneOf('yes', 'no'),
  addressfamily: oneOf('inet', 'inet6', 'any'),
  controlmaster: oneOf(...BOOLEAN, 'auto', 'ask', 'autoask'),
  tunnel: oneOf('ethernet', 'point-to-point', ...BOOLEAN),
  requesttty: oneOf(...BOOLEAN, 'force', 'auto'),
  sessiontype: oneOf('none', 'subsystem', 'default'),
  canonicalizehostname: oneOf(...BOOLEAN, 'always'),
  loglevel: oneOf('quiet', 'fatal', 'error', 'info', 'verbose', 'debug', 'debug1', 'debug2', 'debug3'),
  syslogfacility: one((word) => /^(daemon|user|auth|authpriv|local[0-7])$/i.test(word), unsupported),
  fingerprinthash: one((word) => /^(md5|sha(1|256|384|512))$/i.test(word), unsupported),
  ciphers: one(isCipherList, (word) => `Bad SSH2 cipher spec '${word}'.`),
  macs: one(isMacList, (word) => `Bad SSH2 MAC spec '${word}'.`),
  kexalgorithms: one(isAlgorithmList, (word) => `Bad SSH2 KexAlgorithms '${word}'.`),
  identityagent: socket,
  forwardagent: one((word) => BOOLEAN.some((name) => name === word.toLowerCase()) || isSocket(word), unsupported),
  remoteforward: ([listen = '', target = '', ...more]) => {
    if (target === '') return dynamic([listen], '')
    if (!isForward(`${listen}:${target}`)) return 'Bad forwarding specification.'
    return more.length > 0 ? EXTRA : undefined
  },
  dynamicforward: one(
    (word) => isDynamic(word) && !isZero(word),
    () => 'Bad forwarding specification.',
  ),
  permitremoteopen: (words) => {
    if (words.length === 0) return 'missing PermitRemoteOpen specification'
    if (words.some((word) => /^(any|none)$/i.test(word)))
      return words.length > 1 ? 'argument must appear alone.' : undefined
    return words.every((word) => isForward(`1:${word.replace(/:\*$/, ':1')}`)) ? undefined : 'bad port number'
  },
  escapechar: one(
    (word) => word === 'none' || word.length === 1 || /^\^[@-\x7f]$/.test(word),
    () => 'Bad escape character.',
  ),
  rekeylimit: ([size = '', interval, ...more]) => {
    if (size === '') return MISSING
    const [, digits, unit = ''] = /^\+?(\d+)(?:\.\d*)?([bkmgtpe]?)$/i.exec(size) ?? []
    if (size !== 'default' && digits === undefined) return `Bad number '${size}'`
    const isSmall = Number(digits) !== 0 && Number(digits) < 16 && /^b?$/i.test(unit)
    if (size !== 'default' && isSmall) return 'RekeyLimit too small'
    if (interval !== undefined && !isTime(interval)) return 'invalid time value.'
    return more.length > 0 ? EXTRA : undefined
  },
  ipqos: ([first, second, ...more]) => {
    const isBad = [first ?? '', second ?? 'none'].find((word) => !isIpQos(word))
    if (isBad !== undefined) return `Bad IPQoS value: ${isBad}`
    return more.length > 0 ? EXTRA : undefined
  },
  tunneldevice: one(
    (word) => /^(any|\d+)(:(any|\d+))?$/i.test(word),
    () => 'Bad tun device.',
  ),
  streamlocalbindmask: one(
    (word) => /^\s*\+?0*[0-7]{1,3}(\D.*|[89].*)?$/s.test(word),
    () => 'Bad mask.',
  ),
  addkeystoagent: ([first = '', second, ...more]) => {
    if (more.length > 0) return EXTRA
    const isWord = [...BOOLEAN, 'ask', 'confirm'].includes(first.toLowerCase())
    if (second === undefined) return isWord || secondsOf(first) !== undefined ? undefined : 'unsupported option'
    return first.toLowerCase() === 'confirm' && secondsOf(second) !== undefined ? undefined : 'unsupported option'
  },
  controlpersist: one(
    (word) => /^(yes|no|true|false)$/.test(word) || secondsOf(word) !== undefined,
    () => 'Bad ControlPersist argument.',
  ),
  canonicaldomains: (words, rest) =>
    several(words, rest) ?? (words.every(isDomain) ? undefined : 'domain name contains invalid characters'),
  canonicalizepermittedcnames: (words) =>
    words.every(
      (word, at) =>
        word === '*' || /:./s.test(word) || (word.toLowerCase() === 'none' && at === 0 && words.length === 1),
    )
      ? undefined
      : 'Invalid permitted CNAME',
  sendenv: (words) =>
    words.some((word) => word === '' || word.includes('=')) ? 'Invalid environment name.' : undefined,
  setenv: (words) => (words.every((word) => word.includes('=')) ? undefined : 'Invalid SetEnv.'),
}

function same(check: Check, keywords: readonly string[]): Record<string, Check> {
  return Object.fromEntries(keywords.map((keyword) => [keyword, check]))
}

export function isKeywordWithValue(keyword: string): boolean {
  return Object.hasOwn(CHECKS, keyword)
}

/** What is wrong with the value of a keyword, in ssh's words. Undefined: nothing. */
export function faultOfValue(keyword: string, words: readonly string[], rest: string): string | undefined {
  return isKeywordWithValue(keyword) ? CHECKS[keyword]?.(words, rest) : undefined
}

function isTime(word: string): boolean {
  return word === 'none' || secondsOf(word) !== undefined
}

function isIpQos(word: string): boolean {
  return (
    /^(none|af[1-4][1-3]|cs[0-7]|ef|le|lowdelay|throughput|reliability)$/i.test(word) ||
    (/^\+?(0x[\da-f]+|0[0-7]*|[1-9]\d*)$/i.test(word) && Number(word.replace(/^\+?0(?=[0-7])/, '0o')) <= 255)
  )
}

/** A path of a socket may name variables of the environment, which are there. */
function isSocket(word: string): boolean {
  const left = word.replaceAll(/\$\{([^}]+)\}/g, (whole, name: string) =>
    process.env[name] === undefined ? whole : '',
  )
  return !left.includes('${') && (!/^\$[^{]/.test(word) || /^\$[A-Za-z0-9_]+$/.test(word)) && word !== '$'
}

const isPort = (word: string | undefined) => word !== undefined && (portOf(word) ?? 0) > 0
const isListening = (word: string | undefined) => word !== undefined && portOf(word) !== undefined

/** The fields of a forwarding: separated by colons, unless these are in brackets. */
function fieldsOf(spec: string): readonly string[] {
  return [...spec.matchAll(/\[([^\]]*)\](?::|$)|((?:\\.|[^:\\[]|(?<!^|:)\[)*)(?::|$)/g)]
    .map(([, bracketed, plain]) => bracketed ?? plain ?? '')
    .slice(0, spec === '' ? 0 : -1)
}

/** Source: parse_forward of OpenSSH 9.2. */
function isForward(spec: string): boolean {
  const fields = fieldsOf(`${spec.trimStart()}:`)
  const isPath = (at: number) => fields[at]?.includes('/') === true
  switch (fields.length) {
    case 2:
      return isPath(1) && (isPath(0) || isListening(fields[0]))
    case 3:
      if (isPath(0)) return isPort(fields[2])
      if (isPath(2)) return isListening(fields[1])
      return isListening(fields[0]) && isPort(fields[2])
    case 4:
      return isListening(fields[1]) && isPort(fields[3])
    default:
      return false
  }
}

/** Only the other end may choose a port. */
function isZero(listen: string): boolean {
  return /^(.*:)?\+?0+$/s.test(listen)
}

function isDynamic(spec: string): boolean {
  const fields = fieldsOf(`${spec.trimStart()}:`)
  const [first, second] = fields
  if (fields.length === 1) return first?.includes('/') === true || isListening(first)
  return fields.length === 2 && isListening(second)
}
