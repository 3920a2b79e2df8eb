import { exec, file, secret, sh, z, type ReachedHost, type Resource, type Secret } from 'rolecall'
import { CONF } from './control-plane-options.ts'

/** How API servers write Secrets to etcd, and what they can read. The same on all of them, but for moments of change. */
export const ENCRYPTION = `${CONF}/encryption.json`

/** All keys of Secrets, on the authority's host: a line for each, its name and 32 bytes in base64. */
export const keysFile = (ca: string): string => `${ca}/kubernetes-secrets.keys`

/** `NAME BASE64`, as in the file of keys, or the way to write without encryption. */
type Provider = string
const PLAIN: Provider = 'identity'

const Config = z.object({
  resources: z.tuple([
    z.object({
      providers: z.array(
        z.union([
          z.object({ secretbox: z.object({ keys: z.array(z.object({ name: z.string(), secret: z.string() })) }) }),
          z.object({ identity: z.object({}) }),
        ]),
      ),
    }),
  ]),
})

/** What an API server with this configuration knows, in its order: it writes by the first. Without one, or with one that nobody can read, it writes plainly. */
export function providersIn(config: string | undefined): readonly Provider[] {
  try {
    const [{ providers }] = Config.parse(JSON.parse(config ?? '')).resources
    return providers.flatMap((each) =>
      'identity' in each ? [PLAIN] : each.secretbox.keys.map(({ name, secret: key }) => `${name} ${key}`),
    )
  } catch {
    return [PLAIN]
  }
}

/** Keys of a file of keys. */
export const keysIn = (text: string): readonly Provider[] => text.split('\n').filter((line) => /^\S+ \S+$/.test(line))

/**
 * What an API server is to know, in its order. It writes by a key that is new only when all others can read what it writes; until then as it does now.
 *
 * @param keys all that there are
 * @param wanted the name of the key to write by; undefined to write plainly
 * @param own what this API server knows now
 * @param others what each other one knows; undefined for one that has never run
 */
export function providersOf(
  keys: readonly Provider[],
  wanted: string | undefined,
  own: readonly Provider[],
  others: readonly (readonly Provider[] | undefined)[],
): readonly Provider[] {
  const by = keys.find((key) => key.startsWith(`${wanted ?? ''} `)) ?? PLAIN
  const running = others.filter((other) => other !== undefined)
  const isKnown = (provider: Provider) => running.every((other) => other.includes(provider))
  const writers = [own, ...running].flatMap(([first]) => first ?? [])
  const first = isKnown(by) || own[0] === by ? by : (writers.find((each) => each !== PLAIN && isKnown(each)) ?? PLAIN)
  return [...new Set([first, by, ...keys, ...writers, PLAIN])]
}

/**
 * The configuration of an API server. All keys are of one provider: of two with the same prefix only the first is asked.
 *
 * Source: kubernetes.io, "Encrypting Confidential Data at Rest".
 */
export function encryptionConfig(providers: readonly Provider[]): Secret {
  const keys = providers
    .filter((each) => each !== PLAIN)
    .map((each) => each.split(' '))
    .map(([name = '', key = '']) => ({ name, secret: key }))
  const [encrypted, plain] = [{ secretbox: { keys } }, { identity: {} }]
  const config = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [
      { resources: ['secrets'], providers: providers[0] === PLAIN ? [plain, encrypted] : [encrypted, plain] },
    ],
  }
  return secret(`${JSON.stringify(config, null, 2)}\n`)
}

/** A key that is made on the authority's host, once. */
function keyMade(ca: string, name: string): Resource {
  const at = keysFile(ca)
  return exec(`key ${name} of Secrets`, {
    run: sh`set -e; umask 077; { cat ${at} 2>/dev/null || :; printf '%s %s\\n' ${name} "$(head -c 32 /dev/urandom | base64)"; } >${`${at}.new`}; sync ${`${at}.new`}; mv ${`${at}.new`} ${at}`,
    creates: at,
    unless: sh`grep -q ${`^${name} `} ${at}`,
    effects: [],
  })
}

