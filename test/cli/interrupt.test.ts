import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const interrupt = join(import.meta.dirname, '../../lib/cli/interrupt.ts')

test('the first Ctrl-C says that it stops, the second that it quits and where to look', async () => {
  const script = `import { untilInterrupted } from ${JSON.stringify(interrupt)}
untilInterrupted((line) => console.log(line))
setInterval(() => undefined, 1000)
console.log('ready')`
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = once(child, 'exit')
  for (const words of ['ready', 'Stopping: commands on hosts are being ended']) {
    while (!said.includes(words) && child.exitCode === null) await once(child.stdout, 'data')
    child.kill('SIGINT')
  }
  assert.equal(await ended, [130, null])
  assert.match(said, /Quit at once\.\nCommands on hosts may still be running: rolecall runs shows/)
})

test.run()
