import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { asUser } from '../commands/as-user.ts'
import type { Step } from '../kit/kind.ts'

export interface GitOptions {
  /** The URL of the repository, or a path on the host. */
  readonly source: string
  /**
   * A branch, a tag, all 40 digits of a commit, or a whole reference such as `refs/pull/12/head`. Default: the repository's own branch. A name that is both a
   * branch and a tag, of different commits, is refused: `refs/heads/NAME` and `refs/tags/NAME` say which.
   */
  readonly version?: string
  /** Follow the branch or tag when it moves. Default true; a commit never moves. */
  readonly update?: boolean
  /** Local changes of files that git knows are thrown away. Default false: they are refused. */
  readonly force?: boolean
  /** Only so many commits. */
  readonly depth?: number
  /** Default true. */
  readonly submodules?: boolean
  /** A repository without a work tree, with all branches and tags. */
  readonly bare?: boolean
  /** A private key on the host, for ssh. */
  readonly key?: string
  /** `checked` (default): the host key must be known. `accept-new`: an unknown one is taken, another one never. */
  readonly hostKey?: 'checked' | 'accept-new'
  /** A known_hosts of its own. */
  readonly knownHosts?: string
  /** The commit must have a good signature by a key of the user's. */
  readonly verify?: boolean
  /** Whose the work tree is, and who runs git. Default: who runs everything. */
  readonly user?: string
  /** Seconds, default 600. */
  readonly deadline?: number
}

export interface GitWant extends GitOptions {
  readonly dest: string
}

export interface State {
  /** What is at `dest`: nothing or an empty directory, a repository, or something else. */
  readonly there: 'nothing' | 'repository' | 'foreign' | 'other'
  readonly head: string
  readonly source: string
  /** It has local changes. */
  readonly isDirty: boolean
  /** A run of Rolecall was killed as it checked out, and nobody has checked out anything since. */
  readonly isInterrupted?: boolean
  /** It has commits that neither the other side has, nor Rolecall checked out. */
  readonly hasCommits?: boolean
  /** Of a bare repository: its branches and tags are not those of the other side. */
  readonly staleRefs?: boolean
  /** Submodules are not as the commit has them. */
  readonly staleModules: boolean
  /** What the version is on the other side; undefined: not asked, or there is no such. */
  readonly remote: { readonly ref: string; readonly commit: string } | undefined
  /** The version is a branch and a tag there, of different commits. */
  readonly isAmbiguous?: boolean
  /** Why the other side could not be asked. */
  readonly unreachable: string | undefined
  /** Prediction: what it is reached by is still to come. */
  readonly isVague?: boolean
}

export const COMMIT = /^[0-9a-f]{40}$/

/**
 * Settings of every call. Nobody is asked anything. A work tree of another account is left to git to refuse: its owner may have programs in its
 * configuration, which git would run (git-config(1), safe.directory; with SUDO_UID set git takes whoever called sudo for an owner as well).
 */
export function settings({ key, hostKey = 'checked', knownHosts }: GitWant): Sh {
  const ssh = sh`ssh -o BatchMode=yes -o StrictHostKeyChecking=${hostKey === 'checked' ? 'yes' : 'accept-new'} ${knownHosts === undefined ? [] : ['-o', `UserKnownHostsFile=${knownHosts}`]} ${key === undefined ? [] : ['-o', 'IdentitiesOnly=yes', '-i', key]}`
  return sh`export GIT_TERMINAL_PROMPT=0 LC_ALL=C GIT_SSH_COMMAND=${ssh.text}; unset SUDO_UID; cd /
git() { command git --no-optional-locks -c advice.detachedHead=false "$@"; }`
}

/** Another commit is to be checked out. */
export function isDue({ there, remote, head, isInterrupted = false }: State): boolean {
  return there !== 'repository' || head === '' || isInterrupted || (remote !== undefined && remote.commit !== head)
}

/** The file in the directory of a repository that says what is running there: `fetch`, or `checkout COMMIT`, the commit before. It goes at the end, unless a kill prevents that. */
export const AT_WORK = 'rolecall-at-work'

export function steps(want: GitWant, state: State): Step[] {
  const { dest, source, version, force = false, deadline = 600, user } = want
  const step = (summary: string, script: Sh): Step => ({
    summary,
    sh: asUser(user, lines(raw('set -e'), settings(want), atWork(dest), script)),
    deadline,
  })
  const at = version === undefined ? '' : ` at ${version}`
  const isNew = state.there !== 'repository' || state.head === ''
  if (isNew) return [step(`clone ${source} into ${dest}${at}`, bring(want))]
  const commit = state.remote?.commit
  const moved = state.source === source ? '' : ` from ${source} (was ${state.source})`
  if (commit !== undefined && (commit !== state.head || state.isInterrupted === true))
    return [
      step(
        `update ${dest} to ${version === undefined ? '' : `${version} `}${commit.slice(0, 10)} (was ${state.head.slice(0, 10)})${moved}`,
        bring(want),
      ),
    ]
  return [
    ...(state.source === source
      ? []
      : [step(`set the origin of ${dest}${moved}`, sh`git -C ${dest} remote set-url origin ${source}`)]),
    ...(state.isDirty && (force || state.isInterrupted === true)
      ? [step(`throw away local changes in ${dest}`, sh`git -C ${dest} reset -q --hard`)]
      : []),
    ...(state.staleRefs === true ? [step(`update branches and tags of ${dest}`, bring(want))] : []),
    ...(state.staleModules ? [step(`update submodules of ${dest}`, modules(want))] : []),
  ]
}

