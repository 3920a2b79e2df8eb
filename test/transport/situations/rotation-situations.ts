import { hop, lineFor, to, type Situation } from './situation.ts'

/** The host is let in and announces its keys, ed25519 and RSA. */
const announced = (...lines: readonly string[]): Pick<Situation, 'config' | 'comparesKnown'> => ({
  config: to('plain', ...lines, 'UpdateHostKeys yes'),
  comparesKnown: true,
})

/** Host keys that change, and what operators do about them. The host has an ed25519 and an RSA key. */
export const rotations: readonly Situation[] = [
  {
    name: 'the new key beside the old one',
    config: to('plain'),
    known: (w) => [lineFor(w, 'plain', w.otherKey), lineFor(w, 'plain')],
  },
  {
    name: 'the new key in the second file, the old one in the first',
    config: to('plain', 'UserKnownHostsFile ROOM/known_hosts ROOM/known_second'),
    known: (w) => [lineFor(w, 'plain', w.otherKey)],
  },
  {
    name: 'the old key revoked, the new one known',
    config: to('plain'),
    known: (w) => [`@revoked * ${w.otherKey}`, lineFor(w, 'plain')],
  },
  {
    name: 'the new key revoked for this host alone',
    config: to('plain'),
    known: (w) => [lineFor(w, 'plain'), `@revoked [127.0.0.1]:${w.ports.plain} ${w.hostKey}`],
    ends: 'host-key',
  },
  {
    name: 'a key that is revoked for another host',
    config: to('plain'),
    known: (w) => [`@revoked elsewhere ${w.hostKey}`, lineFor(w, 'plain')],
  },
  {
    name: 'RevokedHostKeys names another key',
    config: (w) => to('plain', `RevokedHostKeys ${w.room}/id_stranger.pub`)(w),
  },
  {
    name: 'one type has changed, the other is as it was',
    config: to('plain'),
    known: (w) => [lineFor(w, 'plain', w.otherKey), lineFor(w, 'plain', w.hostRsaKey)],
    ends: 'host-key',
  },
  {
    name: 'one type has changed, and HostKeyAlgorithms asks for the other',
    config: to('plain', 'HostKeyAlgorithms rsa-sha2-256,rsa-sha2-512'),
    known: (w) => [lineFor(w, 'plain', w.otherKey), lineFor(w, 'plain', w.hostRsaKey)],
  },
  {
    name: 'a type is known that the host no longer has',
    config: to('plain'),
    known: (w) => [lineFor(w, 'plain', w.ecdsaKey)],
    ends: 'host-key',
  },
  {
    name: 'a type that the host no longer has, beside one that it has',
    config: to('plain'),
    known: (w) => [lineFor(w, 'plain', w.ecdsaKey), lineFor(w, 'plain')],
  },
  {
    name: 'accept-new, and a type that the host no longer has',
    config: to('plain', 'StrictHostKeyChecking accept-new'),
    known: (w) => [lineFor(w, 'plain', w.ecdsaKey)],
    ends: 'host-key',
  },
  {
    name: 'accept-new, and the key of another type is known',
    config: to('plain', 'StrictHostKeyChecking accept-new'),
    known: (w) => [lineFor(w, 'plain', w.hostRsaKey)],
  },
  {
    name: 'UpdateHostKeys yes, and a key that the host announces is new',
    ...announced(),
    known: (w) => [`# ours`, lineFor(w, 'plain', w.hostRsaKey), 'broken line', `elsewhere ${w.otherKey}`],
  },
  {
    name: 'UpdateHostKeys yes, and the host no longer has a key',
    ...announced(),
    known: (w) => [lineFor(w, 'plain'), lineFor(w, 'plain', w.otherKey), lineFor(w, 'plain', w.hostRsaKey)],
  },
  {
    name: 'UpdateHostKeys yes, and the key that is gone stands under another name',
    ...announced(),
    known: (w) => [lineFor(w, 'plain'), lineFor(w, 'plain', w.otherKey), `elsewhere ${w.otherKey}`],
  },
  {
    name: 'UpdateHostKeys yes, and the new key stands under another name',
    ...announced(),
    known: (w) => [lineFor(w, 'plain'), `elsewhere ${w.hostRsaKey}`],
  },
  {
    name: 'UpdateHostKeys yes, and the name is a pattern',
    ...announced(),
    known: (w) => [`[127.0.0.*]:${w.ports.plain} ${w.hostKey}`],
  },
  {
    name: 'UpdateHostKeys yes, and two names on one line',
    ...announced(),
    known: (w) => [`name,[127.0.0.1]:${w.ports.plain} ${w.hostKey}`],
  },
  {
    name: 'UpdateHostKeys yes, and three names on one line',
    ...announced(),
    known: (w) => [`one,two,[127.0.0.1]:${w.ports.plain} ${w.hostKey}`],
  },
  {
    name: 'UpdateHostKeys yes, beside a key that is revoked',
    ...announced(),
    known: (w) => [lineFor(w, 'plain'), `@revoked [127.0.0.1]:${w.ports.plain} ${w.otherKey}`],
  },
  {
    name: 'UpdateHostKeys yes, and the key stands in the second file',
    ...announced('UserKnownHostsFile ROOM/known_hosts ROOM/known_second'),
    known: () => ['# empty'],
  },
  {
    name: 'UpdateHostKeys yes, and the key stands in a file of the system',
    ...announced('GlobalKnownHostsFile ROOM/known_second'),
    known: () => ['# empty'],
  },
  {
    name: 'UpdateHostKeys yes, and the key is new',
    ...announced('StrictHostKeyChecking accept-new'),
    known: () => ['# empty'],
  },
  {
    name: 'UpdateHostKeys yes, and HostKeyAlgorithms leaves a type out',
    ...announced('HostKeyAlgorithms ssh-ed25519'),
    known: (w) => [lineFor(w, 'plain'), lineFor(w, 'plain', w.otherKey)],
  },
  { name: 'UpdateHostKeys yes, and an alias', ...announced('HostKeyAlias Name'), known: (w) => [`name ${w.hostKey}`] },
  { name: 'UpdateHostKeys no', ...announced('UpdateHostKeys no') },
  { name: 'UpdateHostKeys ask', ...announced('UpdateHostKeys ask') },
  { name: 'UpdateHostKeys where UserKnownHostsFile is set', config: to('plain'), comparesKnown: true },
  {
    name: 'the key of the name is right, and CheckHostIP finds another for the address',
    config: (w) => to('plain', 'HostKeyAlias name', 'CheckHostIP yes')(w),
    known: (w) => [`name ${w.hostKey}`, lineFor(w, 'plain', w.otherKey)],
  },
  {
    name: 'a certified host whose key has changed, and whose authority is known',
    config: to('certified', 'HostKeyAlias certified'),
    at: 'certified',
    known: (w) => [`certified ${w.otherKey}`, `@cert-authority * ${w.authority}`],
  },
  {
    name: 'a revoked authority',
    config: to('certified', 'HostKeyAlias certified'),
    known: (w) => [`@cert-authority * ${w.authority}`, `@revoked * ${w.authority}`],
    ends: 'host-key',
  },
  {
    name: 'an authority for other hosts',
    config: to('certified', 'HostKeyAlias certified'),
    known: (w) => [`@cert-authority *.example.com ${w.authority}`],
    ends: 'host-key',
  },
  {
    name: 'a pattern that leaves the host out',
    config: to('plain', 'HostKeyAlias web-1'),
    known: (w) => [`web-*,!web-1 ${w.hostKey}`],
    ends: 'host-key',
  },
  {
    name: 'a pattern that names the host, with the old key under the very name',
    config: to('plain', 'HostKeyAlias web-1'),
    known: (w) => [`web-1 ${w.otherKey}`, `web-* ${w.hostKey}`],
  },
  {
    name: 'the bastion has a new key beside the old one',
    config: (w) => [...to('plain', 'ProxyJump jump')(w), ...hop(w, 'jump', 'bastion')],
    known: (w) => [lineFor(w, 'plain'), lineFor(w, 'bastion', w.otherKey), lineFor(w, 'bastion')],
  },
  {
    name: "the bastion's key is revoked",
    config: (w) => [...to('plain', 'ProxyJump jump')(w), ...hop(w, 'jump', 'bastion')],
    known: (w) => [lineFor(w, 'plain'), lineFor(w, 'bastion'), `@revoked [127.0.0.1]:${w.ports.bastion} ${w.hostKey}`],
    ends: 'host-key',
  },
]
