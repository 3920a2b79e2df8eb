import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { asUser } from '../commands/as-user.ts'
import { absolute } from '../files/path/path.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { Refused, Resource, Unknown } from '../kit/kind.ts'
import { account, flag, oneOf, path, seconds, text, whole } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { runsPrograms } from '../kit/trusted-place.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { AT_WORK, type GitOptions, type GitWant, type State, COMMIT, settings, isDue, steps } from './git-steps.ts'

/**
 * A work tree of a git repository at a version. git asks the other side what a branch or tag is now, unless the version is a commit that is
 * there, or `update: false`; that question is the check.
 *
 * Host keys are checked: put `knownHosts` before it, or say `hostKey: 'accept-new'`. Nobody is asked for a password. Files that git does not know stay. A
 * work tree that was cloned in part goes on where it stopped: what a killed run had locked or half checked out is cleared (`rolecall-at-work` in the repository's own
 * directory says what was running).
 *
 * Refused: something else at the path; files of the version that were changed or removed by hand, unless `force` or `update: false`; an update
 * of a work tree with commits that only it has, unless `force`; a name that is a branch and a tag; a version that the repository does not have;
 * a repository that does not answer; a host without git. With a pending package of git it is cloned.
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

/** Where a repository says which programs git is to run: git-config(1), gitattributes(5), githooks(5), gitrepository-layout(5). */
const CONFIGURED = ['config', 'config.worktree', 'hooks', 'info', 'commondir', 'modules']

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
      isInterrupted: reply.lines.includes('interrupted'),
      isDirty: reply.lines.includes('dirty'),
      hasCommits: reply.lines.includes('commits'),
      staleRefs: reply.lines.includes('refs'),
      isAmbiguous: reply.lines.includes('ambiguous'),
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
    trusts: ({ dest, user, bare = false, knownHosts }) => [
      ...(knownHosts === undefined ? [] : [{ path: knownHosts, user, danger: 'could have another server trusted' }]),
      {
        path: dest,
        inside: bare ? CONFIGURED : CONFIGURED.map((name) => `.git/${name}`),
        ...runsPrograms('git', user),
      },
    ],
  },
})

function question(want: GitWant): Sh {
  const { dest, source, version = 'HEAD', update = true, submodules = true, bare = false } = want
  const names =
    !bare || version === 'HEAD'
      ? ['HEAD']
      : COMMIT.test(version) || version.startsWith('refs/')
        ? [version]
        : [`refs/heads/${version}`, `refs/tags/${version}`]
  const asks = COMMIT.test(version)
    ? sh`[ "$head" = ${version} ] || echo "remote ${raw(version)} commit"`
    : sh`${update ? raw('') : raw('[ -n "$head" ] || ')}if said=$(git ls-remote ${version === 'HEAD' ? raw('--symref') : raw('')} -- ${source} ${version === 'HEAD' ? ['HEAD'] : version.startsWith('refs/') ? [version, `${version}^{}`] : [`refs/heads/${version}`, `refs/tags/${version}`, `refs/tags/${version}^{}`]} 2>&1); then
printf '%s\n' "$said" | awk '$1 == "ref:" { branch = $2; next } $2 ~ /^(HEAD|refs\\/)/ { at[$2] = $1 }
END { for (ref in at) { if (ref ~ /^refs\\/heads\\//) bs++; else if (ref ~ /^refs\\/tags\\//) ts++
if (ref ~ /^refs\\/heads\\//) b = ref; else if (ref ~ /\\^\\{\\}$/) p = ref; else if (ref == "HEAD") h = ref; else t = ref }
ref = b != "" ? b : p != "" ? p : t != "" ? t : h
if (bs && ts && at[b] != at[p != "" ? p : t]) print "ambiguous"
if (ref != "") { commit = at[ref]; sub(/\\^\\{\\}$/, "", ref); print "remote", commit, (ref == "HEAD" && branch != "" ? branch : ref) } }'
else echo "unreachable $(printf '%s\n' "$said" | grep -v '^Warning' | head -n 1)"; fi`
  return sh`head=
if d=$(git -C ${dest} rev-parse --absolute-git-dir 2>/dev/null) && { [ "$d" = ${dest} ] || [ "$d" = ${`${dest}/.git`} ] || [ -f ${`${dest}/.git`} ]; }; then
echo 'there repository'
for n in ${names}; do head=$(git -C ${dest} rev-parse -q --verify "$n^{commit}" 2>/dev/null) && break; done; echo "head $head"
[ ! -f "$d/${raw(AT_WORK)}" ] || [ "$(cat "$d/${raw(AT_WORK)}")" != "checkout $(git -C ${dest} rev-parse -q --verify 'HEAD^{commit}' 2>/dev/null)" ] || echo interrupted
echo "source $(git -C ${dest} config --get remote.origin.url)"
${
  bare
    ? allRefs(want)
    : sh`[ -z "$head" ] || ! git -C ${dest} symbolic-ref -q HEAD >/dev/null || [ -z "$(git -C ${dest} rev-list -n 1 HEAD --not --remotes --tags '--glob=refs/rolecall*' 2>/dev/null)" ] || echo commits
[ -z "$head" ] || [ -z "$(git -C ${dest} status --porcelain --untracked-files=no --ignore-submodules=all 2>/dev/null | head -n 1)" ] || echo dirty`
}
${bare || !submodules ? raw(':') : sh`! [ -f ${`${dest}/.gitmodules`} ] || ! git -C ${dest} submodule status --recursive 2>/dev/null | grep -q '^[-+U]' || echo modules`}
elif git -C ${dest} rev-parse 2>&1 | grep -q 'dubious ownership'; then echo 'there foreign'
elif ${isBarelyBegun(dest, bare)}; then echo 'there nothing'
elif [ -e ${dest} ] && [ -n "$(ls -A ${dest} 2>/dev/null)" ] || [ -f ${dest} ]; then echo 'there other'
else echo 'there nothing'; fi
${asks}; :`
}