export interface EncryptionSettings {
  readonly encryptSecrets: boolean
  readonly secretsKey: string
  readonly options: { readonly 'kube-apiserver': readonly string[] }
}

/** Whether a person has named a configuration of encryption. */
export const hasOwnConfig = (options: EncryptionSettings['options']): boolean =>
  options['kube-apiserver'].some((option) => option.startsWith('--encryption-provider-config'))

/** Stands for a configuration that is pending: the API server behind it will know every key. */
const PENDING = 'pending'
const UNIT = '/etc/systemd/system/kube-apiserver.service'

type Reading = Pick<ReachedHost, 'read'>

/** What a host's API server knows; undefined for one that has never run. */
async function knownTo({ read }: Reading): Promise<readonly Provider[] | undefined> {
  const config = await read(ENCRYPTION, { whilePending: PENDING })
  if (config === PENDING || (config === undefined && (await read(UNIT)) === undefined)) return undefined
  return providersIn(config)
}

/**
 * The configuration of a host's API server, with the keys that all of them share. None where nothing has ever been encrypted, and where the options of the API
 * server name a configuration of a person's own.
 */
export async function secretsEncryption(
  self: Reading,
  others: readonly Reading[],
  authority: Pick<ReachedHost, 'ensure' | 'read'>,
  ca: string,
  { encryptSecrets, secretsKey, options }: EncryptionSettings,
): Promise<readonly Resource[]> {
  if (hasOwnConfig(options)) return []
  // One host may be both of the latter: what is read there is one round trip.
  const [own, found, ...theirs] = await Promise.all([knownTo(self), readKeys(authority, ca), ...others.map(knownTo)])
  const keys = await keysOf(authority, ca, found, [own, ...theirs], encryptSecrets ? secretsKey : undefined)
  if (keys.length === 0) return []
  const providers = providersOf(keys, encryptSecrets ? secretsKey : undefined, own ?? [PLAIN], theirs)
  return [file(ENCRYPTION, { content: encryptionConfig(providers), mode: '0600', owner: 'root', group: 'root' })]
}

/** The keys of the authority's host; undefined where they are pending. */
async function readKeys(authority: Reading, ca: string): Promise<readonly Provider[] | undefined> {
  const text = (await authority.read(keysFile(ca), { whilePending: PENDING })) ?? ''
  return text === PENDING ? undefined : keysIn(text)
}

/** All keys, after the wanted one has been made, and those that the authority's host has lost are there again. */
async function keysOf(
  authority: Pick<ReachedHost, 'ensure' | 'read'>,
  ca: string,
  found: readonly Provider[] | undefined,
  known: readonly (readonly Provider[] | undefined)[],
  wanted: string | undefined,
): Promise<readonly Provider[]> {
  const isMade = (keys: readonly Provider[]) => wanted === undefined || keys.some((key) => key.startsWith(`${wanted} `))
  const inUse = [...new Set(known.flatMap((providers = []) => providers))].filter((each) => each !== PLAIN)
  const whilePending = isMade(inUse) ? inUse : [`${wanted ?? ''} ${PENDING}`, ...inUse]
  if (found === undefined) return whilePending
  if (found.length > 0 && isMade(found)) return found
  const kept = found.length > 0 ? found : inUse
  if (kept.length > found.length) {
    const content = secret(kept.map((key) => `${key}\n`).join(''))
    await authority.ensure(file(keysFile(ca), { content, mode: '0600', owner: 'root', group: 'root' }))
  }
  if (wanted === undefined || isMade(kept)) return kept
  await authority.ensure(keyMade(ca, wanted))
  const made = await readKeys(authority, ca)
  return made !== undefined && isMade(made) ? made : whilePending
}
