import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A longer list is not useful. */
const MOST_RUNS = 50

/** The ids of runs: for `resume` runs with something left, otherwise the latest ones. */
export async function runNames(
  cwd: string,
  isResume: boolean,
): Promise<{ readonly value: string; readonly about: string }[]> {
  const [{ JOURNALS }, { isResumable }, { listRuns }, { endOf }] = await Promise.all([
    import('../../runner/journal/journal-directory.ts'),
    import('../../runner/journal/run-history.ts'),
    import('../../runner/run-index/run-index.ts'),
    import('../history/run-rows.ts'),
  ])
  const { runs } = listRuns(join(cwd, JOURNALS))
  if (isResume) return runs.filter(isResumable).map(({ run }) => ({ value: run, about: 'a run with something left' }))
  return runs.slice(-MOST_RUNS).map((past) => ({
    value: past.run,
    about: `${past.request.command ?? `${past.request.mode} ${past.request.playbook}`}: ${endOf(past)}`,
  }))
}

/** Saved plans in the directory. */
export function planFiles(cwd: string): string[] {
  return namesIn(cwd).filter((name) => name.endsWith('.plan'))
}

/** The tags in the source text of playbooks and roles: completion runs no code of the project. */
export function tagsIn(cwd: string): string[] {
  const texts = ['playbooks', 'roles'].flatMap((directory) =>
    namesIn(join(cwd, directory))
      .filter((name) => /\.m?[jt]s$/.test(name))
      .map((name) => textOf(join(cwd, directory, name))),
  )
  const lists = texts.flatMap((text) => [...text.matchAll(/\btags:\s*\[([^\]]*)\]/g)].map(([, list = '']) => list))
  const tags = lists.flatMap((list) => [...list.matchAll(/(['"`])([^'"`\s]+)\1/g)].map(([, , tag = '']) => tag))
  return [...new Set(tags)]
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
