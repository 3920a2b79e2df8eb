import { isKeywordWithValue } from './grammar.ts'

/** Older names. Source: readconf.c of OpenSSH 9.2; the last line is Debian's and Red Hat's. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
  hostbasedkeytypes: 'hostbasedacceptedalgorithms',
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  tisauthentication: 'kbdinteractiveauthentication',
  dsaauthentication: 'pubkeyauthentication',
  smartcarddevice: 'pkcs11provider',
  identityfile2: 'identityfile',
  keepalive: 'tcpkeepalive',
  ...{ protocolkeepalives: 'serveraliveinterval', setuptimeout: 'serveraliveinterval', rsaminsize: 'requiredrsasize' },
}

/** Keywords that say nothing any more, and those of later versions that say nothing about how a host is reached. */
const SILENT: ReadonlySet<string> = new Set([
  ...['protocol', 'cipher', 'fallbacktorsh', 'globalknownhostsfile2', 'rhostsauthentication', 'userknownhostsfile2'],
  ...['useroaming', 'usersh', 'useprivilegedport', 'afstokenpassing', 'kerberosauthentication', 'kerberostgtpassing'],
  ...['rsaauthentication', 'rhostsrsaauthentication', 'compressionlevel'],
  ...['channeltimeout', 'obscurekeystroketiming', 'tag', 'versionaddendum', 'warnweakcrypto'],
])

/** A keyword in lower case, by the name that ssh prints. */
export function fullNameOf(keyword: string): string {
  const lower = keyword.toLowerCase()
  return Object.hasOwn(OTHER_NAMES, lower) ? (OTHER_NAMES[lower] ?? lower) : lower
}

/** Whether ssh takes a keyword, but does nothing with its value. */
export function isSilent(keyword: string): boolean {
  return SILENT.has(keyword)
}

export function isKnown(keyword: string): boolean {
  return isSilent(keyword) || isKeywordWithValue(fullNameOf(keyword))
}

/** Whether all of the line is the value, with its quotes. */
export function takesLine(keyword: string): boolean {
  return /^(?:proxycommand|localcommand|remotecommand|knownhostscommand)$/.test(keyword)
}
