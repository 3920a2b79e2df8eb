import { isDeepStrictEqual } from 'node:util'
import { reasonToRun } from './reason-to-run.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { Unknown } from '../kit/kind.ts'
import { neverPackaged } from '../files/path/path-prediction.ts'
import { isBroughtBy } from '../systemd/packaged-units.ts'
import type { Sh } from '../../sh/quote.ts'
import type { ExecHave, ExecWant } from './exec-want.ts'

const NOT_FOUND = 127

/**
 * Applies pending changes to the answers of `creates`, `unless` and `onlyIf`. The rules are in the docstring of `exec`.
 * Returns the same object when nothing pending decides.
 */
export function predictExec(want: ExecWant, have: ExecHave, prediction: Prediction): ExecHave | Unknown {
  const next = prediction.empty ? have : predictAnswers(want, have, prediction)
  if ('unknown' in next || want.results?.changedBy === undefined || next.onlyLooks !== true) return next
  if (reasonToRun(want, next) === undefined) return next
  const { changedBy } = want.results
  if (Array.isArray(changedBy) && changedBy.length === 0) return { ...next, result: { code: 0, printed: '' } }
  return { unknown: 'it runs, and says itself whether it has changed anything' }
}

/** What is pending decides one answer after the other: those on which later ones depend first. */
function predictAnswers(want: ExecWant, have: ExecHave, prediction: Prediction): ExecHave | Unknown {
  const doubt = onlyIfDoubt(want, have, prediction)
  if (doubt !== undefined) return doubt
  const cwd = directoryLater(want, have, prediction)
  if (typeof cwd === 'object') return cwd
  const creates = productLater(want, have, prediction)
  if (typeof creates === 'object') return creates
  const product = creates === undefined ? {} : { creates }
  // Where it cannot run nothing else can be asked.
  if (cwd === false) return { ...have, ...product, cwd, unless: undefined, onlyIf: undefined }
  const isSame = cwd === undefined && creates === undefined
  const next = isSame ? have : { ...have, ...(cwd === undefined ? {} : { cwd }), ...product }
  return unlessLater(want, next, prediction)
}

/** Why the answer of `onlyIf` may be another one when the command has its turn. */
function onlyIfDoubt(want: ExecWant, have: ExecHave, prediction: Prediction): Unknown | undefined {
  if (want.onlyIf === undefined) return undefined
  const isAsked = have.unasked === 'no account' && reasonToRun(want, have) !== undefined
  const asker = isAsked ? accountBringer(want.user ?? '', prediction) : undefined
  if (asker !== undefined)
    return { unknown: `onlyIf is asked as ${want.user ?? ''}, and ${asker.from} may make this account first` }
  const named = prediction.paths.namedIn(want.onlyIf.text)
  if (named !== undefined) return { unknown: `onlyIf looks at ${named.path}, which ${named.from} changes first` }
  const opaque = have.onlyIf === 0 || have.unasked !== undefined ? undefined : prediction.opaque()
  if (opaque !== undefined) return { unknown: `onlyIf says no, and ${opaque.from} comes first` }
  const remover = have.onlyIf === 0 ? removerOf(want.onlyIf, want, prediction) : undefined
  return remover && { unknown: `onlyIf says yes, and ${remover.from} may change that` }
}

/** Whether the directory to run in will be there; undefined if nothing pending decides. */
function directoryLater(want: ExecWant, have: ExecHave, prediction: Prediction): boolean | undefined | Unknown {
  const { cwd } = want
  if (cwd === undefined) return undefined
  const pending = prediction.paths.get(cwd)
  const isNone = pending?.state.type === 'absent' || pending?.state.type === 'file'
  if (have.cwd) return isNone ? false : undefined
  if (pending !== undefined) return isNone ? undefined : true
  const opaque = prediction.opaque()
  if (opaque === undefined) return undefined
  const isUnlikely = prediction.packages.installed().length === 0 || neverPackaged(cwd)
  return isUnlikely && reasonToRun(want, have) !== undefined
    ? { unknown: `there is no directory ${cwd} to run in, unless ${opaque.from} makes it` }
    : true
}

/** Whether the path of `creates` will be there; undefined if nothing pending decides. */
function productLater({ creates }: ExecWant, have: ExecHave, prediction: Prediction): boolean | undefined | Unknown {
  if (creates === undefined) return undefined
  const pending = prediction.paths.get(creates)
  const doubt = prediction.paths.doubtAbout(creates)
  if (doubt !== undefined) return { unknown: `whether there will be a ${creates} is known only after ${doubt.words}` }
  if (pending !== undefined) return pending.state.type !== 'absent'
  const arrival = have.creates === false ? ownBringer(creates, prediction) : undefined
  if (arrival !== undefined)
    return { unknown: `whether there will be a ${creates} is known only after ${arrival.from}` }
  if (have.creates !== true || neverPackaged(creates)) return undefined
  const remover = prediction.packages.peekRemoved().size > 0 ? prediction.opaque() : undefined
  return remover && { unknown: `${creates} is there, and ${remover.from} may take it along` }
}

