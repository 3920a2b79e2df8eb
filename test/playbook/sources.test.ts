import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Problem } from '../../lib/errors.ts'
import { play, playbook, role, secret, shared, using, z, type Play, type Secret, type Site } from '../../lib/index.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { isSecret } from '../../lib/secret.ts'
import { runUnit } from '../../lib/runner/units/run-unit.ts'
import { OncePerPlay } from '../../lib/runner/units/role/once-per-play.ts'
import { unitsOf, type Unit } from '../../lib/runner/units/units.ts'
import { problemsOf } from '../support/problems.ts'

const room = mkdtempSync(join(tmpdir(), 'sources-'))
test.after(() => rmSync(room, { recursive: true }))

const HOSTS = 'all:\n  children:\n    web: { hosts: { a: , b: } }\n    db: { hosts: { c: } }\n'

function write(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(room, 'i-'))
  for (const [name, text] of Object.entries({ 'hosts.yml': HOSTS, ...files })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  return directory
}

function units(plays: readonly Play[], files: Readonly<Record<string, string>>, extra: readonly string[] = []): Unit[] {
  return unitsOf(playbook({ name: 'test', plays }), loadInventory(write(files), { extra }), {})
}

function vars(
  of: Play['roles'][number],
  files: Readonly<Record<string, string>>,
  host = 'a',
  extra?: readonly string[],
) {
  const found = units([{ name: 'all', hosts: 'all', roles: [of] }], files, extra).find(
    (unit) => unit.host.name === host,
  )
  return found?.vars
}

const at = (problem: Problem | undefined) =>
  `${relative(room, problem?.place?.file ?? '').replace(/^[^/]*\//, '')}:${problem?.place?.line ?? 0}`
const nothing = () => Promise.resolve()

const web = role({
  name: 'web',
  vars: z.object({ port: z.number().default(80), name: z.string().default('none'), workers: z.number().default(1) }),
  from: { port: ['nginx_port', 'http_port'], name: 'server_name', workers: 'nginx.workers' },
  apply: nothing,
})

test('a variable comes from a flat one of the inventory', () => {
  assert.equal(vars(web, { 'group_vars/all.yml': 'nginx_port: 8080\nserver_name: x\n' }), {
    port: 8080,
    name: 'x',
    workers: 1,
  })
})

test('of several the first counts most, and the own name before them', () => {
  const both = { 'group_vars/all.yml': 'http_port: 1\nnginx_port: 2\n' }
  assert.is(vars(web, both)?.['port'], 2)
  assert.is(vars(web, { 'group_vars/all.yml': 'http_port: 1\n' })?.['port'], 1)
  assert.is(vars(web, { 'group_vars/all.yml': 'http_port: 1\nnginx_port: 2\nweb: { port: 3 }\n' })?.['port'], 3)
})

test('a higher level counts more than a lower one, whatever the name', () => {
  const files = { 'group_vars/all.yml': 'web: { port: 3 }\nnginx_port: 2\n', 'host_vars/a.yml': 'http_port: 1\n' }
  assert.is(vars(web, files, 'a')?.['port'], 1)
  assert.is(vars(web, files, 'b')?.['port'], 3)
  assert.is(vars(web, files, 'a', ['nginx_port=9'])?.['port'], 9)
  assert.is(vars(using(web, { port: 7 }), files)?.['port'], 7)
})

test('a path leads into a map, also into one that a template gives', () => {
  assert.is(vars(web, { 'group_vars/all.yml': 'nginx: { workers: 4, other: 1 }\n' })?.['workers'], 4)
  assert.is(vars(web, { 'group_vars/all.yml': 'base: { workers: 4 }\nnginx: "{{ base }}"\n' })?.['workers'], 4)
  assert.is(vars(web, { 'group_vars/all.yml': 'nginx: { other: 1 }\n' })?.['workers'], 1)
})

