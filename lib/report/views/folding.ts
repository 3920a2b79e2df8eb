import { randomUUID } from 'node:crypto'

/** How a CI system folds the lines of a log. */
interface Folding {
  /** Text before the first line. With a title, the lines until `unfold` are folded under it. */
  begin(title?: string): string
  unfold(): string
  /** Text after the last line. */
  end(): string
}

/**
 * Folds the lines of a run in the logs of GitHub and GitLab, so that the recap is seen first. Undefined elsewhere.
 *
 * GitHub takes any line that begins with `::` for a command. So commands are switched off until a random word, which no host knows, is printed.
 *
 * Source: docs.github.com, "Workflow commands for GitHub Actions"; docs.gitlab.com, "Custom collapsible sections".
 */
export function foldingFor(
  env: NodeJS.ProcessEnv,
  newWord: () => string = () => randomUUID(),
  now: () => number = Date.now,
): Folding | undefined {
  if (env['GITHUB_ACTIONS'] === 'true') return forGitHub(newWord())
  return env['GITLAB_CI'] === 'true' ? forGitLab(() => Math.floor(now() / 1000)) : undefined
}

/** For commands that show output of hosts and fold nothing. */
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
 * The first line on standard error for such a command. It switches GitHub's workflow commands off for the rest of the step. They stay off, because output of
 * hosts on standard output could still follow: the order of two streams is not defined.
 */
export function stopsWorkflowCommands(
  command: string | undefined,
  env: NodeJS.ProcessEnv,
  newWord: () => string = () => randomUUID(),
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
