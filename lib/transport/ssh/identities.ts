import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { thisAccount } from '../../machine/account.ts'
import { processState } from '../../process-state.ts'
import { keysOfAgent, type AgentKey } from '../keys/agent.ts'
import { readKeyFile, type KeyFile } from '../keys/private-key.ts'
import type { SshTarget } from './target.ts'

/** A private key to try. */
export type Identity =
  | { readonly type: 'agent'; readonly key: AgentKey }
  | { readonly type: 'file'; readonly path: string; readonly text: string; readonly isEncrypted: boolean }

/** All keys to try for a host. */
export interface Identities {
  /** In the order of ssh(1): agent keys that a file names, other agent keys, key files. */
  readonly usable: readonly Identity[]
  /** Why a named file cannot be used. */
  readonly unusable: readonly { readonly path: string; readonly why: string }[]
  /** Keys on security keys, which only the program `ssh` can use. */
  readonly onlyProgram: readonly string[]
  /** Certificates in files and in the agent, which ssh2 cannot offer. */
  readonly certificates: readonly string[]
  readonly hasDeadAgent: boolean
}

/** Source: ssh_config(5), IdentityFile. */
const USUAL = ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk', 'id_xmss', 'id_dsa']

/** Finds the keys in the agent and in the files of the settings. Decrypts none yet. */
export async function findIdentities({ settings }: SshTarget): Promise<Identities> {
  const { agent, identitiesOnly, identityFiles, certificateFiles } = settings
  const isNamed = identityFiles !== undefined
  const paths = [...new Set(identityFiles ?? USUAL.map((name) => join(thisAccount().home, '.ssh', name)))]
  const [held, files] = await Promise.all([
    agent === undefined ? undefined : keysOfAgent(agent),
    Promise.all(paths.map(async (path) => ({ path, file: await keyFile(path) }))),
  ])
  const keys = held ?? []
  const plain = keys.filter(({ type }) => !isCertificate(type) && !type.startsWith('sk-'))
  const named = files.flatMap(({ file }) => ('public' in file && file.public !== undefined ? [file.public] : []))
  const isIn = (list: readonly AgentKey[], blob: Buffer | undefined) =>
    list.find((key) => blob !== undefined && key.blob.equals(blob))
  const first = named.flatMap((blob) => isIn(plain, blob) ?? [])
  const others = identitiesOnly ? [] : plain.filter((key) => !first.includes(key))
  return {
    usable: [
      ...[...first, ...others].map((key) => ({ type: 'agent' as const, key })),
      ...files.flatMap(({ path, file }) =>
        file.type === 'private' && isIn(plain, file.public) === undefined
          ? [{ type: 'file' as const, path, text: file.text, isEncrypted: file.isEncrypted }]
          : [],
      ),
    ],
    unusable: files.flatMap(({ path, file }) => {
      if (file.type === 'unusable') return [{ path, why: file.why }]
      if (file.type === 'absent') return isNamed ? [{ path, why: 'no such file' }] : []
      const isPublicAlone = file.type === 'public' && isIn(keys, file.public) === undefined
      return isPublicAlone ? [{ path, why: 'a public key, and no agent holds the private one' }] : []
    }),
    onlyProgram: [
      ...files.flatMap(({ path, file }) => (file.type === 'security-key' ? [path] : [])),
      ...keys.flatMap(({ type, blob }) =>
        type.startsWith('sk-') && (!identitiesOnly || named.some((each) => each.equals(blob)))
          ? ['a security key in the agent']
          : [],
      ),
    ],
    certificates: [
      ...certificateFiles.filter((path) => existsSync(path)),
      ...files.flatMap(({ path, file }) =>
        file.type !== 'absent' && existsSync(`${path}-cert.pub`) ? [`${path}-cert.pub`] : [],
      ),
      ...keys.flatMap(({ type }) => (isCertificate(type) ? ['a certificate in the agent'] : [])),
    ],
    hasDeadAgent: agent !== undefined && held === undefined,
  }
}

/** Milliseconds for which a file's content is cached, because hosts that connect at the same time share keys. */
const FRESH_MS = 5000
const keyFiles = processState(() => new Map<string, { readonly at: number; readonly file: Promise<KeyFile> }>())

function keyFile(path: string): Promise<KeyFile> {
  const read = keyFiles()
  const before = read.get(path)
  if (before !== undefined && Date.now() - before.at < FRESH_MS) return before.file
  const file = readKeyFile(path)
  read.set(path, { at: Date.now(), file })
  return file
}

function isCertificate(type: string): boolean {
  return type.includes('-cert-v')
}
