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

/** The layers of a light host's root, the uppermost first: tools and the base of the lab. Both are made where the cache has none. */
export async function layers(): Promise<readonly string[]> {
  const cache = cacheDirectory(process.env, homedir())
  const base = await ensureBase(cache, 'debian', () => undefined)
  const root = join(cache, baseRoot(base))
  const node = nodeOfThisMachine()
  const recipe = createHash('sha256')
    .update(RECIPE + (node === undefined ? '' : process.version))
    .digest('hex')
    .slice(0, 12)
  const made = join(cache, 'trial', `${base.fingerprint}-${recipe}`)
  if (!existsSync(made)) await build(root, made, node)
  return [made, root]
}

async function build(root: string, made: string, node: ReturnType<typeof nodeOfThisMachine>): Promise<void> {
  mkdirSync(join(made, '..'), { recursive: true })
  const room = mkdtempSync(`${made}.building-`)
  const script = `set -e; cd ${room}; mkdir upper work merged; chmod 755 upper
mount -t overlay overlay -o lowerdir=${root},upperdir=upper,workdir=work merged
mount -t proc proc merged/proc; mount --rbind /dev merged/dev
cat /etc/resolv.conf >merged/etc/resolv.conf; printf 'exit 101\\n' >merged/usr/sbin/policy-rc.d; chmod 755 merged/usr/sbin/policy-rc.d
chroot merged /bin/sh -ec ${quoted(RECIPE)}
${node === undefined ? ':' : copied(node)}`
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
