import type { Problem } from '../../errors.ts'
import { byHand, keyNameOf, placeOf, type SshTarget } from './target.ts'

/** Reads the cause of a failed connection from the English messages of ssh(1). */
export function programProblem(target: SshTarget, said: string): Problem {
  const { host, settings } = target
  const { host: lookedUp, port } = keyNameOf(target)
  const name = port === 22 ? lookedUp : `[${lookedUp}]:${port}`
  const lines = said.split('\n').map((line) => line.trim())
  const got = lines.filter((line) => line !== '' && !/^@+|^Pseudo-terminal/.test(line)).join('\n')
  const about = { host, ...(got === '' ? {} : { got }) }
  const [file = ''] = settings.knownHostsFiles
  if (/HOST IDENTIFICATION HAS CHANGED|differs from the key|Host key for .* has changed/i.test(said))
    return {
      code: 'host-key',
      ...about,
      message: `the host key of ${name} has changed: either the host was reinstalled, or someone intercepts the connection`,
      hint: `if you know that the host was reinstalled: ssh-keygen -R '${name}' -f ${file}, then run again with --accept-new-host-keys`,
    }
  if (/REVOKED HOST KEY|is revoked|marked as revoked/i.test(said))
    return {
      code: 'host-key',
      ...about,
      message: `the host key of ${name} is revoked`,
      hint: 'do not connect before you know why it was revoked',
    }
  if (/Host key verification failed|host key is known for/i.test(said))
    return {
      code: 'host-key',
      ...about,
      message: `the host key of ${name} is not known`,
      expected: `a line for ${name} in ${[...settings.knownHostsFiles, ...settings.globalKnownHostsFiles].join(' or ')}`,
      hint: `compare the fingerprint with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there), then run again with --accept-new-host-keys`,
    }
  const key = /signing failed for \S+-SK "(.*?)"/.exec(said)?.[1]
  if (key !== undefined)
    return {
      code: 'auth',
      ...about,
      message: `the security key of ${key} does not sign`,
      expected: 'an authenticator that has made this key, and a touch',
      hint: `plug it in, or name its library (SecurityKeyProvider in ssh's configuration); try it by hand: ${byHand(target)}`,
    }
  const jump = /^(\S+@\S+): Permission denied \(/m.exec(said)?.[1]
  const isOnTheWay = settings.proxyJump.length > 0 || settings.proxyCommand !== undefined
  if (isOnTheWay && jump !== undefined && jump.toLowerCase() !== `${settings.user}@${settings.hostName}`.toLowerCase())
    return {
      code: 'auth',
      ...about,
      message: `${jump}, a jump host on the way to ${settings.user}@${settings.hostName}, refuses the login`,
      hint: `log in to the jump host by a key or an agent: the password of the inventory is given to the host alone; try it by hand: ${byHand(target)}`,
    }
  if (/Permission denied|Too many authentication failures|No more authentication methods/i.test(said))
    return {
      code: 'auth',
      ...about,
      message: `${settings.user}@${settings.hostName} refuses the login`,
      hint: `try it by hand: ${byHand(target)}; then set ansible_user or ansible_ssh_private_key_file, or add the key to ssh-agent`,
    }
  return {
    code: 'connect',
    ...about,
    message: `cannot connect to ${placeOf(target)} by the program ssh`,
    expected: `sshd answers within ${target.connectTimeout} s`,
    got: got === '' ? 'ssh said nothing' : got,
    hint: `see whether the host is up and ansible_host and ansible_port are right: ${byHand(target)}`,
  }
}

/** A security key that waited for a touch until the time was over. */
export function untouchedProblem(target: SshTarget, key: string, seconds: number): Problem {
  return {
    code: 'auth',
    host: target.host,
    message: 'the security key was not touched',
    expected: `a touch within ${seconds} s`,
    got: key,
    hint: `touch it when it blinks. For many hosts put the key into an agent (ssh-add), which signs for one after the other`,
  }
}