test('a flat variable of the wrong type is told with its file and line', () => {
  const [problem] = problemsOf(() => vars(web, { 'group_vars/all.yml': 'a: 1\nnginx_port: http\n' }))
  assert.match(problem?.message ?? '', /web\.port: .*number/)
  assert.is(at(problem), 'group_vars/all.yml:2')
  assert.is(problem?.got, '"http" (string)')
})

test('a variable may have the name of something that every object of JavaScript inherits', () => {
  const shape = { constructor: z.string().default('c'), valueOf: z.unknown().optional(), toString: z.string() }
  const odd = role({ name: 'odd', vars: z.object(shape), apply: nothing })
  const found = vars(odd, { 'group_vars/all.yml': 'odd: { toString: t }\n' })
  assert.equal(Object.entries(found ?? {}), [
    ['constructor', 'c'],
    ['toString', 't'],
  ])
  const [problem] = problemsOf(() => vars(odd, {}))
  assert.is(problem?.message, 'odd.toString is not set')
})

test('a variable that nothing reads is never an error', () => {
  const text = 'a: [1]\nb: "{{ (("\nc: { d: 1 }\n"e.f": 1\nother-role: { x: 1 }\nyes: no\n'
  assert.equal(vars(web, { 'group_vars/all.yml': text }), { port: 80, name: 'none', workers: 1 })
})

test('a misspelt variable under the name of a role is an error with the nearest name', () => {
  const [problem] = problemsOf(() => vars(web, { 'group_vars/all.yml': 'web: { prot: 1 }\n' }))
  assert.is(problem?.message, 'role web has no variable "prot"')
  assert.is(problem?.hint, 'did you mean "port"?')
})

test('inside a variable a key that is missing and one that is unknown are told, with what was meant', () => {
  const fetch = role({
    name: 'fetch',
    vars: z.object({ from: z.strictObject({ source: z.string() }) }),
    apply: nothing,
  })
  const found = problemsOf(() => vars(fetch, { 'group_vars/all.yml': 'fetch:\n  from:\n    sourse: /a\n' }))
  assert.equal(found.map((problem) => [at(problem), problem.message, problem.expected, problem.hint]).slice(0, 2), [
    ['group_vars/all.yml:3', 'fetch.from.source is missing', 'a text', undefined],
    ['group_vars/all.yml:3', 'unknown key "sourse" in fetch.from', 'one of source', 'did you mean "source"?'],
  ])
})

test('a name in from that the role does not have is refused, also by the compiler', () => {
  const [problem] = problemsOf(() =>
    role({
      name: 'x',
      vars: z.object({ port: z.number() }),
      // @ts-expect-error the role has no variable "prot"
      from: { prot: 'nginx_port' },
      apply: nothing,
    }),
  )
  assert.match(problem?.message ?? '', /from of role x names the variable "prot"/)
  assert.is(problem?.hint, 'did you mean "port"?')
})

test('a variable of a role that declares none is refused by the compiler', () => {
  for (const definition of [{ name: 'x' }, { name: 'x', vars: z.object({}) }])
    assert.is(role({ ...definition, apply: nothing }).name, 'x')
  role({
    name: 'x',
    apply({ vars, note }) {
      // @ts-expect-error the role has no variable "port"
      note(String(vars.port))
      return nothing()
    },
  })
  role({
    name: 'x',
    vars: z.object({}),
    apply({ vars, note }) {
      // @ts-expect-error the role has no variable "port"
      note(String(vars.port))
      return nothing()
    },
  })
})

test('a template is evaluated for each host, and typed as the schema wants it', () => {
  const files = {
    'group_vars/all.yml':
      'base: 8000\nnginx_port: "{{ base + 80 }}"\nserver_name: "{{ inventory_hostname }}.{{ domain }}"\ndomain: example.com\n',
  }
  assert.equal(vars(web, files, 'b'), { port: 8080, name: 'b.example.com', workers: 1 })
})