/** A bare repository has every branch and tag, whichever of them moves, comes and goes. */
function allRefs({ dest, source, update = true }: GitWant): Sh {
  if (!update) return raw(':')
  return sh`if [ -n "$head" ] && all=$(git ls-remote --heads --tags -- ${source} 2>/dev/null); then
[ "$(printf '%s\n' "$all" | sed '/\\^{}$/d; s/[[:space:]]/ /; /^$/d' | sort)" = "$(git -C ${dest} for-each-ref '--format=%(objectname) %(refname)' refs/heads refs/tags | sort)" ] || echo refs; fi`
}

/** What `git init --bare` makes. */
const INITIAL = [
  'HEAD',
  'HEAD.lock',
  'config',
  'config.lock',
  'description',
  'hooks',
  'info',
  'branches',
  'refs',
  'objects',
]

/** Nothing but what a `git init` that was killed has left: what it makes, and no object in it. */
function isBarelyBegun(dest: string, bare: boolean): Sh {
  const made = bare ? INITIAL : ['.git']
  const top = bare ? dest : `${dest}/.git`
  const others = raw(made.map((name) => sh`! -name ${name}`.text).join(' '))
  return sh`[ -d ${top} ] && [ -z "$(find ${dest} -mindepth 1 -maxdepth 1 ${others} 2>/dev/null | head -n 1)" ] && [ -z "$(find ${`${top}/objects`} ${`${top}/refs`} -type f 2>/dev/null | head -n 1)" ]`
}

function refusal(
  { dest, source, version = 'HEAD', update = true, force = false, bare = false, user }: GitWant,
  state: State,
): Refused | undefined {
  if (state.there === 'foreign')
    return {
      refused: `${dest} belongs to another account than ${user ?? 'the one that scripts run as'}, which may have programs run by git there`,
      hint: 'set user to the account that it belongs to',
    }
  if (state.there === 'other')
    return {
      refused: `${dest} exists and is not a git repository`,
      hint: `put absent('${dest}') before this resource if it may be removed`,
    }
  if (state.isVague === true) return undefined
  if (state.unreachable !== undefined)
    return { refused: `${source} does not answer: ${state.unreachable}`, hint: 'git ls-remote on the host says more' }
  const isAsked = !(state.head !== '' && state.remote === undefined)
  if (isAsked && state.remote === undefined && !COMMIT.test(version))
    return { refused: `${source} has neither a branch nor a tag ${version}` }
  if (state.isAmbiguous === true && !bare)
    return {
      refused: `${source} has a branch and a tag ${version}, which are different commits`,
      hint: `write refs/heads/${version} or refs/tags/${version}`,
    }
  if (state.hasCommits === true && !force && state.isInterrupted !== true && isDue(state))
    return {
      refused: `${dest} has commits of its own, which ${source} does not have`,
      hint: 'push them from there, or discard them with force: true',
    }
  // With `update: false` the work tree is only to be there.
  if (state.isDirty && !force && state.isInterrupted !== true && (update || isDue(state)))
    return { refused: `${dest} has local changes`, hint: 'run git status there, or discard them with force: true' }
  return undefined
}

/** What makes the remote reachable may be pending, and so may the removal of an obstacle. */
function predict({ dest, key, knownHosts, source }: GitWant, state: State, prediction: Prediction): State | Unknown {
  const gone = prediction.paths.get(dest)
  const cleared = gone?.state.type === 'absent' ? { ...state, there: 'nothing' as const, head: '' } : state
  if (cleared.unreachable === undefined) return cleared
  const by = [
    key,
    knownHosts,
    '/etc/ssh/ssh_known_hosts',
    '/root/.ssh/known_hosts',
    ...(source.startsWith('/') ? [source] : []),
  ]
  const pending =
    by.map((each) => (each === undefined ? undefined : prediction.paths.get(each))).find(Boolean) ?? prediction.opaque()
  if (pending === undefined) return cleared
  return cleared.head === ''
    ? { ...cleared, unreachable: undefined, isVague: true }
    : { unknown: `${source} does not answer before ${pending.from}` }
}
