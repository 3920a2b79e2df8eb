import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { withoutMisleading } from '../../machine/misleading.ts'

/** The state of the project's files when a run began. */
export interface SourceState {
  readonly commit?: string
  readonly branch?: string
  /** Tracked files had uncommitted changes, or there were untracked files. */
  readonly dirty?: boolean
}

const DEADLINE_MS = 10_000

/**
 * Asks git for the commit of a project, in parallel with other work. Undefined if there is no repository, no git, or no answer.
 *
 * Runs no program that the repository configures: neither its hooks nor its file monitor.
 *
 * Source: git-status(1), "Porcelain Format Version 2".
 */
export function sourceStateOf(project: string): Promise<SourceState | undefined> {
  if (!isInRepository(project)) return Promise.resolve(undefined)
  const args = ['--no-optional-locks', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null']
  const status = [...args, 'status', '--porcelain=v2', '--branch', '--untracked-files=normal']
  return new Promise((done) => {
    const env = withoutMisleading(process.env)
    const options = { cwd: project, env, timeout: DEADLINE_MS, maxBuffer: 16 * 1024 * 1024 }
    execFile('git', status, options, (error, stdout) => done(error ? undefined : sourceStateIn(stdout))).unref()
  })
}

/** Parses git's answer. */
export function sourceStateIn(status: string): SourceState {
  const head = (name: string) => new RegExp(`^# branch\\.${name} (.+)$`, 'm').exec(status)?.[1]
  const [commit, branch] = [head('oid'), head('head')]
  return {
    ...(commit === undefined || !/^[0-9a-f]{40,64}$/.test(commit) ? {} : { commit }),
    ...(branch === undefined || branch === '(detached)' ? {} : { branch }),
    dirty: status.split('\n').some((line) => line !== '' && !line.startsWith('#')),
  }
}

function isInRepository(directory: string): boolean {
  if (existsSync(join(directory, '.git'))) return true
  return directory !== dirname(directory) && isInRepository(dirname(directory))
}

/** Variables in which CI systems put the URL of a job. */
const CI_URLS = [
  'CI_JOB_URL',
  'BUILD_URL',
  'CIRCLE_BUILD_URL',
  'BUILDKITE_BUILD_URL',
  'TRAVIS_JOB_WEB_URL',
  'DRONE_BUILD_LINK',
]

/** The URL of the CI job that this process belongs to. */
export function ciUrlIn(env: NodeJS.ProcessEnv): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env
  const url =
    server !== undefined && repository !== undefined && run !== undefined
      ? `${server}/${repository}/actions/runs/${run}`
      : CI_URLS.map((name) => env[name]).find((value) => value !== undefined && value !== '')
  return url !== undefined && /^https?:\/\//.test(url) ? url : undefined
}
