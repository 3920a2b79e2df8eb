import { columnsOf } from '../../report/text/screen-size.ts'
import { shown, shownName } from '../../gate/gate.ts'
import { reportPage } from '../../report/html/page.ts'
import { recapLines } from '../../report/recap.ts'
import { paintFor } from '../../report/text/paint.ts'
import { PlainLog } from '../../report/views/plain-log.ts'
import { QUIET } from '../../report/verbosity.ts'
import { JOURNALS } from '../../runner/journal/journal-directory.ts'
import { typedExtra } from '../../runner/journal/request.ts'
import { momentText } from '../../runner/plan/approval.ts'
import { costOf } from '../../runner/plan/cost.ts'
import { readPlan, type SavedPlan } from '../../runner/plan/plan-file.ts'
import { planKey } from '../../runner/plan/plan-key.ts'
import { writeWhole } from '../../machine/write-whole.ts'
import { commandOf, commitText } from '../history/show.ts'
import { quotedWord } from '../next-commands.ts'
import { print, printJson } from '../print.ts'
import { costLines } from './cost-lines.ts'
import { planMarkdown } from '../../report/plan-markdown.ts'

export interface ShowFlags {
  readonly json?: boolean
  readonly html?: string | true
  readonly markdown?: boolean
}

/** `rolecall plan show FILE`: the changes of a plan, even of a stale one. */
export function showPlan(file: string, { json = false, html, markdown = false }: ShowFlags): void {
  const { plan, isSealed } = readPlan(file)
  const seal = sealText(plan, isSealed)
  const facts = factsOf(plan, seal)
  const apply = `rolecall apply ${quotedWord(file)}${plan.request.withheld.map((name) => ` ${typedExtra(shownName(name))}`).join('')}`
  if (json) return printJson({ ...plan, cost: costData(plan) })
  if (markdown) {
    const text = planMarkdown(plan.events, { facts, cost: costLines(costOf(plan.resources, JOURNALS)), apply })
    return void process.stdout.write(text)
  }
  if (html !== undefined) {
    const head = { run: plan.id, facts, end: 'planned', ok: true }
    const page = reportPage(head, shown(plan.events), undefined)
    if (html === true) return void process.stdout.write(page)
    writeWhole(html, page, { mode: 0o600 })
    return print([`plan ${plan.id} is written to ${html}`])
  }
  const log = new PlainLog()
  const paint = paintFor('stdout')
  for (const event of plan.events) log.take(event, { paint, diff: true, verbosity: QUIET })
  const columns = process.stdout.isTTY ? columnsOf(process.stdout) : undefined
  const recap = recapLines(log.tally, { paint, changes: 'all', next: { apply }, columns })
  const lines = [
    ...facts.map(([word, text]) => `${word.padEnd(8)} ${text}`),
    ...recap,
    '',
    ...costLines(costOf(plan.resources, JOURNALS)),
  ]
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

function factsOf(plan: SavedPlan, seal: string): [word: string, text: string][] {
  const { id, at, expiresAt, by, source, request, program, ci } = plan
  const expired = Date.now() >= expiresAt ? ', expired' : ''
  const rows: [string, string | undefined][] = [
    ['plan', id],
    ['when', `${new Date(at).toLocaleString('sv-SE')}, until ${momentText(expiresAt)}${expired}`],
    ['who', `${by.user} on ${by.machine}`],
    ['command', commandOf(request)],
    ['commit', source.commit === undefined ? undefined : commitText(source)],
    ['ci', ci],
    ['version', program],
    ['seal', seal],
  ]
  return rows.flatMap(([word, text]) => (text === undefined ? [] : [[word, shownName(text)]]))
}

function sealText(plan: SavedPlan, isSealed: (key: ReturnType<typeof planKey>) => boolean): string {
  const key = planKey(process.cwd())
  if (key.id !== plan.key) return 'made with another key, so it cannot be checked here'
  return isSealed(key) ? 'intact' : 'broken: the plan was modified'
}

function costData({ resources }: SavedPlan): object {
  const { restarts, ...cost } = costOf(resources, JOURNALS)
  return { ...cost, restarts: Object.fromEntries(restarts) }
}