test('the own variables of a role may be templates, and the whole block', () => {
  assert.is(vars(web, { 'group_vars/all.yml': 'd: x\nweb: { name: "{{ d }}y" }\n' })?.['name'], 'xy')
  assert.is(vars(web, { 'group_vars/all.yml': 'd: { name: z }\nweb: "{{ d }}"\n' })?.['name'], 'z')
})

test('a template that cannot be evaluated is an error with its own place, when it is read', () => {
  const files = { 'group_vars/all.yml': 'server_name: "{{ a }}"\na: "{{ b }}"\nb: "{{ missing_one }}"\n' }
  const [problem] = problemsOf(() => vars(web, files))
  assert.match(problem?.message ?? '', /'missing_one' is not defined/)
  assert.is(at(problem), 'group_vars/all.yml:3')
})

test('a circle is an error that shows it', () => {
  const [problem] = problemsOf(() =>
    vars(web, { 'group_vars/all.yml': 'server_name: "{{ a }}"\na: "{{ server_name }}"\n' }),
  )
  assert.match(problem?.message ?? '', /server_name > a > server_name|a > server_name > a/)
})

const site = shared(
  {
    domain: z.string(),
    environment: z.enum(['test', 'live']).default('test'),
    token: z.string().transform(secret).optional(),
  },
  { from: { domain: 'dns_domain' } },
)
const proxy = role({
  name: 'proxy',
  vars: z.object({ serverName: z.string(), port: z.number().default(1), domain: site.domain }),
  apply: nothing,
})
const plain = role({
  name: 'plain',
  vars: z.object({ serverName: z.string(), port: z.number().default(1) }),
  apply: nothing,
})

test('a role takes a shared variable, and its own name counts more', () => {
  const use = using(proxy, { serverName: 'x' })
  assert.is(vars(use, { 'group_vars/all.yml': 'domain: example.com\n' })?.['domain'], 'example.com')
  assert.is(vars(use, { 'group_vars/all.yml': 'dns_domain: example.org\n' })?.['domain'], 'example.org')
  assert.is(vars(use, { 'group_vars/all.yml': 'domain: example.com\nproxy: { domain: own }\n' })?.['domain'], 'own')
})

test('using takes a shared variable, or computes with several, for each host', () => {
  const files = {
    'group_vars/all.yml': 'domain: example.com\n',
    'host_vars/b.yml': 'domain: b.example\nenvironment: live\n',
  }
  assert.is(vars(using(plain, { serverName: site.domain }), files, 'b')?.['serverName'], 'b.example')
  const computed = using(plain, site, ({ domain, environment }) => ({ serverName: `${environment}.${domain}` }))
  assert.is(vars(computed, files, 'a')?.['serverName'], 'test.example.com')
  assert.is(vars(computed, files, 'b')?.['serverName'], 'live.b.example')
})

test('a shared variable that is not set is told with what to write', () => {
  const [problem] = problemsOf(() => vars(using(plain, { serverName: site.domain }), {}))
  assert.is(problem?.message, 'domain is not set')
  assert.match(problem?.hint ?? '', /write "domain: ..." in group_vars/)
})

test('a shared variable of the wrong type is told with its place', () => {
  const files = { 'group_vars/all.yml': 'domain: x\nenvironment: prod\n' }
  const computed = using(plain, site, ({ environment }) => ({ serverName: environment }))
  assert.is(at(problemsOf(() => vars(computed, files))[0]), 'group_vars/all.yml:2')
})

test('the types of using are checked: another type, and an unknown name', () => {
  // @ts-expect-error a number is no text
  using(plain, { serverName: 5 })
  // @ts-expect-error a text is no number
  using(plain, { port: site.domain })
  // @ts-expect-error the environment is no number
  using(plain, site, ({ environment }) => ({ port: environment }))
  assert.throws(() => {
    // @ts-expect-error a schema is no value
    using(plain, { serverName: z.number() })
  }, /is a schema, and no value/)
})

