import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { asUser } from '../commands/as-user.ts'
import { absolute } from '../files/path/path.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { Refused, Resource, Step, Unknown } from '../kit/kind.ts'
import { account, flag, oneOf, path, seconds, text, whole } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { runsPrograms } from '../kit/trusted-place.ts'
import { toolKind } from '../kit/tool-kind.ts'

export interface GitOptions {
  /** The URL of the repository, or a path on the host. */
  readonly source: string
  /** A branch, a tag, all 40 digits of a commit, or a whole reference such as `refs/pull/12/head`. Default: the repository's own branch. */
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

interface State {
  /** What is at `dest`: nothing or an empty directory, a repository, or something else. */
  readonly there: 'nothing' | 'repository' | 'foreign' | 'other'
  readonly head: string
  readonly source: string
  /** It has local changes. */
  readonly isDirty: boolean
  /** Submodules are not as the commit has them. */
  readonly staleModules: boolean
  /** What the version is on the other side; undefined: not asked, or there is no such. */
  readonly remote: { readonly ref: string; readonly commit: string } | undefined
  /** Why the other side could not be asked. */
  readonly unreachable: string | undefined
  /** Prediction: what it is reached by is still to come. */
  readonly isVague?: boolean
}

/**
 * A work tree of a git repository at a version. git asks the other side what a branch or tag is now, unless the version is a commit that is
 * there, or `update: false`; that question is the check.
 *
 * Host keys are checked: put `knownHosts` before it, or say `hostKey: 'accept-new'`. Nobody is asked for a password. Files that git does not know stay. A
 * work tree that was cloned in part goes on where it stopped.
 *
 * Refused: something else at the path; local changes, unless `force`; a version that the repository does not have; a repository that does not answer; a
 * host without git. With a pending package of git it is cloned.
 *
 * @example
 * git('/srv/app', { source: 'git@github.com:acme/app.git', version: 'v1.4.2', key: '/home/app/.ssh/deploy', user: 'app' })
 * git('/srv/docs', { source: 'https://example.com/docs.git', version: 'main', depth: 1, force: true })
 *
 * Source: git-fetch(1), git-ls-remote(1), git-submodule(1), ssh_config(5).
 */
export function git(dest: string, options: GitOptions): Resource {
  const { name, options: given } = read(dest, options)
  return make(name, { ...given, dest: name })
}

const read = resourceOptions<GitOptions>()(
  'git',
  (dest) => absolute('git', dest),
  () => ({
    source: text('a URL or a path', /^[^\s\0-][^\s\0]*$/),
    version: text('a branch, a tag or a whole commit', /^[\w][\w./@+-]*$/).optional(),
    update: flag().optional(),
    force: flag().optional(),
    depth: whole('a whole number, at least 1', 1, 1_000_000).optional(),
    submodules: flag().optional(),
    bare: flag().optional(),
    key: path().optional(),
    hostKey: oneOf(['checked', 'accept-new']).optional(),
    knownHosts: path().optional(),
    verify: flag().optional(),
    user: account().optional(),
    deadline: seconds().optional(),
  }),
)

const COMMIT = /^[0-9a-f]{40}$/

/**
 * Settings of every call. Nobody is asked anything. A work tree of another account is left to git to refuse: its owner may have programs in its
 * configuration, which git would run (git-config(1), safe.directory; with SUDO_UID set git takes whoever called sudo for an owner as well).
 */
function settings({ key, hostKey = 'checked', knownHosts }: GitWant): Sh {
  const ssh = sh`ssh -o BatchMode=yes -o StrictHostKeyChecking=${hostKey === 'checked' ? 'yes' : 'accept-new'} ${knownHosts === undefined ? [] : ['-o', `UserKnownHostsFile=${knownHosts}`]} ${key === undefined ? [] : ['-o', 'IdentitiesOnly=yes', '-i', key]}`
  return sh`export GIT_TERMINAL_PROMPT=0 LC_ALL=C GIT_SSH_COMMAND=${ssh.text}; unset SUDO_UID; cd /
git() { command git --no-optional-locks -c advice.detachedHead=false "$@"; }`
}

const make = toolKind<GitWant, State>({
  name: 'git',
  tool: () => ({ program: 'git', broughtBy: /^git(-core|-minimal)?$/, hint: 'git' }),
  probe: (want) => asUser(want.user, lines(settings(want), question(want))),
  read(_, reply) {
    const find = (word: string) => reply.lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    const there = find('there')
    const [commit = '', ref = ''] = find('remote')?.split(' ') ?? []
    return {
      there: there === 'repository' || there === 'foreign' || there === 'other' ? there : 'nothing',
      head: find('head') ?? '',
      source: find('source') ?? '',
      isDirty: reply.lines.includes('dirty'),
      staleModules: reply.lines.includes('modules'),
      remote: ref === '' ? undefined : { commit, ref },
      unreachable: find('unreachable'),
    }
  },
  fresh: () => ({
    there: 'nothing',
    head: '',
    source: '',
    isDirty: false,
    staleModules: false,
    remote: undefined,
    unreachable: undefined,
    isVague: true,
  }),
  plan: (want, state) => refusal(want, state) ?? steps(want, state),
  effects: ({ dest, user }) => [
    { type: 'path', path: dest, state: { type: 'dir', filled: true, ...(user === undefined ? {} : { owner: user }) } },
  ],
  predict,
  paths: ({ dest }) => [dest],
  advanced: {
    parallelProbe: true,
    trusts: ({ dest, user }) => [{ path: dest, inside: ['.git/config', '.git/hooks'], ...runsPrograms('git', user) }],
  },
})

function question(want: GitWant): Sh {
  const { dest, source, version = 'HEAD', update = true, submodules = true, bare = false } = want
  const name = bare && !COMMIT.test(version) && version !== 'HEAD' ? `refs/heads/${version}` : 'HEAD'
  const asks = COMMIT.test(version)
    ? sh`[ "$head" = ${version} ] || echo "remote ${raw(version)} commit"`
    : sh`${update ? raw('') : raw('[ -n "$head" ] || ')}if said=$(git ls-remote ${version === 'HEAD' ? raw('--symref') : raw('')} -- ${source} ${version === 'HEAD' ? ['HEAD'] : version.startsWith('refs/') ? [version, `${version}^{}`] : [`refs/heads/${version}`, `refs/tags/${version}`, `refs/tags/${version}^{}`]} 2>&1); then
printf '%s\n' "$said" | awk '$1 == "ref:" { branch = $2; next } $2 ~ /^(HEAD|refs\\/)/ { at[$2] = $1 }
END { for (ref in at) { if (ref ~ /^refs\\/heads\\//) b = ref; else if (ref ~ /\\^\\{\\}$/) p = ref; else if (ref == "HEAD") h = ref; else t = ref }
ref = b != "" ? b : p != "" ? p : t != "" ? t : h
if (ref != "") { commit = at[ref]; sub(/\\^\\{\\}$/, "", ref); print "remote", commit, (ref == "HEAD" && branch != "" ? branch : ref) } }'
else echo "unreachable $(printf '%s\n' "$said" | grep -v '^Warning' | head -n 1)"; fi`
  return sh`head=
if d=$(git -C ${dest} rev-parse --absolute-git-dir 2>/dev/null) && { [ "$d" = ${dest} ] || [ "$d" = ${`${dest}/.git`} ] || [ -f ${`${dest}/.git`} ]; }; then
echo 'there repository'
head=$(git -C ${dest} rev-parse -q --verify ${name}'^{commit}' 2>/dev/null); echo "head $head"
echo "source $(git -C ${dest} config --get remote.origin.url)"
${bare ? raw(':') : sh`[ -z "$head" ] || [ -z "$(git -C ${dest} status --porcelain --untracked-files=no --ignore-submodules=all 2>/dev/null | head -n 1)" ] || echo dirty`}
${bare || !submodules ? raw(':') : sh`! [ -f ${`${dest}/.gitmodules`} ] || ! git -C ${dest} submodule status --recursive 2>/dev/null | grep -q '^[-+U]' || echo modules`}
elif git -C ${dest} rev-parse 2>&1 | grep -q 'dubious ownership'; then echo 'there foreign'
elif [ -e ${dest} ] && [ -n "$(ls -A ${dest} 2>/dev/null)" ] || [ -f ${dest} ]; then echo 'there other'
else echo 'there nothing'; fi
${asks}; :`
}

function refusal({ dest, source, version = 'HEAD', force = false, user }: GitWant, state: State): Refused | undefined {
  if (state.there === 'foreign')
    return {
      refused: `${dest} belongs to another account than ${user ?? 'the one that scripts run as'}, which may have programs run by git there`,
      hint: 'say user: the account that it belongs to',
    }
  if (state.there === 'other')
    return {
      refused: `${dest} is there, and is no git repository`,
      hint: `put absent('${dest}') before it if it may go`,
    }
  if (state.isVague === true) return undefined
  if (state.unreachable !== undefined)
    return { refused: `${source} does not answer: ${state.unreachable}`, hint: 'git ls-remote on the host says more' }
  const isAsked = !(state.head !== '' && state.remote === undefined)
  if (isAsked && state.remote === undefined && !COMMIT.test(version))
    return { refused: `${source} has neither a branch nor a tag ${version}` }
  if (state.isDirty && !force && isDue(state))
    return { refused: `${dest} has local changes`, hint: 'look at git status there; force: true throws them away' }
  return undefined
}

/** Another commit is to be checked out. */
function isDue({ there, remote, head }: State): boolean {
  return there !== 'repository' || head === '' || (remote !== undefined && remote.commit !== head)
}

function steps(want: GitWant, state: State): Step[] {
  const { dest, source, version, force = false, deadline = 600, user } = want
  const step = (summary: string, script: Sh): Step => ({
    summary,
    sh: asUser(user, lines(raw('set -e'), settings(want), script)),
    deadline,
  })
  const at = version === undefined ? '' : ` at ${version}`
  const isNew = state.there !== 'repository' || state.head === ''
  if (isNew) return [step(`clone ${source} into ${dest}${at}`, bring(want))]
  const commit = state.remote?.commit
  const moved = state.source === source ? '' : ` from ${source} (was ${state.source})`
  if (commit !== undefined && commit !== state.head)
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
    ...(state.isDirty && force
      ? [step(`throw away local changes in ${dest}`, sh`git -C ${dest} reset -q --hard`)]
      : []),
    ...(state.staleModules ? [step(`update submodules of ${dest}`, modules(want))] : []),
  ]
}

