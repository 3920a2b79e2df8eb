import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { rolecall } from '../support/project.ts'
import { blocksOf, pages, project } from './blocks.ts'

const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { scripts: object }

const lines = pages
  .flatMap(blocksOf)
  .filter((block) => block.language === 'sh')
  .flatMap(({ page, text }) => text.split('\n').map((line) => ({ page, line: line.replace(/\s+#.*/, '').trim() })))
  .filter(({ line }) => line !== '')
const commands = lines.flatMap(({ page, line }) => line.split(' && ').map((command) => ({ page, command })))

/** The words of a command line, without quotes. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')
}

const helps = new Map<string, Promise<string>>()
function help(words: readonly string[]): Promise<string> {
  const key = words.join(' ')
  const known = helps.get(key) ?? rolecall(project, [...words, '--help']).then(({ out }) => out)
  helps.set(key, known)
  return known
}

test('the pages show commands', () => {
  assert.ok(commands.length > 15)
})

for (const { page, command } of commands) {
  const [program = '', ...all] = wordsOf(command.replace(/^npx (?=rolecall)/, ''))
  const args = all.includes('--') ? all.slice(0, all.indexOf('--')) : all
  if (program === 'rolecall') {
    test(`${page}: ${command} is a command with these options`, async () => {
      const isNested =
        ['lab', 'list', 'plan', 'vault'].includes(args[0] ?? '') || (args[0] === 'runs' && /^\w/.test(args[1] ?? ''))
      const text = await help(args.slice(0, isNested ? 2 : 1))
      assert.match(text, `Usage: rolecall ${args.slice(0, isNested ? 2 : 1).join(' ')}`)
      for (const option of args.filter((word) => word.startsWith('-')))
        assert.match(text, new RegExp(`(^|[ ,])${option}\\b`, 'm'), option)
    })
  } else {
    test(`${page}: ${command} is there to be run`, () => {
      const [first = '', second = ''] = args
      if (program === 'node') assert.ok(existsSync(join(project, first)), first)
      else if (program === 'npm' && ['start', 'test', 'run'].includes(first))
        assert.ok((first === 'run' ? second : first) in scripts, command)
      else assert.match(command, /^(npm (init|pkg|pack|install)|npx (tsc|tsx)|cp|sed|cd) ?/)
    })
  }
}

test.run()