/** The answer of `unless`, where it decides: without `creates`, or where the path of it is there. */
function unlessLater(want: ExecWant, have: ExecHave, prediction: Prediction): ExecHave | Unknown {
  const { unless } = want
  if (unless === undefined || have.creates === false) return have
  if (have.unless === 0) {
    const named = prediction.paths.namedIn(unless.text)
    if (named !== undefined) return { unknown: `unless looks at ${named.path}, which ${named.from} changes first` }
    const remover = removerOf(unless, want, prediction)
    return remover === undefined ? have : { unknown: `unless says yes, and ${remover.from} may change that` }
  }
  if (reasonToRun(want, have) === undefined || sameCommand(want)) return have
  const opaque = prediction.opaque()
  if (opaque !== undefined && asksForCommand(unless, have.unless))
    return { unknown: `unless finds no command, and ${opaque.from} may bring it` }
  if (saysYesAfter(want, prediction)) return { ...have, unless: 0 }
  const bringer =
    have.unless === undefined ? undefined : (starterOf(unless, have, prediction) ?? bringerOf(unless, want, prediction))
  return bringer === undefined ? have : { unknown: `unless says no, and ${bringer.from} may change that` }
}

/** A pending change that makes this account, or may make it. */
function accountBringer(user: string, prediction: Prediction): { readonly from: string } | undefined {
  const pending = prediction.accounts.get('user', user)
  return pending?.exists === true ? pending : prediction.opaque()
}

/** An earlier command runs until the same question says yes, in the same surroundings, and no later resource may change that. */
function saysYesAfter({ unless, cwd, user, env }: ExecWant, prediction: Prediction): boolean {
  if (unless === undefined) return false
  const from = prediction.repeats.lastSuch((id, other) => {
    if (!id.startsWith('exec:')) return false
    const { unless: asked, work, results, ...more } = other as ExecWant
    // What may fail, or goes on, leaves nothing for certain.
    if (asked?.text !== unless.text || work !== undefined || results !== undefined) return false
    return more.cwd === cwd && more.user === user && isDeepStrictEqual(more.env, env)
  })
  if (from === undefined) return false
  const behind = [prediction.activity(false), prediction.paths.namedIn(unless.text)]
  return behind.every((pending) => pending === undefined || pending.from === from)
}

/** What is made newer by a pending change makes `A -nt B` no truer: test(1). */
const NEWER_THAN = /-nt\s+\S+|\S+\s+-ot/g

/**
 * What it makes is there, and `unless` asks a server whether all is well: that may be so as soon as something pending runs. What it has never made, the
 * start of a server does not make either.
 */
function starterOf(unless: Sh, { creates }: ExecHave, prediction: Prediction): { readonly from: string } | undefined {
  return creates === true && /\bhttps?:\/\//.test(unless.text) ? prediction.activity(false) : undefined
}

/** Whatever pending may make `unless` say yes. What the command makes itself no other does: that is so where both name the same. */
function bringerOf(unless: Sh, want: ExecWant, prediction: Prediction): { readonly from: string } | undefined {
  const named = prediction.paths.namedIn(unless.text.replaceAll(NEWER_THAN, ''))
  if (named !== undefined) return named
  if (isItsOwn(unless, want)) return undefined
  const paths = pathsIn(unless.text)
  if (paths.length > 0 && paths.every(neverPackaged)) return prediction.command()
  return prediction.opaque()
}

/** A package whose installation may make the path itself, since it is in the package's own state directory, as with the first cluster of PostgreSQL. */
function ownBringer(path: string, prediction: Prediction): { readonly from: string } | undefined {
  const [, directory] = /^\/var\/lib\/([^/]+)\//.exec(path) ?? []
  if (directory === undefined) return undefined
  return prediction.packages.installed().find(({ name, asIs, kept }) => !asIs && !kept && isBroughtBy(directory, name))
}

/** A pending removal of packages, which may take along what a command looks at. */
function removerOf(look: Sh, want: ExecWant, prediction: Prediction): { readonly from: string } | undefined {
  if (prediction.packages.peekRemoved().size === 0 || isItsOwn(look, want)) return undefined
  const paths = pathsIn(look.text)
  return paths.length > 0 && paths.every(neverPackaged) ? undefined : prediction.opaque()
}

/** What is looked at is what the command makes: all paths that are named are named there as well; without any, a word is. */
function isItsOwn({ text }: Sh, { run, creates, paths }: ExecWant): boolean {
  const made = [run.text, creates ?? '', ...paths].join(' ')
  const looked = pathsIn(text)
  if (looked.length > 0) return looked.every((path) => made.includes(path))
  const words = new Set(wordsIn(made))
  return wordsIn(text).some((word) => words.has(word))
}

function pathsIn(command: string): string[] {
  return [...command.matchAll(/(?<![\w.])\/[\w@%+=:,./-]*[\w@%+=-]/g)].flatMap(([path]) =>
    /^\/(dev\/(null|zero)|bin\/(ba|da)?sh)$/.test(path) ? [] : [path],
  )
}

/** Words of the shell, and programs that look at anything. */
const COMMON =
  /^(test|true|false|then|else|elif|done|case|esac|exit|echo|printf|grep|sed|awk|cat|stat|find|set|and|not|null|dev)$/

function wordsIn(command: string): string[] {
  return [...command.matchAll(/(?<![\w.-])[\w][\w.@:+-]{2,}/g)].flatMap(([word]) => (COMMON.test(word) ? [] : [word]))
}

/** It failed because a command is missing, or the command's being there is what it asks. */
function asksForCommand(unless: Sh, status: number | undefined): boolean {
  return status === NOT_FOUND || (status !== undefined && /^\s*(command -v|which|type|hash)\s/.test(unless.text))
}

function sameCommand({ shown, unless }: ExecWant): boolean {
  const word = firstWord(shown)
  return word !== undefined && word === firstWord(unless?.text ?? '')
}

/** The command that a line begins with, past assignments and words that run another command. */
function firstWord(line: string): string | undefined {
  return line
    .trim()
    .split(/\s+/)
    .find((word) => !/^(\w+=.*|!|env|sudo|exec|time|nice)$/.test(word))
    ?.replaceAll(/['"]/g, '')
}
