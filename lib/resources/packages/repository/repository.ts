import type { Facts } from '../../../facts.ts'
import { CallSite } from '../../../place.ts'
import { lines, sh, type Sh } from '../../../sh/quote.ts'
import { absent } from '../../files/absent.ts'
import { downloadKey } from '../../downloads/download.ts'
import { file } from '../../files/file.ts'
import { ofRoot } from '../../files/generated-file.ts'
import { keyText } from './key-text.ts'
import type { Evaluation, Plan, Reply, Resource } from '../../kit/kind.ts'
import { made } from '../../kit/role-watch.ts'
import { readRepository } from './repository-options.ts'
import { readBesideOthers } from './apt-sources.ts'
import { aptSource, yumSource } from './repository-text.ts'
import type { YumRepository, RepositoryOptions } from './repository-types.ts'
import type { RepositoryKey } from './repository-types.ts'

export type { RepositoryKey } from './repository-types.ts'

export type { AptRepository, YumRepository, RepositoryOptions } from './repository-types.ts'

/**
 * A place that packages come from, with the key that it is signed with.
 *
 * The host's package manager decides what is written. apt: `/etc/apt/sources.list.d/NAME.sources` and `/etc/apt/keyrings/NAME.asc`. dnf and
 * yum: `/etc/yum.repos.d/NAME.repo` and `/etc/pki/rpm-gpg/RPM-GPG-KEY-NAME`. The key comes first, so that there is never a source whose
 * key is missing. The key may be armoured or binary, with any line ends and in several blocks: it is stored as one armoured block, which apt and
 * dnf both read. A later `pkg` fetches the lists again, and in check mode refuses no name that only this source may have.
 *
 * @example
 * repository('docker', {
 *   apt: {
 *     uris: 'https://download.docker.com/linux/debian', suites: 'bookworm', components: 'stable',
 *     key: { source: 'https://download.docker.com/linux/debian/gpg', sha256: '1500c1f56fa9e26b9b8f42452a553675796ade0807cdce11975eb98170b3a570' },
 *   },
 *   yum: { baseurl: 'https://download.docker.com/linux/centos/$releasever/$basearch/stable', gpgkey: armour },
 * })
 * repository('old', { state: 'absent' })
 *
 * Refused: before any host is touched, a source without a key that does not say so, and a key that is none, is damaged or private; on a host, a package manager that
 * nothing is said for, a source that another file of apt names with another key, because apt then reads none any more, and what `file` and `download` refuse (no directory for the key: apt before 2.4 has no /etc/apt/keyrings).
 * Failed: what is fetched has another checksum, or holds no public key; nothing is stored then.
 *
 * Source: sources.list(5), apt-secure(8), RFC 4880; dnf.conf(5), yum.conf(5).
 */
export function repository(name: string, options: RepositoryOptions): Resource {
  const { id, options: want } = readRepository(name, options)
  const parts = (facts: Facts) => partsOf(name, want, facts)
  return made({
    kind: 'repository',
    name,
    want,
    id,
    madeAt: new CallSite(repository),
    declarations: () => [[id, options]],
    paths: [sourcePath(name, 'apt'), sourcePath(name, 'yum')],
    statPaths: [],
    parallelProbe: false,
    access: [],
    probe: (facts) => probeAll(parts(facts), facts),
    evaluate(reply, facts, prediction) {
      if (parts(facts).length === 0) return unsupported(name, facts)
      const answers = readAll(reply)
      const evaluation = parts(facts).map((part, index) =>
        part.evaluate(answers[index] ?? asReply(''), facts, prediction),
      )
      return together(evaluation)
    },
  })
}

