import type { SshOptions } from './connection.ts'
import { nearest } from '../text/nearest.ts'

export interface Complaint {
  readonly expected: string
  readonly hint?: string
}

type Option = (value: string) => SshOptions | Complaint

const KNOWN = 'only -o Key=Value with UserKnownHostsFile, StrictHostKeyChecking, ConnectTimeout or ServerAliveInterval'

const OPTIONS: Readonly<Record<string, Option>> = {
  UserKnownHostsFile: (file) =>
    file === '/dev/null'
      ? {
          expected: 'a file that keeps the host keys, not /dev/null',
          hint: 'Rolecall always checks who is at the other end; for hosts that come and go give them a known_hosts file of their own',
        }
      : { knownHostsFile: file },
  StrictHostKeyChecking: (value) => {
    if (value === 'yes') return { unknownHostKey: 'refuse' }
    if (value === 'accept-new') return { unknownHostKey: 'accept-new' }
    return {
      expected: 'StrictHostKeyChecking=yes or StrictHostKeyChecking=accept-new',
      hint: 'Rolecall always checks who is at the other end; accept-new takes an unknown key once and refuses a changed one',
    }
  },
  ConnectTimeout: (value) => seconds('ConnectTimeout', value, (connectTimeoutSeconds) => ({ connectTimeoutSeconds })),
  ServerAliveInterval: (value) => seconds('ServerAliveInterval', value, (keepaliveSeconds) => ({ keepaliveSeconds })),
}

/**
 * Understands the few options of ssh that Rolecall honours; the rest would be ignored in silence, so they are refused.
 *
 * @example
 * readSshOptions('-o ConnectTimeout=5 -o StrictHostKeyChecking=accept-new')
 * // { connectTimeoutSeconds: 5, unknownHostKey: 'accept-new' }
 */
export function readSshOptions(text: string): SshOptions | Complaint {
  let options: SshOptions = {}
  const words = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (!word.startsWith('-o')) return { expected: KNOWN, hint: `remove ${word}` }
    const setting = word === '-o' ? words[++index] : word.slice('-o'.length)
    const read = readOption((setting ?? '').replaceAll(/["']/g, ''))
    if ('expected' in read) return read
    options = { ...options, ...read }
  }
  return options
}

function readOption(setting: string): SshOptions | Complaint {
  const equals = setting.indexOf('=')
  const key = equals === -1 ? setting : setting.slice(0, equals)
  // ssh does not care about the case of its keywords.
  const name = Object.keys(OPTIONS).find((known) => known.toLowerCase() === key.toLowerCase())
  const option = name === undefined ? undefined : OPTIONS[name]
  if (option === undefined) {
    const near = nearest(key, Object.keys(OPTIONS))[0]
    return { expected: KNOWN, hint: near === undefined ? `remove -o ${setting}` : `did you mean ${near}?` }
  }
  const value = equals === -1 ? '' : setting.slice(equals + 1)
  if (value === '') return { expected: `-o ${name ?? key}=VALUE` }
  return option(value)
}

function seconds(name: string, value: string, found: (seconds: number) => SshOptions): SshOptions | Complaint {
  if (/^[1-9]\d{0,5}$/.test(value)) return found(Number(value))
  return { expected: `${name}= a whole number of seconds, 1 or more` }
}
