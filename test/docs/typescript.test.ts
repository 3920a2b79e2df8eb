import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { blocksOf, pages, project } from './blocks.ts'

for (const page of pages) {
  const blocks = blocksOf(page).filter((block) => block.language === 'ts')
  if (blocks.length === 0) continue

  test(`the TypeScript of ${page} type-checks, as strictly as our own`, () => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-docs-')))
    try {
      for (const { file, line, text } of blocks) {
        const path = join(directory, file ?? `block-${line}.ts`)
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
            'rolecall-shells': [join(directory, 'rolecall-shells/src/index.ts')],
          },
        },
        include: ['**/*.ts'],
      }
      writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(settings))
      const tsc = join(project, 'node_modules/typescript/bin/tsc')
      const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', directory], { encoding: 'utf8' })
      assert.is(status, 0, stdout)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
}

test.run()
