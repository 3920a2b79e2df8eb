// Hosts: node-04
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { arrives, changes, complaints, onLab, put, reset, rolecall, ssh, sshTried } from '../support/lab.ts'

const node = 'node-04'
const site = ['site', '--role', 'docker', '--limit', node] as const
const VARS = `inventory/host_vars/${node}.yml`

/**
 * A repository as Docker's own is laid out, signed, on a server of the host's own: Docker's cannot be reached from every test machine.
 * Its engine is that of the distribution under Docker's name.
 */
const REPOSITORY = `set -e
export DEBIAN_FRONTEND=noninteractive
{ apt-get -qq update; apt-get -qq -y --no-install-recommends install gnupg apt-utils busybox-static; } >/dev/null 2>&1
rm -rf /srv/linux /root/deb; mkdir -p /srv/linux/debian/pool /root/deb; cd /srv/linux/debian
export GNUPGHOME=/root/signing; rm -rf $GNUPGHOME; mkdir -m 700 $GNUPGHOME
gpg -q --batch --passphrase '' --quick-gen-key 'A test <test@example.org>' rsa2048 sign never 2>/dev/null
gpg -q --armor --export >gpg
(cd /root; apt-get -qq download docker.io 2>/dev/null; dpkg-deb -R docker.io_*.deb deb/docker-ce; rm docker.io_*.deb)
sed -i 's/^Package: .*/Package: docker-ce/; /^Conflicts:/d; /^Breaks:/d; /^Replaces:/d' /root/deb/docker-ce/DEBIAN/control
for name in docker-ce-cli containerd.io; do
mkdir -p /root/deb/$name/DEBIAN
printf '%s\\n' "Package: $name" 'Version: 99.1' 'Architecture: all' 'Maintainer: A test <test@example.org>' 'Description: a sample' >/root/deb/$name/DEBIAN/control
done
for name in docker-ce docker-ce-cli containerd.io; do dpkg-deb -Zgzip -z1 --build /root/deb/$name pool/$name.deb >/dev/null; done
for arch in all $(dpkg --print-architecture); do
mkdir -p dists/bookworm/stable/binary-$arch; apt-ftparchive packages pool >dists/bookworm/stable/binary-$arch/Packages; done
apt-ftparchive -o APT::FTPArchive::Release::Suite=bookworm -o APT::FTPArchive::Release::Components=stable \\
-o APT::FTPArchive::Release::Architectures="all $(dpkg --print-architecture)" release dists/bookworm >Release
mv Release dists/bookworm/; gpg -q --batch --clearsign -o dists/bookworm/InRelease dists/bookworm/Release
systemd-run -q --unit docker-mirror busybox httpd -f -p 127.0.0.1:8099 -h /srv
sha256sum <gpg`

let key = ''

function from(sha256: string): void {
  put(VARS, `docker: { engine: { kind: repository, url: 'http://127.0.0.1:8099/linux', keySha256: '${sha256}' } }\n`)
}

onLab("a key that is not Docker's is not taken, and nothing is installed by it", async () => {
  await reset(node)
  key = (await ssh(node, REPOSITORY)).split(' ')[0] ?? ''
  from(key.replace(/^./, (digit) => (digit === '0' ? '1' : '0')))
  const apply = await rolecall('apply', ...site)
  assert.is(apply.code, 2)
  assert.match(complaints(apply), `got ${key}`)
  assert.is.not((await sshTried(node, 'ls /etc/apt/sources.list.d/docker.sources || command -v dockerd')).code, 0)
})

onLab("the engine comes from a repository of Docker's layout with its key, as check has said", async () => {
  from(key)
  const apply = await arrives(...site)
  for (const resource of ['repository:docker', 'pkg:docker-ce,docker-ce-cli,containerd.io'])
    assert.ok(changes(apply).includes(`${node} ${resource} changed`), changes(apply).join('\n'))
  assert.match(await ssh(node, 'apt-cache policy docker-ce'), /\*\*\* .* 500\n +500 http:\/\/127\.0\.0\.1:8099/)
})

onLab('a certificate of another authority is not installed', async () => {
  await ssh(
    node,
    `set -e; export GNUPGHOME=/root/other; mkdir -m 700 $GNUPGHOME; cd /srv/linux/debian/dists/bookworm
gpg -q --batch --passphrase '' --quick-gen-key 'Another <other@example.org>' rsa2048 sign never 2>/dev/null
rm InRelease; gpg -q --batch --clearsign -o InRelease Release
apt-get -qq -y purge docker-ce >/dev/null
rm -r /var/lib/apt/lists/127.0.0.1*; touch -d '2 days ago' /var/lib/apt/lists/partial`,
  )
  const apply = await rolecall('apply', ...site)
  assert.is(apply.code, 2)
  assert.match(complaints(apply), /public key is not available: NO_PUBKEY/)
  assert.is.not((await sshTried(node, 'dpkg -s docker-ce')).code, 0)
  put(VARS, '{}\n')
  await reset(node)
})

test.run()
