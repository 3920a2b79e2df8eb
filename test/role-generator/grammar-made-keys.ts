import { posix } from 'node:path'
import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import type { Data, ResourceSpec } from './spec.ts'

/** A private key and what is made of that: all named after the key, so that a role has them together. */
export function madeKey(random: Random, uses: PlaceUses, somewhere: string): ResourceSpec[] | undefined {
  const dir = posix.dirname(somewhere)
  if (!uses.holdsAbove(somewhere)) return undefined
  const chance = random.next()
  if (chance < 0.3) {
    const pair = `${dir}/id`
    const made = once(uses, 'sshKeyPair', pair, {
      ...(random.next() < 0.2 ? { owner: 'daemon' } : {}),
      ...(random.next() < 0.3 ? { comment: 'trial' } : {}),
    })
    return made === undefined ? undefined : [{ ...made, touches: [pair, `${pair}.pub`] }]
  }
  const key = `${dir}/tls.key`
  const type = random.pick(['ec', 'ec', 'ed25519'])
  const first = once(uses, 'privateKey', key, {
    ...(type === 'ec' ? {} : { type }),
    ...(random.next() < 0.2 ? { mode: '0640', group: 'daemon' } : {}),
  })
  if (first === undefined) return undefined
  if (chance < 0.5) return [first]
  const make = chance < 0.85 ? 'certificate' : 'certificateRequest'
  const path = make === 'certificate' ? `${dir}/tls.pem` : `${dir}/tls.csr`
  const second = once(uses, make, path, {
    key,
    commonName: 'trial.example.com',
    ...(random.next() < 0.3 ? { names: ['trial.example.com', '10.0.0.5'] } : {}),
  })
  if (second === undefined) return undefined
  return random.next() < 0.85 ? [first, second] : [second]
}

function once(
  uses: PlaceUses,
  make: string,
  path: string,
  options: { readonly [name: string]: Data },
): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use?.args !== undefined && use.kind === make) return { make, args: use.args }
  if (use !== undefined || !uses.mayHold(path)) return undefined
  const args = [path, options]
  uses.set(path, { type: 'file', kind: make, attributes: {}, args })
  return { make, args }
}

/** Keys and certificates that are there already. */
export function madeKeyLine(random: Random, somewhere: string): string {
  const dir = posix.dirname(somewhere)
  const key = `mkdir -p ${dir}; openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ${dir}/tls.key`
  return random.pick([
    key,
    `${key}; openssl req -x509 -key ${dir}/tls.key -subj /CN=other -days 300 -out ${dir}/tls.pem`,
    `mkdir -p ${dir}; openssl genpkey -algorithm ED25519 -out ${dir}/tls.key; chmod 600 ${dir}/tls.key`,
    `mkdir -p ${dir}; echo none >${dir}/tls.key`,
    `mkdir -p ${dir}; ssh-keygen -q -t ed25519 -N '' -f ${dir}/id; rm -f ${dir}/id.pub`,
    `mkdir -p ${dir}; echo none >${dir}/id`,
  ])
}
