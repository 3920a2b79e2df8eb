import { Writable } from 'node:stream'
import type { WriteStream } from 'node:tty'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { liveView } from '../../lib/report/views/live-view.ts'
import { NORMAL } from '../../lib/report/verbosity.ts'
import { resource, started, summary, unit } from './events.ts'

/** A screen that keeps what was written to it. */
function screenOf(columns: number, rows: number) {
  let text = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  const screen = Object.assign(stream, { columns, rows, isTTY: true }) as unknown as WriteStream & { columns: number }
  return { screen, text: () => text }
}

test('all of a hundred lines between two frames are in the log, on a screen of 24 rows', () => {
  const names = Array.from({ length: 100 }, (_, at) => `host-${String(at).padStart(3, '0')}`)
  const { screen, text } = screenOf(80, 24)
  const view = liveView(screen, { json: false, verbosity: NORMAL, diff: false })
  view.tell(started(names, 'apply'))
  for (const name of names) view.tell(unit(name))
  for (const name of names) view.tell(resource(name, 'file:/etc/motd', 'changed', { steps: ['write /etc/motd'] }))
  view.tell(summary('apply', Object.fromEntries(names.map((name) => [name, { changed: 1 }]))))
  view.end()
  for (const name of names) assert.match(text(), new RegExp(`${name} .*changed .*file:/etc/motd`))
})

test('on a terminal that becomes narrower, the broken rows are erased', async () => {
  const { screen, text } = screenOf(80, 24)
  const view = liveView(screen, { json: false, verbosity: NORMAL, diff: false })
  view.tell(started(['a-host', 'b-host'], 'apply'))
  for (const name of ['a-host', 'b-host'])
    view.tell({
      type: 'step',
      host: name,
      role: 'base',
      resource: 'x:y',
      say: 'install a package with a long name',
      at: 1,
    })
  while (!text().includes('units')) await new Promise((done) => setTimeout(done, 10))
  screen.columns = 30
  const before = text().length
  while (!text().slice(before).includes('2/2') && !text().slice(before).includes('0/'))
    await new Promise((done) => setTimeout(done, 10))
  // Each of the three lines had more than 30 columns: at least three rows more.
  const [, up = '0'] = /\x1b\[(\d+)A\x1b\[0J/.exec(text().slice(before)) ?? []
  assert.ok(Number(up) >= 3, JSON.stringify(text().slice(before)))
  view.end()
})

test.run()