/**
 * `begins STAGE` notes what is running. What a killed run has locked is free again, where no git works there; `$forced` is `--force` where it was killed as it
 * checked out: what is half there is its own.
 *
 * Source: gitrepository-layout(5); git locks a file by making `FILE.lock` beside it, and leaves that where it is killed.
 */
function atWork(dest: string): Sh {
  return sh`forced=
works() {
local p c
for p in /proc/[0-9]*; do [ "$p/cwd" -ef ${dest} ] 2>/dev/null && read -r c 2>/dev/null <"$p/comm" && [ "$c" = git ] && return 0; done
return 1
}
begins() {
g=$(git -C ${dest} rev-parse --absolute-git-dir)
if [ -f "$g/${raw(AT_WORK)}" ] && ! works; then
find "$g" -type f -name '*.lock' -exec rm -f -- {} +
[ "$(cat "$g/${raw(AT_WORK)}")" != "checkout $(git -C ${dest} rev-parse -q --verify 'HEAD^{commit}' || :)" ] || forced=--force
fi
trap 'rm -f -- "$g/${raw(AT_WORK)}"' EXIT
echo "$1" >"$g/${raw(AT_WORK)}"
}`
}

function modules({ dest, depth, force = false }: GitWant): Sh {
  return sh`begins fetch
git -C ${dest} submodule --quiet sync --recursive
git -C ${dest} submodule --quiet update --init --recursive ${force ? raw('--force') : raw('')} ${depth === undefined ? [] : [`--depth=${depth}`]}`
}

/** Fetches what the version is, and checks it out. */
function bring(want: GitWant): Sh {
  const { dest, source, version = 'HEAD', force = false, depth, submodules = true, bare = false, verify = false } = want
  const shallow = depth === undefined ? [] : [`--depth=${depth}`]
  const open = sh`git -C ${dest} rev-parse --git-dir >/dev/null 2>&1 || {
works || rm -f -- ${bare ? dest : `${dest}/.git`}/HEAD.lock ${bare ? dest : `${dest}/.git`}/config.lock
git init -q ${bare ? raw('--bare') : raw('')} -- ${dest}
}
begins fetch
git -C ${dest} config --get remote.origin.url >/dev/null || git -C ${dest} remote add origin ${source}
git -C ${dest} remote set-url origin ${source}
fetch() { git -C ${dest} fetch -q --force ${shallow} origin "$@"; }
is() { git -C ${dest} rev-parse -q --verify "$1^{commit}" >/dev/null; }`
  if (bare)
    return lines(
      open,
      sh`fetch '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*' --prune
${version === 'HEAD' ? sh`b=$(git ls-remote --symref -- ${source} HEAD | sed -n 's/^ref: \\([^[:space:]]*\\).*/\\1/p'); [ -z "$b" ] || git -C ${dest} symbolic-ref HEAD "$b"` : raw(':')}`,
    )
  const get = COMMIT.test(version)
    ? sh`is ${version} || fetch ${version} 2>/dev/null || git -C ${dest} fetch -q --force --tags origin '+refs/heads/*:refs/remotes/origin/*'
commit=${version} branch=`
    : version === 'HEAD'
      ? sh`branch=$(git ls-remote --symref -- ${source} HEAD | sed -n 's|^ref: refs/heads/\\([^[:space:]]*\\).*|\\1|p')
fetch "+refs/heads/$branch:refs/remotes/origin/$branch"; commit=refs/remotes/origin/$branch`
      : version.startsWith('refs/')
        ? sh`fetch ${`+${version}:refs/rolecall/${version.slice(5)}`}; branch= commit=${`refs/rolecall/${version.slice(5)}`}`
        : sh`if fetch ${`+refs/heads/${version}:refs/remotes/origin/${version}`} 2>/dev/null; then branch=${version} commit=${`refs/remotes/origin/${version}`}
else fetch ${`+refs/tags/${version}:refs/tags/${version}`}; branch= commit=${`refs/tags/${version}`}; fi`
  const forcing = raw(force ? '--force' : '$forced')
  const out = sh`${verify ? raw(`git -C ${sh`${dest}`.text} verify-commit "$commit^{commit}" 2>&1 || { echo "the commit has no good signature" >&2; exit 1; }`) : raw(':')}
echo "checkout $(git -C ${dest} rev-parse -q --verify 'HEAD^{commit}' || :)" >"$g/${raw(AT_WORK)}"
if [ -n "$branch" ]; then git -C ${dest} checkout -q ${forcing} -B "$branch" "$commit" --
else git -C ${dest} checkout -q ${forcing} --detach "$commit" --; fi
git -C ${dest} update-ref refs/rolecall-head HEAD`
  return lines(open, get, out, ...(submodules ? [sh`! [ -f ${`${dest}/.gitmodules`} ] || {\n${modules(want)}\n}`] : []))
}
