import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ArtifactRecipe } from 'rolecall'

/** Two releases; the second is for those who want to see one roll out. */
const releases = ['v1.4.2', 'v1.5.0']

/** The application as a repository of git, which the lab serves at `http://GATEWAY:8081/app.git`: hosts of a lab reach no git server of ours. */
export const app: ArtifactRecipe = {
  version: 1,
  async build({ directory, run, serve }) {
    const git = async (...args: readonly string[]) => {
      await run('git', ['-c', 'user.name=Lab', '-c', 'user.email=lab@example.com', ...args])
    }
    await git('init', '-q', '-b', 'main', 'work')
    for (const release of releases) {
      await run('sh', ['-c', `mkdir -p work/public && echo "$1" >work/public/index.html`, 'sh', release])
      await git('-C', 'work', 'add', '.')
      await git('-C', 'work', 'commit', '-q', '-m', release)
      await git('-C', 'work', 'tag', release)
    }
    await git('clone', '-q', '--bare', 'work', 'app.git')
    // What git's plain HTTP reads in place of a server's answer.
    await git('-C', 'app.git', 'update-server-info')
    const files = readdirSync(join(directory, 'app.git'), { recursive: true, withFileTypes: true })
    for (const entry of files.filter((each) => each.isFile())) {
      const path = join(entry.parentPath, entry.name).slice(directory.length + 1)
      if (!path.includes('/hooks/')) await serve(path, path)
    }
  },
}