test('variables that a playbook shares are checked on its hosts, even if no role reads them', () => {
  const book = playbook({ name: 'test', shared: [site], plays: [{ name: 'all', hosts: 'web', roles: [web] }] })
  const found = problemsOf(() => unitsOf(book, loadInventory(write({})), {}))
  assert.equal(
    found.map(({ message }) => message),
    ['domain is not set', 'domain is not set'],
  )
})

async function seen(files: Readonly<Record<string, string>>, ask: (site: Site) => unknown): Promise<unknown> {
  let answer: unknown
  const asking = role({
    name: 'asking',
    apply: (context) => {
      answer = ask(context.site)
      return nothing()
    },
  })
  const inventory = loadInventory(write(files))
  const book = playbook({ name: 'test', plays: [{ name: 'all', hosts: 'a', roles: [asking] }] })
  const [unit] = unitsOf(book, inventory, {})
  if (unit === undefined) throw new Error('no unit')
  const { host } = unit
  const member = { host: { name: 'a', facts: { addresses: [], os: { family: 'debian' } } }, prediction: {} }
  await runUnit({ ...unit, host }, member as never, {
    mode: 'apply',
    inventory,
    playbook: book,
    signal: new AbortController().signal,
    emit: () => undefined,
    session: () => Promise.reject(new Error('there is no other host')),
    once: new OncePerPlay(),
  }).catch((error: unknown) => {
    if (answer === undefined) throw error
  })
  return answer
}

test('another host gives shared variables, and those of a role that this playbook does not use', async () => {
  const files = {
    'group_vars/all.yml': 'domain: example.com\nnginx_port: 81\n',
    'host_vars/c.yml': 'domain: c.example\n',
  }
  assert.is(await seen(files, (all) => all.hosts('c')[0]?.vars(site).domain), 'c.example')
  assert.is(await seen(files, (all) => all.hosts('c')[0]?.vars(web).port), 81)
})

test('a role is played with shared variables of other hosts', async () => {
  let domain: string | undefined
  const client = role({
    name: 'client',
    apply: ({ site: all }) => {
      domain = all.hosts('db')[0]?.vars(site).domain
      return nothing()
    },
  })
  await play(client, { site: { db: [{ name: 'c', address: '192.0.2.3', vars: { domain: 'example.com' } }] } })
  assert.is(domain, 'example.com')
})

const holder = role({
  name: 'holder',
  vars: z.object({ password: z.string().transform(secret), url: z.string().default('') }),
  from: { password: 'app_password', url: 'app_url' },
  apply: nothing,
})

test('a secret fits where the schema makes a secret of a text, and is refused where it would be text', () => {
  const typed = loadInventory(
    write({ 'group_vars/all.yml': 'app_password: hunter22\napp_url: "x:{{ app_password }}"\n' }),
  )
  const [unit] = unitsOf(playbook({ name: 't', plays: [{ name: 'a', hosts: 'a', roles: [holder] }] }), typed, {})
  assert.ok(isSecret(unit?.vars['password']))
  const vaulted = {
    openText: (text: string) => ({ text, isSecret: true }),
    openValue: (text: string): Secret => secret(text),
    openLookup: (text: string): Secret => secret(text),
  }
  const files = { 'group_vars/all.yml': 'app_password: hunter22\napp_url: "x:{{ app_password }}"\n' }
  const inventory = loadInventory(write(files), { secrets: vaulted })
  const found = problemsOf(() =>
    unitsOf(playbook({ name: 't', plays: [{ name: 'a', hosts: 'a', roles: [holder] }] }), inventory, {}),
  )
  assert.equal(
    found.map(({ message }) => message),
    ['holder.url is a secret, and would become plain text'],
  )
  assert.is(at(found[0]), 'group_vars/all.yml:2')
  assert.not.match(JSON.stringify(found), /hunter22/)
})

test.run()
