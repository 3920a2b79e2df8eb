// Programs of the system that tests need.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { say } from './bootstrap.js'
import { project } from './freshness.js'

/** Each program, and the Debian package that contains it. */
const TOOLS = {
  dash: 'dash',
  inotifywait: 'inotify-tools',
  ss: 'iproute2',
  curl: 'curl',
  wget: 'wget',
  git: 'git',
  tmux: 'tmux',
  shellcheck: 'shellcheck',
  'softhsm2-util': 'softhsm2',
}

/** The files of Debian's openssh-tests, which contains a software authenticator. Installing the package would also install a server and Python. */
const AUTHENTICATOR = join(project, 'node_modules/.cache/openssh-tests')

/**
 * Installs what is missing, if possible. Tests that still lack something are skipped with that reason.
 *
 * @param {string} busybox the package to install if there is no busybox: `busybox`, or `busybox-static`, which prefers its own applets to programs in
 * PATH
 * @returns {boolean} whether everything is installed
 */
export function installTools(busybox = 'busybox') {
  const isDone = installMissing(busybox)
  // Last, because the package lists may have been updated just now.
  unpackAuthenticator()
  return isDone
}

/** @param {string} busybox */
function installMissing(busybox) {
  const missing = Object.entries({ ...TOOLS, busybox }).filter(([program]) => !isThere(program))
  if (missing.length === 0) return true
  const packages = missing.map(([, name]) => name)
  if (process.getuid?.() !== 0 || !isThere('apt-get')) {
    say(`Some tests will be skipped without ${packages.join(', ')}: sudo apt-get install ${packages.join(' ')}`)
    return false
  }
  say(`Installing ${packages.join(', ')} with apt-get, which tests need ...`)
  const install = ['install', '--yes', '--no-install-recommends', ...packages]
  const isDone = apt(install) || (apt(['update']) && apt(install))
  if (!isDone) say(`That did not work; some tests will be skipped.`)
  return isDone
}

/** Downloads the package and unpacks it, if possible. Several processes may do so at once. */
function unpackAuthenticator() {
  if (existsSync(AUTHENTICATOR) || !isThere('apt-get') || !isThere('dpkg-deb')) return
  const room = mkdtempSync(join(tmpdir(), 'openssh-tests-'))
  const unpacked = `${AUTHENTICATOR}-${process.pid}`
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { cwd: room, stdio: 'ignore' }
  try {
    spawnSync('apt-get', ['-qq', 'download', 'openssh-tests'], options)
    const [name] = readdirSync(room)
    if (name === undefined)
      return say('Without openssh-tests, which cannot be downloaded here, one test will be skipped.')
    mkdirSync(dirname(AUTHENTICATOR), { recursive: true })
    if (spawnSync('dpkg-deb', ['--extract', name, unpacked], options).status === 0) renameSync(unpacked, AUTHENTICATOR)
  } catch {
    // Another process was faster.
  } finally {
    for (const directory of [room, unpacked]) rmSync(directory, { recursive: true, force: true })
  }
}

/** @param {readonly string[]} args */
function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0
}

/** @param {string} program */
function isThere(program) {
  const directories = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
  return directories.some((directory) => existsSync(`${directory}/${program}`))
}
