import { posix } from 'node:path'
import { RolecallError } from '../../errors.ts'
import type { ApplyContext } from '../../playbook/context.ts'
import { lines, sh, type Sh } from '../../sh/quote.ts'
import type { ConvergeContext } from '../ensure.ts'
import { walk } from '../../resources/files/path/walk.ts'
import type { PredictionLimit } from './prediction-limit.ts'

/** The path may lead through a link to what is pending under another name. */
async function learnLinks({ host, prediction }: ConvergeContext, path: string): Promise<void> {
  if (prediction.empty) return
  const [answer] = await host.ask([
    {
      name: `links to ${path}`,
      sh: sh`p=${path} d=\${p%/*}; while [ -n "$d" ] && [ ! -d "$d" ]; do d=\${d%/*}; done
[ -z "$d" ] || { echo "$d"; cd -P -- "$d" && echo "$PWD"; }`,
    },
  ])
  const [dir, real] = Buffer.from(answer?.stdout ?? [])
    .toString('utf8')
    .split('\n')
  if (dir !== undefined && real?.startsWith('/') === true) prediction.learn(dir, real)
}

/** Looks at paths: as they are, and in check mode as they will be after what is pending. */
export function look(ground: ConvergeContext, limit: PredictionLimit): Pick<ApplyContext<unknown>, 'exists' | 'read'> {
  const predicted = async (path: string) => {
    if (ground.mode !== 'check') return undefined
    await learnLinks(ground, path)
    const doubt = ground.prediction.doubtAbout(path)
    if (doubt) limit.end(`what ${path} will be is known only after ${doubt.from}, which is unknown itself`)
    const pending = ground.prediction.path(path)
    if (pending === undefined) limit.looked()
    return pending
  }
  /** Not there: now, or after the step at `gone`. Only a pending archive that is unpacked then may still bring it. */
  const missing = (path: string, gone = -1) => {
    const archive = ground.mode === 'check' ? ground.prediction.filled(path) : undefined
    if (archive && archive.at > gone) limit.end(`whether there will be a ${path} is known only after ${archive.from}`)
  }
  const unreadable = (path: string, output: string) =>
    new RolecallError({
      code: 'step-failed',
      host: ground.host.name,
      role: ground.role,
      message: `cannot read ${path}`,
      output,
    })
  return {
    async exists(path) {
      const pending = await predicted(path)
      if (pending?.state.type === 'absent') missing(path, pending.at)
      if (pending) return pending.state.type !== 'absent'
      const [answer] = await ground.host.ask([{ name: `exists ${path}`, sh: sh`[ -e ${path} ]` }])
      if (answer?.code !== 0) missing(path)
      return answer?.code === 0
    },
    async read(path) {
      const pending = await predicted(path)
      if (pending?.state.type === 'absent') {
        missing(path, pending.at)
        return undefined
      }
      if (pending?.state.type === 'file' && pending.state.content)
        return Buffer.from(pending.state.content).toString('utf8')
      if (pending?.state.type === 'dir') throw unreadable(path, `${path} will be a directory`)
      if (pending) limit.end(`what ${path} will hold is known only after ${pending.from}`)
      const [answer] = await ground.host.ask([{ name: `read ${path}`, sh: readThere(path, ground.host.facts.uid) }])
      if (answer?.code === 44) {
        missing(path)
        return undefined
      }
      if (answer?.code === LED_ELSEWHERE) {
        throw new RolecallError({
          code: 'step-failed',
          host: ground.host.name,
          role: ground.role,
          message: `${path} is not read: another account can change its directory, and a link of that account leads elsewhere`,
          hint: 'name the path that it leads to',
        })
      }
      if (answer?.code !== 0)
        throw unreadable(
          path,
          Buffer.from(answer?.stderr ?? [])
            .toString('utf8')
            .trim(),
        )
      return Buffer.from(answer.stdout).toString('utf8')
    },
  }
}

const LED_ELSEWHERE = 45

/** Where another account can change the directory, no link is followed: what root may read is not given to a role as that account's file. */
function readThere(path: string, uid: number): Sh {
  if (!path.startsWith('/')) return sh`[ -e ${path} ] || exit 44; cat -- ${path}`
  return lines(
    sh`[ -e ${path} ] || [ -L ${path} ] || exit 44
path_me=${uid}`,
    walk,
    sh`path_way ${posix.normalize(path)} || exit ${LED_ELSEWHERE}
p=$way d=\${way%/*}
path_hold "\${d:-/}" '' || exit ${LED_ELSEWHERE}
if [ "$state" = 1 ] && [ "$PWD" = "$base" ]; then
[ -e "$p" ] || exit 44
cat -- "$p"
exit
fi
path_look "\${p##*/}"
case $s in 8*) cat <"$p";; '') exit 44;; *) exit ${LED_ELSEWHERE};; esac`,
  )
}
