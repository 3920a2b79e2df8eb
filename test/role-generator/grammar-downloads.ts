import { createHash } from 'node:crypto'
import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import { SAMPLES, type Sample } from './sample-archives.ts'
import { textOf } from './sample-server.ts'
import type { Data, ResourceSpec } from './spec.ts'

/** Where archives are on a host. */
const PACKS = '/srv/packs'
const TEXTS = ['tool', 'h.json', 'it.conf']

/** An archive in a directory of its own, and perhaps what brings it. Its server is found by hosts that share this machine's network alone. */
export function archive(random: Random, uses: PlaceUses, path: string): ResourceSpec[] | undefined {
  const use = uses.at(path)
  if (use?.args !== undefined && use.kind === 'archive') return [{ make: 'archive', args: use.args }]
  if (use !== undefined || !uses.isBare(path)) return undefined
  const chance = random.next()
  const how = chance < 0.3 ? 'fetched' : chance < 0.5 ? 'brought' : 'local'
  const all = how === 'local' ? SAMPLES : SAMPLES.filter(({ isWhole }) => isWhole)
  const sample = random.pick(all)
  const at = `${PACKS}/${sample.name}`
  const before = how === 'brought' ? bring(random, uses, sample, at) : undefined
  if (how === 'brought' && before === undefined) return undefined
  // What is wrong with an archive that comes over the network is known to nobody beforehand.
  const strip = how === 'local' ? random.between(0, 2) : random.between(0, sample.levels)
  const isWrong = how === 'local' && random.next() < 0.12
  const digits = isWrong ? sample.sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) : sample.sha256
  const from = { $url: `/${sample.name}` }
  const options: Data = {
    source: how === 'fetched' ? from : at,
    sha256: how === 'fetched' && random.next() < 0.4 ? { source: { $url: '/SHA256SUMS' } } : digits,
    ...(strip === 0 ? {} : { strip }),
    ...uses.attributes(true),
  }
  const args = [path, options]
  uses.set(path, { type: 'own', kind: 'archive', attributes: {}, args })
  return [...(before === undefined ? [] : [before]), { make: 'archive', args }]
}

function bring(random: Random, uses: PlaceUses, { name, sha256 }: Sample, at: string): ResourceSpec | undefined {
  const known = uses.at(at)
  if (known !== undefined) return known.args === undefined ? undefined : { make: known.kind, args: known.args }
  const args: Data[] = [
    at,
    { source: { $url: `/${name}` }, sha256: random.next() < 0.7 ? sha256 : { source: { $url: '/SHA256SUMS' } } },
  ]
  uses.set(at, { type: 'own', kind: 'download', attributes: {}, args })
  return { make: 'download', args }
}

export function download(random: Random, uses: PlaceUses, path: string): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use?.args !== undefined && use.kind === 'download') return { make: 'download', args: use.args }
  if (use !== undefined || !uses.isBare(path)) return undefined
  const name = random.pick(TEXTS)
  const sample = random.pick(SAMPLES)
  const isPublished = random.next() < 0.3
  const options: Data = {
    source: { $url: isPublished ? `/${sample.name}` : `/${name}` },
    sha256: isPublished ? { source: { $url: '/SHA256SUMS' } } : createHash('sha256').update(textOf(name)).digest('hex'),
    ...uses.attributes(false),
  }
  const args = [path, options]
  uses.set(path, { type: 'own', kind: 'download', attributes: {}, args })
  return { make: 'download', args }
}

/** Archives and texts of the server that a host has already. */
export function downloadLine(random: Random): string {
  const { name, bytes } = random.pick(SAMPLES)
  const text = random.pick(TEXTS)
  return random.pick([
    `mkdir -p ${PACKS}; echo ${bytes.toString('base64')} | base64 -d >${PACKS}/${name}`,
    `mkdir -p ${PACKS}; echo ${bytes.toString('base64')} | base64 -d >${PACKS}/${name}`,
    `mkdir -p ${PACKS}; echo ${bytes.toString('base64')} | base64 -d >${PACKS}/${name}`,
    `printf '${textOf(text).replaceAll('\n', '\\n')}' >/srv/w/a/${text}`,
    `mkdir -p ${PACKS}; ln -s ../w/a/f ${PACKS}/${name}`,
    `mkdir -p /srv/w/new; echo x >/srv/w/new/x`,
  ])
}
