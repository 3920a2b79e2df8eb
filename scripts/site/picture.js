// `node scripts/site/picture.js`: makes docs/images/live-view.png from a real run of 500 hosts in a real terminal (tmux), rendered in Chromium. All
// hosts are this machine.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { escaped } from './markdown.js'

const project = resolve(fileURLToPath(import.meta.url), '../../..')
const [COLUMNS, ROWS, HOSTS] = [100, 30, 500]
const NAMES = Array.from({ length: HOSTS }, (_, at) => `web-${String(at + 1).padStart(3, '0')}`)
const PLAYBOOK = `import { playbook, role } from 'rolecall'
const app = role({ name: 'app', apply: async ({ host, $ }) => {
  const number = Number(host.name.slice(-3))
  const mark = import.meta.dirname + '/../' + host.name
  await $({ unless: \`test -e \${mark}\`, name: 'download release' })\`for part in 20 40 60 80; do echo app-2.1.tgz \${part}%; sleep 0.3; done
    test \${number % 19} -ne 0 || { echo "No space left on device" >&2; exit 23; }; touch \${mark}\`
} })
export default playbook({ name: 'site', plays: [{ name: 'web', hosts: 'all', roles: [app] }] })
`.replaceAll('${part}', '$part')

const room = mkdtempSync(join(tmpdir(), 'rolecall-picture-'))
const tmux = (/** @type {string[]} */ ...args) =>
  spawnSync('tmux', ['-L', `picture-${process.pid}`, ...args], { encoding: 'utf8' }).stdout
try {
  for (const name of ['inventory', 'playbooks']) mkdirSync(join(room, name))
  const hosts = NAMES.map((name) => `    ${name}:\n`).join('')
  writeFileSync(join(room, 'inventory/hosts.yml'), `all:\n  vars: { ansible_connection: local }\n  hosts:\n${hosts}`)
  writeFileSync(join(room, 'playbooks/site.ts'), PLAYBOOK)
  const command = `env LC_ALL=C.UTF-8 TERM=tmux-256color ${process.execPath} ${project}/bin/rolecall.js apply site --no-types; sleep 60`
  tmux('new-session', '-d', '-s', 'a', '-x', String(COLUMNS), '-y', String(ROWS), '-c', room, command)
  /** @type {string} */
  let screen = ''
  for (let tries = 0; tries < 300 && !/: 1[0-9][0-9] of 500/.test(screen); tries++) {
    await setTimeout(200)
    screen = tmux('capture-pane', '-p', '-e', '-t', 'a')
  }
  const html = join(room, 'page.html')
  writeFileSync(html, pageOf(screen.trimEnd()))
  const size = `--window-size=${Math.ceil(COLUMNS * 8.43) + 48},${ROWS * 19 + 48}`
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    `--user-data-dir=${join(room, 'profile')}`,
  ]
  const target = join(project, 'docs/images/live-view.png')
  spawnSync('chromium', [...args, size, `--screenshot=${target}`, `file://${html}`], { timeout: 120_000 })
  process.stdout.write(`${target}\n`)
} finally {
  tmux('kill-server')
  await setTimeout(1000)
  rmSync(room, { recursive: true, force: true, maxRetries: 5 })
}

/** @param {string} screen with the colour codes of tmux */
function pageOf(screen) {
  /** @type {Record<string, string>} */
  const colours = {
    31: '#ff7b72',
    32: '#56d364',
    33: '#e3b341',
    34: '#79c0ff',
    35: '#d2a8ff',
    36: '#76e3ea',
    90: '#9da7b3',
  }
  let style = ''
  const text = screen
    .split(/\x1b\[([\d;]*)m/)
    .map((part, at) => {
      if (at % 2 === 0) return `<span style="${style}">${escaped(part)}</span>`
      for (const code of part === '' ? ['0'] : part.split(';')) {
        if (code === '0') style = ''
        else if (code === '39') style = style.replace(/color:[^;]*;/, '')
        else if (code === '1') style += 'font-weight:700;'
        else if (code === '2') style += 'color:#9da7b3;'
        else if (colours[code] !== undefined) style += `color:${colours[code]};`
      }
      return ''
    })
    .join('')
  return `<!doctype html><meta charset="utf-8"><body style="margin:0;background:#0d1117;color:#e6edf3"><pre style="font:14px/19px monospace;padding:24px;margin:0">${text}</pre>`
}
