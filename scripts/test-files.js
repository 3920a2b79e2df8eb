// The test files: which there are, what they share, and where they run.
import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { project } from './freshness.js'

/** Tests in these directories share the hosts of the test lab. */
const ON_HOSTS = 'test/hosts/'

/** Tests that boot hosts of their own, which a bare root cannot do, or compare with programs that are too large for one. */
const OWN_HOSTS = ['hosts', 'drivers', 'kubelet', 'stranger']
  .map((name) => `test/lab/${name}.test.ts`)
  .concat('test/vault/with-ansible.test.ts', 'test/vault/with-age.test.ts')

/** Short forms of long searches: they take minutes each, so they begin first among tests without hosts. */
const LONG = ['test/role-generator/', 'test/hostile/']

/** Longer tests, which begin before others so that nothing long is left for the end. */
const SLOW = [
  'runner/delegation',
  'resources/systemd/service',
  'cli/run',
  'scripts/jobs',
  'resources/tls/tls',
  'transport/security-key',
  'transport/by-program',
  'runner/calls',
  'runner/read-commands',
  'transport/situations/keys',
  'transport/situations/ways',
  'transport/situations/host-keys',
  'transport/situations/old-habits',
  'resources/commands/wait-for',
  'sh/shellcheck',
  'docs/kinds',
].map((name) => `test/${name}.test.ts`)

/**
 * Files that `test:quick` leaves out too: each takes 7 s or more on an idle machine, because it waits, starts a real sshd, or runs each script in
 * several shells. `npm test` runs them, and so does `npm test -- PART`.
 */
const NOT_QUICK = [
  'test/transport/situations/',
  ...[
    'transport/known-hosts-ssh',
    'resources/files/untrusted-directory',
    'resources/downloads/fetched-key',
    'resources/docker/compose-probe',
    'resources/commands/wait-for',
    'resources/languages/npm-registry',
    'runner/connect-with-retry',
    'report/seen-pipe',
    'report/seen-terminal',
    'sh/shellcheck',
    'docs/kinds',
    'cli/new-project',
    'cli/resume',
    'cli/plan-stale',
  ].map((name) => `test/${name}.test.ts`),
]

/** Tests of scripts that must also pass with a busybox that prefers its own applets to programs in PATH. */
const BOTH_BUSYBOXES = [
  ...[
    'test/sh/own',
    'test/sh/frame',
    'test/sh/quote',
    'test/host/local',
    'test/resources/files/write',
    'test/resources/prediction/overlay',
  ],
  ...['test/resources/packages/pkg-probe', 'test/resources/systemd/service-probe', 'test/resources/downloads/download'],
].map((file) => `${file}.test.ts`)

/**
 * @param {readonly string[]} parts selects files with one of these in their path; none selects all
 */
export function testFiles(parts) {
  const all = readdirSync(join(project, 'test'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(project.length + 1))
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
    .sort()
  /** @param {string} file */
  const isLong = (file) => LONG.some((part) => file.startsWith(part))
  const others = all.filter((file) => !file.startsWith(ON_HOSTS))
  const needNone = others.filter((file) => !OWN_HOSTS.includes(file))
  return {
    onHosts: all.filter((file) => file.startsWith(ON_HOSTS)).map((file) => ({ file, hosts: hostsOf(file) })),
    ownHosts: others.filter((file) => OWN_HOSTS.includes(file)),
    quick: [
      ...needNone.filter(isLong),
      ...needNone.filter((file) => SLOW.includes(file)),
      ...needNone.filter((file) => !isLong(file) && !SLOW.includes(file)),
    ],
    bothBusyboxes: all.filter((file) => BOTH_BUSYBOXES.includes(file)),
  }
}

/**
 * Whether a file has a process of its own: one on hosts, a long one, and one with the line `// Own process: WHY`.
 *
 * @param {string} file
 */
export function runsAlone(file) {
  const apart = file.startsWith(ON_HOSTS) || OWN_HOSTS.includes(file) || LONG.some((part) => file.startsWith(part))
  return apart || /^\/\/ (Own process|Hosts): ./m.test(readFileSync(resolve(project, file), 'utf8'))
}

/**
 * Only the files that need no host and take no minutes.
 *
 * @param {ReturnType<typeof testFiles>} files
 * @returns {ReturnType<typeof testFiles>}
 */
export function quickOf({ quick }) {
  const short = quick.filter((file) => ![...LONG, ...NOT_QUICK].some((part) => file.startsWith(part)))
  return { onHosts: [], ownHosts: [], quick: short, bothBusyboxes: [] }
}

/**
 * The hosts of the test lab that a file needs for itself, by its line `// Hosts: node-03, node-04`; `none` for a file with a lab of its own. All
 * hosts without such a line.
 *
 * @param {string} file
 * @returns {'all' | string[]}
 */
export function hostsOf(file) {
  const [, list] = /^\/\/ Hosts: (.+)$/m.exec(readFileSync(join(project, file), 'utf8')) ?? []
  if (list === undefined) return 'all'
  return list === 'none' ? [] : list.split(', ')
}
