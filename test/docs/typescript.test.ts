import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { blocksOf, pages, project } from './blocks.ts'
import { prepare } from '../support/prepare.ts'

// A directory for each page, and one compiler for all of them: the library behind the examples is read once.
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-docs-')))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
const examples = pages
  .map((page) => ({
    page,
    folder: page.replaceAll('/', '-').replace(/\.md$/, ''),
    blocks: blocksOf(page).filter(({ language }) => language === 'ts'),
  }))
  .filter(({ blocks }) => blocks.length > 0)
let said = ''

prepare(test, () => {
  for (const { folder, blocks } of examples)
    for (const { file, line, text } of blocks) {
      const path = join(directory, folder, file ?? `block-${line}.ts`)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
  // So that types of node and of zod are found, and files are ES modules.
  symlinkSync(join(project, 'node_modules'), join(directory, 'node_modules'))
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  const settings = {
    extends: join(project, 'tsconfig.json'),
    compilerOptions: {
      rewriteRelativeImportExtensions: false,
      paths: {
        rolecall: [join(project, 'lib/index.ts')],
        'rolecall/testing': [join(project, 'lib/testing/index.ts')],
        'rolecall-shells': examples.map(({ folder }) => join(directory, folder, 'rolecall-shells/src/index.ts')),
      },
    },
    include: ['**/*.ts'],
  }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(settings))
  const tsc = join(project, 'node_modules/typescript-native/bin/tsc')
  const args = [tsc, '-p', directory, '--pretty', 'false', '--listFiles']
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' })
  said = `${stdout}${stderr}`
})

for (const { page, folder, blocks } of examples) {
  test(`the TypeScript of ${page} type-checks, as strictly as our own`, () => {
    const lines = said.split('\n')
    assert.equal(
      lines.filter((line) => line.startsWith(`${folder}/`) || /^ {2}/.test(line)),
      [],
    )
    const read = lines.filter((line) => line.startsWith(`${join(directory, folder)}/`))
    assert.ok(read.length >= new Set(blocks.map(({ file, line }) => file ?? line)).size, `${page} is not read\n${said}`)
  })
}

test('no other problem is reported', () => {
  assert.equal(
    said.split('\n').filter((line) => line.includes('error TS')),
    [],
  )
})

test.run()
