import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { baseRoot, ensureBase } from '../../lib/lab/bases/base.ts'
import { cacheDirectory } from '../../lib/lab/machine/files.ts'
import { buildLanguagePackages, nodeOfThisMachine } from './language-packages.ts'
import { buildPackages, buildRepository } from './local-packages.ts'
import { run } from '../../lib/lab/machine/run.ts'

/** Tools that the kinds and the states of the start need, and that the base of the lab does not have. No other source of packages is left. */
const RECIPE = `
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -y --no-install-recommends install curl acl unzip busybox-static git cron logrotate python3-venv ruby
apt-get -q clean
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*
${buildPackages()}
${buildRepository()}
${buildLanguagePackages()}
`

/**
 * Servers of databases. They listen at a socket alone, for hosts share the network of this machine, and their logs are small, for a host copies what it
 * writes to.
 */
const DATABASES = `
export DEBIAN_FRONTEND=noninteractive
mkdir -p /etc/mysql/mariadb.conf.d /etc/postgresql-common
printf '[mariadbd]\\ninnodb_log_file_size=4M\\ninnodb_buffer_pool_size=16M\\ninnodb_flush_log_at_trx_commit=0\\nskip-networking\\n' >/etc/mysql/mariadb.conf.d/99-trial.cnf
printf 'create_main_cluster = false\\n' >/etc/postgresql-common/createcluster.conf
apt-get -q update
apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold install mariadb-server mariadb-client postgresql
apt-get -q clean
v=$(ls /usr/lib/postgresql); pg_createcluster "$v" main -- --wal-segsize=1
printf "listen_addresses = ''\\nfsync = off\\nshared_buffers = 16MB\\n" >>"/etc/postgresql/$v/main/postgresql.conf"
find /etc/apt/sources.list.d -name '*.sources' -delete
apt-get -q update
`

/** Directories that make up the root of a light host, the uppermost first. */
export interface Layers {
  /** Tools, and the base of the lab. */
  readonly plain: readonly string[]
  /** The same with servers of databases. Few roles need it, so it is made for the first one that does. */
  readonly databases: () => Promise<readonly string[]>
}

/** The layers of light hosts. They are made where the cache has none. */
export async function layers(): Promise<Layers> {
  const cache = cacheDirectory(process.env, homedir())
  const base = await ensureBase(cache, 'debian', () => undefined)
  const root = join(cache, baseRoot(base))
  const node = nodeOfThisMachine()
  const layer = async (lower: readonly string[], recipe: string, before: string, version = '') => {
    const digest = createHash('sha256')
      .update(recipe + version)
      .digest('hex')
      .slice(0, 12)
    const made = join(cache, 'trial', `${base.fingerprint}-${digest}`)
    if (!existsSync(made)) await build(lower, made, before, recipe)
    return [made, ...lower]
  }
  const copy = node === undefined ? ':' : copied(node)
  const plain = await layer([root], RECIPE, copy, node === undefined ? '' : process.version)
  let withDatabases: Promise<readonly string[]> | undefined
  const sources = `cp ${quoted(root)}/etc/apt/sources.list.d/*.sources merged/etc/apt/sources.list.d/`
  return { plain, databases: () => (withDatabases ??= layer(plain, DATABASES, sources)) }
}

async function build(lower: readonly string[], made: string, before: string, recipe: string): Promise<void> {
  mkdirSync(join(made, '..'), { recursive: true })
  const room = mkdtempSync(`${made}.building-`)
  const script = `set -e; cd ${room}; mkdir upper work merged; chmod 755 upper
mount -t overlay overlay -o lowerdir=${lower.join(':')},upperdir=upper,workdir=work merged
mount -t proc proc merged/proc; mount --rbind /dev merged/dev
cat /etc/resolv.conf >merged/etc/resolv.conf; printf 'exit 101\\n' >merged/usr/sbin/policy-rc.d; chmod 755 merged/usr/sbin/policy-rc.d
${before}
chroot merged /bin/sh -ec ${quoted(recipe)}`
  try {
    await run('unshare', ['--mount', '/bin/sh', '-c', script])
    renameSync(join(room, 'upper'), made)
  } finally {
    rmSync(room, { recursive: true, force: true })
  }
}

/** Node and its npm, where those who install programs by hand put them. */
function copied({ node, npm }: NonNullable<ReturnType<typeof nodeOfThisMachine>>): string {
  return `mkdir -p merged/usr/local/lib/node_modules; cp ${quoted(node)} merged/usr/local/bin/node
cp -r ${quoted(npm)} merged/usr/local/lib/node_modules/npm; ln -s ../lib/node_modules/npm/bin/npm-cli.js merged/usr/local/bin/npm`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
