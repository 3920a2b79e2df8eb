import { randomUUID } from 'node:crypto'

/** How a system for continuous integration folds lines of a log. */
export interface Folding {
  /** Before the first line. With a title the lines until `unfold` are folded under it. */
  begin(title?: string): string
  unfold(): string
  /** After the last line. */
  end(): string
}

/**
 * Folds the lines of a run in the logs of GitHub and GitLab, so that the recap is what is read first. Undefined elsewhere.
 *
 * GitHub takes lines that begin with `::` for commands, whoever wrote them: it is told to take none, until a word that no host knows.
 *
 * Source: docs.github.com, "Workflow commands for GitHub Actions"; docs.gitlab.com, "Custom collapsible sections".
 */
export function foldingFor(
  env: NodeJS.ProcessEnv,
  newWord: () => string = randomUUID,
  now: () => number = Date.now,
): Folding | undefined {
  if (env['GITHUB_ACTIONS'] === 'true') return forGitHub(newWord())
  return env['GITLAB_CI'] === 'true' ? forGitLab(() => Math.floor(now() / 1000)) : undefined
}

/** Commands that show what hosts said and fold nothing; all that they print besides is for people. */
const SHOW_HOSTS: ReadonlySet<string> = new Set([
  'run',
  'copy',
  'ssh',
  'facts',
  'ping',
  'runs',
  'history',
  'plan',
  'drift',
])

/**
 * What such a command says first on standard error, where standard output may be data. The runner takes no command of the same step from then on: what comes by two
 * ways has no order, so nothing can be said safely at the end.
 */
export function stopsWorkflowCommands(
  command: string | undefined,
  env: NodeJS.ProcessEnv,
  newWord: () => string = randomUUID,
): string {
  return env['GITHUB_ACTIONS'] === 'true' && SHOW_HOSTS.has(command ?? '') ? `::stop-commands::${newWord()}\n` : ''
}

function forGitHub(word: string): Folding {
  let isFolded = false
  return {
    begin(title) {
      isFolded = title !== undefined
      return `${title === undefined ? '' : `::group::${title}\n`}::stop-commands::${word}\n`
    },
    unfold: () => (isFolded ? `::${word}::\n::endgroup::\n::stop-commands::${word}\n` : ''),
    end: () => `::${word}::\n`,
  }
}

function forGitLab(seconds: () => number): Folding {
  let isFolded = false
  return {
    begin(title) {
      isFolded = title !== undefined
      return title === undefined ? '' : `\x1b[0Ksection_start:${seconds()}:rolecall\r\x1b[0K${title}\n`
    },
    unfold: () => (isFolded ? `\x1b[0Ksection_end:${seconds()}:rolecall\r\x1b[0K\n` : ''),
    end: () => '',
  }
}
