import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import site from '../../playbooks/site.ts'
import { blocksOf, project } from './blocks.ts'

/** The sections of the tutorial's chapter 6 that have commands, by their numbers. It has two that are called 6.5.6. */
const CHAPTERS = [
  ['6.1'],
  ['6.2.1', '6.2.2', '6.2.3', '6.2.4', '6.2.5'],
  ['6.3.1', '6.3.2', '6.3.3'],
  ['6.4.1', '6.4.2', '6.4.3'],
  ['6.5.1', '6.5.2', '6.5.3', '6.5.4', '6.5.5', '6.5.6', '6.5.6', '6.5.7'],
].flat()

const page = 'docs/tutorial.md'
const lines = readFileSync(join(project, page), 'utf8').split('\n')

/** The file that an excerpt is from: the nearest line above it that names one, as in `roles/base.ts`: */
function sourceOf(line: number): string {
  const named = lines.slice(0, line).findLast((text) => /^`roles\/[^`]+`/.test(text))
  return /`([^`]+)`/.exec(named ?? '')?.[1] ?? ''
}

const shape = (text: string) => text.split('\n').map((line) => line.trim())

const excerpts = blocksOf(page)
  .filter(({ language }) => language === 'typescript')
  .map(({ line, text }) => ({ line, file: sourceOf(line), text: shape(text.trimEnd()) }))

interface Section {
  readonly title: string
  readonly from: number
  readonly to: number
}

/** Sections with a number of three parts, and 6.1, which has no parts of its own. */
const sections: Section[] = lines
  .flatMap((text, index) => (/^(## 6\.1 |### 6\.\d\.\d )/.test(text) ? [{ title: text, from: index + 1 }] : []))
  .map(({ title, from }) => {
    const level = title.startsWith('## ') ? /^## / : /^##+ /
    const next = lines.findIndex((text, index) => index >= from && level.test(text))
    return { title, from, to: next < 0 ? lines.length : next }
  })

test('every chapter of the tutorial stands there, in its order', () => {
  assert.equal(
    sections.map(({ title }) => /6[\d.]+/.exec(title)?.[0]),
    CHAPTERS,
  )
})

for (const { title, from, to } of sections) {
  const within = ({ line }: { line: number }) => line > from && line <= to

  test(`${title.replace(/^#+ /, '')}: the tutorial's commands stand beside lines of a role`, () => {
    const commands = blocksOf(page).filter((block) => block.language === 'shell' && within(block))
    assert.ok(commands.length > 0, 'commands of the tutorial')
    assert.ok(excerpts.filter(within).length > 0, 'lines of a role')
  })
}

for (const { line, file, text } of excerpts) {
  test(`line ${line}: ${file} has these lines`, () => {
    assert.ok(existsSync(join(project, file)), file)
    const whole = shape(readFileSync(join(project, file), 'utf8')).join('\n')
    assert.ok(whole.includes(text.join('\n')), text.join('\n'))
  })
}

test('every role of the site belongs to a chapter, and no other is quoted', () => {
  const roles = site.plays.flatMap((play) => play.roles.map((use) => (use.type === 'use' ? use.role : use).name))
  const quoted = excerpts.map(({ file }) => /^roles\/([\w-]+)/.exec(file)?.[1])
  assert.equal([...new Set(quoted)].sort(), [...new Set(roles)].sort())
})

test.run()
