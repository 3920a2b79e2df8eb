// Hosts: node-01, node-03, node-05
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { blocksOf } from '../docs/blocks.ts'
import { lab, onLab, ssh } from '../support/lab.ts'
import { ansibleHere } from '../support/ansible.ts'
import { projectOf } from '../support/project.ts'

const BASTION = 'node-01'
const WEB = { 'node-05': '10.0.0.11', 'node-03': '10.0.0.12' }
const nodes = [BASTION, ...Object.keys(WEB)]
const command = join(import.meta.dirname, '../../bin/rolecall.js')

/** The project that docs/from-ansible.md shows, with a directory for what a login of its operator has. */
const files = blocksOf('docs/from-ansible.md').flatMap(({ file, text }) => (file === undefined ? [] : [[file, text]]))
const site = projectOf(Object.fromEntries(files) as Record<string, string>)
const login = join(site, '.login')
const vault = ['--vault-password-file', join(site, '.vault-pass')]

/**
 * Addresses that the operator's machine has no way to: the bastion is in their network, and it alone has a name outside. Says whether the hosts have
 * the Python that Ansible wants.
 */
async function layNetwork(): Promise<boolean> {
  const { nodes: booted, privateKey, knownHosts } = await lab()
  const addressOf = (name: string) => booted.find((node) => node.name === name)?.address ?? ''
  const add = (address: string) => `ip address replace ${address}/24 dev host0`
  await Promise.all([
    ssh(BASTION, add('10.0.0.254')),
    ...Object.entries(WEB).map(([node, address]) => ssh(node, `${add(address)}; rm -rf /srv/app; ${PYTHON}`)),
  ])
  mkdirSync(join(login, 'ssh'), { recursive: true })
  writeFileSync(join(site, '.vault-pass'), 'letmein\n', { mode: 0o600 })
  writeFileSync(
    join(login, 'hosts'),
    `${readFileSync('/etc/hosts', 'utf8')}${addressOf(BASTION)} bastion.example.com\n`,
  )
  writeFileSync(join(login, 'ssh/id_ed25519'), readFileSync(privateKey))
  chmodSync(join(login, 'ssh/id_ed25519'), 0o600)
  const known = readFileSync(knownHosts, 'utf8').split('\n')
  const keyOf = (node: string) =>
    known
      .find((line) => line.split(/[, ]/)[0] === node)
      ?.split(' ')
      .slice(1)
      .join(' ') ?? ''
  const names = { [BASTION]: 'bastion.example.com', ...WEB }
  writeFileSync(
    join(login, 'ssh/known_hosts'),
    Object.entries(names)
      .map(([node, name]) => `${name} ${keyOf(node)}\n`)
      .join(''),
  )
  const found = await Promise.all(Object.keys(WEB).map((node) => ssh(node, 'command -v python3 || true')))
  return found.every((path) => path !== '')
}

const PYTHON = `[ -e /usr/bin/python3 ] || { apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install python3; } >/dev/null 2>&1; true`

/** Runs a program as the operator, whose own files of ssh are in place of those of this machine. */
function asOperator(program: string, ...words: readonly string[]): Promise<{ code: number; out: string }> {
  const script = `mkdir -p /root/.ssh; mount --bind "$1/hosts" /etc/hosts; mount --bind "$1/ssh" /root/.ssh; shift; exec "$@"`
  const env = { ...process.env, NO_COLOR: '1', ANSIBLE_NOCOLOR: '1', FORCE_COLOR: undefined, SSH_AUTH_SOCK: undefined }
  const child = spawn('unshare', ['--mount', 'sh', '-ec', script, 'sh', login, program, ...words], {
    cwd: site,
    env: { ...env, ANSIBLE_SSH_CONTROL_PATH_DIR: join(login, 'control') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, out })))
}

const rolecall = (mode: string, ...words: readonly string[]) =>
  asOperator(process.execPath, command, mode, 'app', '--no-types', ...vault, ...words)
const ansible = (...words: readonly string[]) =>
  asOperator('ansible-playbook', '-i', 'inventory', ...vault, 'deploy.yml', ...words)

const written = (node: string) => ssh(node, 'cat /srv/app/app.json; stat -c %a /srv/app /srv/app/app.json')

onLab('what Ansible sets up through a bastion is as Rolecall wants it, and the other way round', async () => {
  if (!ansibleHere())
    return void process.stdout.write('      not run: there is no Ansible here (Debian: ansible-core)\n')
  try {
    if (!(await layNetwork()))
      return void process.stdout.write('      not run: Python cannot be installed on the hosts\n')
    const sealed = await asOperator('ansible-vault', 'encrypt', ...vault, 'inventory/group_vars/site.yml')
    assert.is(sealed.code, 0, sealed.out)
    const pinged = await asOperator('ansible', 'web', '-i', 'inventory', ...vault, '-m', 'ping')
    assert.is(pinged.out.match(/"pong"/g)?.length, 2, pinged.out)

    const first = await ansible('-l', 'web-01')
    assert.match(first.out, /web-01 .*changed=2/, first.out)
    const found = await rolecall('check', '--exit-code', '-l', 'web-01')
    assert.is(found.code, 0, found.out)

    const applied = await rolecall('apply', '-l', 'web-02')
    assert.is(applied.code, 0, applied.out)
    assert.match(applied.out, /2 changed/)
    const theirs = await ansible('--check', '-l', 'web')
    assert.is(theirs.out.match(/web-0[12] .*ok=3 +changed=0 .*failed=0/g)?.length, 2, theirs.out)

    const [one, two] = [await written('node-05'), await written('node-03')]
    assert.match(one, /"url": "https:\/\/web-01\.example\.com\/"[^]*correct horse[^]*755\n640$/)
    assert.match(two, /"features": \[\s*"search",\s*"beta"\s*\][^]*755\n640$/)
    assert.not.match(found.out + applied.out, /correct horse/)
  } finally {
    await Promise.all(nodes.map((node) => ssh(node, 'ip address flush dev host0 to 10.0.0.0/24; rm -rf /srv/app')))
    rmSync(login, { recursive: true, force: true })
  }
})

test.run()