function modules({ dest, depth, force = false }: GitWant): Sh {
  return sh`git -C ${dest} submodule --quiet sync --recursive
git -C ${dest} submodule --quiet update --init --recursive ${force ? raw('--force') : raw('')} ${depth === undefined ? [] : [`--depth=${depth}`]}`
}

/** Fetches what the version is, and checks it out. */
function bring(want: GitWant): Sh {
  const { dest, source, version = 'HEAD', force = false, depth, submodules = true, bare = false, verify = false } = want
  const shallow = depth === undefined ? [] : [`--depth=${depth}`]
  const open = sh`git -C ${dest} rev-parse --git-dir >/dev/null 2>&1 || git init -q ${bare ? raw('--bare') : raw('')} -- ${dest}
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
  const out = sh`${verify ? raw(`git -C ${sh`${dest}`.text} verify-commit "$commit^{commit}" 2>&1 || { echo "the commit has no good signature" >&2; exit 1; }`) : raw(':')}
if [ -n "$branch" ]; then git -C ${dest} checkout -q ${force ? raw('--force') : raw('')} -B "$branch" "$commit" --
else git -C ${dest} checkout -q ${force ? raw('--force') : raw('')} --detach "$commit" --; fi`
  return lines(open, get, out, ...(submodules ? [sh`! [ -f ${`${dest}/.gitmodules`} ] || {\n${modules(want)}\n}`] : []))
}

/** What the other side is reached by may be still to come, and so may what stands in the way. */
function predict({ dest, key, knownHosts, source }: GitWant, state: State, later: Prediction): State | Unknown {
  const gone = later.path(dest)
  const cleared = gone?.state.type === 'absent' ? { ...state, there: 'nothing' as const, head: '' } : state
  if (cleared.unreachable === undefined) return cleared
  const by = [
    key,
    knownHosts,
    '/etc/ssh/ssh_known_hosts',
    '/root/.ssh/known_hosts',
    ...(source.startsWith('/') ? [source] : []),
  ]
  const pending = by.map((each) => (each === undefined ? undefined : later.path(each))).find(Boolean) ?? later.opaque()
  if (pending === undefined) return cleared
  return cleared.head === ''
    ? { ...cleared, unreachable: undefined, isVague: true }
    : { unknown: `${source} does not answer before ${pending.from}` }
}