/** The files that make it up, in the order in which they are made or removed. */
function partsOf(
  name: string,
  { apt, yum, state = 'present', deadline }: RepositoryOptions,
  { packageManager }: Facts,
): Resource[] {
  if (packageManager === 'none') return []
  const manager = packageManager === 'apt' ? 'apt' : 'yum'
  const [source, key] = [sourcePath(name, manager), keyPath(name, manager)]
  if (state === 'absent') return [absent(source), absent(key)]
  if (manager === 'apt')
    return apt === undefined
      ? []
      : [
          ...keyFile(key, apt.key, deadline),
          file(source, {
            ...readable,
            content: aptSource(apt, apt.key && key),
            validate: readBesideOthers(`${name}.sources`),
          }),
        ]
  return yum === undefined
    ? []
    : [
        ...keyFile(key, keyOfHost(yum.gpgkey), deadline),
        file(source, { ...readable, content: yumSource(name, yum, key) }),
      ]
}

const readable = { ...ofRoot, mode: '0644' }

function keyFile(path: string, key: RepositoryKey | undefined, deadline: number | undefined): Resource[] {
  if (key === undefined) return []
  if (typeof key !== 'string' && !(key instanceof Uint8Array))
    return [downloadKey(path, { ...readable, ...key, ...(deadline === undefined ? {} : { deadline }) })]
  const read = keyText(key)
  return 'text' in read ? [file(path, { ...readable, content: read.text })] : []
}

/** A key that is put on the host; what dnf fetches itself is none. */
function keyOfHost(gpgkey: YumRepository['gpgkey']): RepositoryKey | undefined {
  if (typeof gpgkey !== 'object' || gpgkey instanceof Uint8Array) return gpgkey
  const { source, sha256 } = gpgkey
  return sha256 === undefined ? undefined : { source, sha256 }
}

function sourcePath(name: string, manager: 'apt' | 'yum'): string {
  return manager === 'apt' ? `/etc/apt/sources.list.d/${name}.sources` : `/etc/yum.repos.d/${name}.repo`
}

function keyPath(name: string, manager: 'apt' | 'yum'): string {
  return manager === 'apt' ? `/etc/apt/keyrings/${name}.asc` : `/etc/pki/rpm-gpg/RPM-GPG-KEY-${name}`
}

/** The answers hold contents of files; in base64 none of them can be taken for the end of another. */
function probeAll(parts: readonly Resource[], facts: Facts): Sh {
  return lines(...parts.map((part) => sh`( ${part.probe(facts)}\n) | base64; echo .`), sh`:`)
}

function readAll(reply: Reply): Reply[] {
  const answers = reply.text.split(/^\.\n/m).slice(0, -1)
  return answers.map((text) => asReply(Buffer.from(text, 'base64').toString('latin1')))
}

function asReply(latin1: string): Reply {
  const bytes = Buffer.from(latin1, 'latin1')
  const text = bytes.toString('utf8')
  return { code: 0, bytes, text, lines: text === '' ? [] : text.replace(/\n$/, '').split('\n') }
}

function together(all: readonly Evaluation[]): Evaluation {
  const stopped = all.find((each) => each.type !== 'planned')
  if (stopped !== undefined) return stopped
  const plans = all.flatMap((each) => (each.type === 'planned' ? [each] : []))
  const validation = plans.map((each) => each.plan.validation).find((each) => each !== undefined)
  const plan: Plan = {
    ...(validation === undefined ? {} : { validation }),
    steps: plans.flatMap(({ plan: { steps } }) => steps),
    changes: plans.flatMap(({ plan: { changes = [] } }) => changes),
  }
  return {
    type: 'planned',
    plan,
    effects: plans.flatMap(({ effects }) => effects),
    dependsOn: [...new Set(plans.flatMap(({ dependsOn }) => dependsOn))],
    mustConfirm: [...new Set(plans.flatMap(({ mustConfirm }) => mustConfirm))],
  }
}

function unsupported(name: string, { os, packageManager }: Facts): Evaluation {
  if (packageManager === 'none')
    return {
      type: 'refused',
      refused: `the package sources of ${os.name} cannot be managed: it has none of apt, dnf and yum`,
    }
  const word = packageManager === 'apt' ? 'apt' : 'yum'
  return {
    type: 'refused',
    refused: `repository ${name} has no source for ${packageManager}`,
    hint: `give it ${word}: { ... }`,
  }
}
