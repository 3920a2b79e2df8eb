import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RolecallError } from '../../lib/errors.ts'
import { AnswerStream } from '../../lib/host/shell/answer-stream.ts'
import { readFacts } from '../../lib/host/facts.ts'
import { readLock } from '../../lib/host/lock.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { parsePattern } from '../../lib/inventory/patterns/pattern.ts'
import { readLiteral } from '../../lib/inventory/syntax/python-literal.ts'
import { pythonRegex } from '../../lib/text/python-regex.ts'
import { shellWords } from '../../lib/inventory/syntax/shell-words.ts'
import { parseManifest } from '../../lib/playbook/load/cache.ts'
import { readDiagnostics } from '../../lib/playbook/type-check/output.ts'
import { parseVerdict } from '../../lib/playbook/type-check/verdict.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { Broken } from '../../lib/resources/structured/structured.ts'
import {
  absent,
  archive,
  block,
  dir,
  dockerCompose,
  dockerContainer,
  dockerImage,
  download,
  exec,
  file,
  group,
  hostname,
  iniFile,
  jsonFile,
  line,
  link,
  pkg,
  repository,
  service,
  sysctl,
  user,
  waitFor,
  yamlFile,
  type Resource,
} from '../../lib/index.ts'
import { pastOf } from '../../lib/runner/journal/past-run.ts'
import { FrameReader } from '../../lib/sh/frame-reader.ts'
import { parseKnownHosts } from '../../lib/transport/known-hosts.ts'
import { debian, rocky } from '../support/converge-locally.ts'
import { controllerTargets } from './fuzz-controller.ts'
import { furtherKinds } from './fuzz-kinds.ts'
import { shellTargets } from './fuzz-shell.ts'
import { textTargets } from './fuzz-texts.ts'
import type { Target } from './fuzz.ts'

const scratch = mkdtempSync(join(tmpdir(), 'rolecall-fuzz-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

/** A host whose answer cannot be one: what is refused then, `Outlook` tells with the resource and its place. */
const isUnreadable = (error: unknown) => error instanceof Error && error.message.startsWith('Expected answer about ')
const isPlain = (error: unknown) => error instanceof Error && error.constructor === Error
const isRefusal = (error: unknown) => error instanceof RolecallError

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPv1'
const SUM = 'ff4d3a1387ea3e1ee74f4bb8e5ffe9cbab5bee43c710333c206d14199543ebdf'
const MARK = '=0123456789abcdef01'
const JOURNAL = `{"type":"request","version":1,"run":"a","at":1,"by":{"user":"u","machine":"m","pid":7},"request":{"mode":"apply","playbook":"p","inventory":"i","extra":[],"withheld":[]},"digests":{"inventory":"x"},"resumes":"b"}
{"type":"run","run":"a","mode":"apply","playbook":"p","hosts":["h"],"units":1,"at":1}
{"type":"unit","host":"h","role":"r","play":"p","at":1}
{"type":"unit-end","host":"h","role":"r","play":"p","end":"done","durationMs":1,"at":1}
{"type":"summary","mode":"apply","ok":true,"durationMs":1,"hosts":{"h":{"ok":1,"changed":0,"unknown":0,"failed":0,"skipped":0,"unreachable":false,"roundTrips":1}}}
`
const FACTS = `hostname=node-01
arch=x86_64
uid=0
init=systemd
pm=apt-get
digest=b2sum
2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0
2: eth0    inet6 fe80::1/64 scope global
ID=debian
ID_LIKE="a b"
VERSION_ID="12"
PRETTY_NAME='Debian GNU/Linux'
`
const INVENTORY = `all:
  hosts:
    node-[01:05]: { ansible_host: 10.0.0.1, ansible_port: 22 }
  children:
    web: { hosts: { node-01: }, vars: { a: &x { b: 1 }, c: *x } }
    db: { children: { web: } }
`
const INI = `lone ansible_host=10.0.0.1 x="a b" # c
[web]
www[01:03].x:2222 y='[1, 2]'
[web:vars]
z=True
[site:children]
web
`
const TSC = `playbooks/site.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.
  Types differ.
error TS18003: No inputs were found.
/srv/playbooks/site.ts
`

/** What answers stand for: the same samples go to every kind, since a host may send any of them. */
const REPLIES = [
  '',
  'none\n',
  'have 0 81a4 6 0 0 root:root\nhello\n',
  'have 0 41ed 5 0 0 root:root\n',
  'have 1 a1ff 2 0 0 root:root\n/b\n',
  'file 0644 root root 12 1\nhello\n',
  '81a4 0 0 5 0 1790000000 root root\nhello\n',
  'dir 755 root root\n',
  'link /etc/x\n',
  'nginx|amd64|install ok installed|1.2\n# lists fresh\n# simulation\nInst nginx [1.1] (1.2 Debian:12 [amd64])\nRemv other [1]\n# offers\nnginx|1.2\n# provides\n',
  'package nginx is not installed\n# lists stale\n# simulation\nInstalling:\n nginx  x86_64  1.2  repo  1 M\n# near\nnginy\n',
  'LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nSubState=running\nNeedDaemonReload=no\nActiveEnterTimestampMonotonic=12\nId=a.service\n\nId=b.service\n',
  'engine running\ncontainer running sha256:1 always:0 abc\nimage sha256:1\n',
  'passwd eve:x:1000:1000:Eve:/home/eve:/bin/bash\ngroup eve:x:1000:\nshadow eve:!:1:0:99999:7:::\n',
  'net.ipv4.ip_forward=1\n',
  ...[
    '{ "a": { "b": [1, 2] } }\n',
    'a:\n  b: [1, 2]\n',
    '[a]\nb = 1\n',
    '# BEGIN rolecall: b\ny\n# END rolecall: b\nx\n',
  ].map((text) => `have 0 81a4 ${text.length} 0 0 root:root\ncontent\n${text}`),
  'real 2 /srv\nway 0 755 0 0 /\nnone 0 1 dir\nlacks user eve 1000\n',
  'have 0 81a4 6 0 0 root:root\nnames 3\nlacks group eve\nsame\ntool\n',
  'have 0 41ed 6 0 0 root:root\nmarker\nsource https://a/b.tgz\nsha256 ff4d3a1387ea3e1ee74f4bb8e5ffe9cbab5bee43c710333c206d14199543ebdf\nempty\nwithout tar\nlevel 2 a, b\n',
  '0 open\nseen\n',
  '1 HTTP 502\nearlier\n',
  'engine running\ntool v2\ndirectory\nservices\nservice web w1\nwritten 1790000000\nnamed web\nobjection no such file\ncontainer web running healthy w1 sha256:a app:v1 @1790000000.123456789 2026-11-28T10:00:00.5Z\nnetwork a\nimage app:v1 sha256:a\nfollower a.service lasting\nunit-start a.service Sat 2026-11-28 10:00:00 UTC\n',
]

const resources: readonly Resource[] = [
  file('/a', { content: 'x\n' }),
  dir('/a'),
  link('/a', { to: '/b' }),
  line('/a', { line: 'x' }),
  block('/a', { content: 'x', name: 'b' }),
  absent('/a'),
  jsonFile('/a', { set: { a: { b: 1 } } }),
  yamlFile('/a', { set: { a: { b: 1 } } }),
  iniFile('/a', { set: { a: { b: 1 } } }),
  pkg('nginx'),
  service('a', { running: true }),
  user('eve', {}),
  group('eve', {}),
  hostname('h.example'),
  sysctl('net.ipv4.ip_forward', 1),
  exec('x', { run: ['true'], creates: '/a' }),
  dockerImage('a:1'),
  dockerContainer('abc', { image: 'a:1' }),
  dockerCompose('/a', {}),
  archive('/a', { source: '/srv/a.tgz', sha256: SUM, strip: 1 }),
  download('/a', { source: 'https://mirror.example/a', sha256: SUM }),
  download('/b', { source: 'https://mirror.example/b', sha256: { source: 'https://mirror.example/SUMS' } }),
  repository('a', { apt: { uris: 'https://mirror.example/a', suites: './', trusted: true } }),
  waitFor('a', { port: 53, againAfter: [service('a', { running: true })] }),
  waitFor('b', { url: 'http://127.0.0.1/', state: 'absent' }),
  waitFor('c', { file: '/a', contains: /^a/ }),
]

function evaluate(resource: Resource, text: string): void {
  const bytes = Buffer.from(text)
  const whole = text.endsWith('\n') ? text.slice(0, -1) : text
  const lines = whole === '' ? [] : whole.split('\n')
  for (const [at, facts] of [debian, rocky].entries())
    resource.evaluate({ code: (text.length + at) % 2, bytes, text, lines }, facts, new Prediction())
}

function frame(text: string): void {
  const ended: string[] = []
  const reader = new FrameReader(MARK, [{ name: 'a' }, { name: 'b', mostBytes: 10_000 }], (event) => {
    if (event.type === 'end') ended.push(event.name)
  })
  for (let at = 0; at < text.length; at += 1000) reader.push(Buffer.from(text.slice(at, at + 1000)))
  if (new Set(ended).size < ended.length) throw new TypeError('one answer ended twice')
  // What was cut claims no success.
  for (const [at, name] of ['a', 'b'].entries())
    if (ended.includes(name) && !text.includes(`${MARK} e ${at}`) && !text.includes(`${MARK} x`))
      throw new TypeError(`${name} ended unasked`)
}

function answer(text: string): void {
  let ends = 0
  const stream = new AnswerStream({
    data: () => undefined,
    end: () => {
      ends++
    },
  })
  stream.expect('BOUNDARY')
  for (let at = 0; at < text.length; at += 7) stream.push(Buffer.from(text.slice(at, at + 7)))
  stream.close()
  if (ends > 1 || (ends === 1 && !/BOUNDARY end \d+\n/.test(text))) throw new TypeError('an end that was not said')
}

function inventory(text: string): void {
  const path = join(scratch, 'hosts.yml')
  writeFileSync(path, text)
  loadInventory(path)
}

function iniInventory(text: string): void {
  const path = join(scratch, 'hosts.ini')
  writeFileSync(path, text)
  loadInventory(path)
}

function hostList(text: string): void {
  if (text.includes(',') && !text.includes('\0')) loadInventory(text)
}

function variables(text: string): void {
  const path = join(scratch, 'vars.yml')
  writeFileSync(path, text)
  const hosts = join(scratch, 'plain.yml')
  writeFileSync(hosts, 'all: { hosts: { a: } }\n')
  loadInventory(hosts, { extra: [`@${path}`] })
}

function answersAbout(resource: Resource, samples: readonly string[]): Target {
  return {
    name: `answers about ${resource.id}`,
    kind: resource.kind,
    samples,
    // As the answer of a Debian and of a Red Hat host.
    times: 2,
    read: (text) => {
      evaluate(resource, text)
    },
    // What is broken in a file is told as a refusal, with its line.
    mayThrow: (error) => isRefusal(error) || isUnreadable(error) || error instanceof Broken,
  }
}

export const targets: readonly Target[] = [
  { name: 'facts', samples: [FACTS], read: readFacts },
  {
    name: 'lock',
    samples: ['lock=busy\nholder={"run":"a","user":"u","machine":"m","pid":1,"since":1}\norphan=yes\n', 'lock=held\n'],
    read: readLock,
  },
  {
    name: 'frames',
    samples: [
      `x\n${MARK} s 0\nab\n${MARK} e 0 0\n\n${MARK} s 1\nc\n${MARK} e 1 3\n`,
      `\n${MARK} s 0\n\n${MARK} x 0 2 124\n`,
    ],
    read: frame,
    mayThrow: isPlain,
  },
  { name: 'answers', samples: ['data\nBOUNDARY end 0\nmore', 'BOUNDARY end 12\n'], read: answer, mayThrow: isPlain },
  {
    name: 'known_hosts',
    samples: [
      `a,b ${KEY}\n|1|JfKTdBh7rNbXkVAQCRp4OQoPfmI=|USECr3SWf1JUPsms5AqfD5QfxkM= ${KEY}\n*.c,!d ${KEY}\n@revoked * ${KEY}\n`,
    ],
    read: (text) => parseKnownHosts([{ path: 'k', text }]).check('a', 22, Buffer.from('x')),
  },
  { name: 'journals', isOwn: true, samples: [JOURNAL], read: (text) => pastOf(text, () => undefined) },
  {
    name: 'cache manifests',
    isOwn: true,
    samples: ['{"module":"a-1.mjs","hash":"x","inputs":{"/a":"b"},"packages":["/c"]}'],
    read: parseManifest,
  },
  { name: 'verdicts', isOwn: true, samples: ['{"files":{"/a":"1 2"}}'], read: parseVerdict },
  { name: 'inventories', isOwn: true, samples: [INVENTORY], read: inventory, mayThrow: isRefusal },
  {
    name: 'variables files',
    isOwn: true,
    samples: ['web:\n  a: 1\n  b: [1, "x"]\n  c: { d: !!str 2 }\n'],
    read: variables,
    mayThrow: isRefusal,
  },
  { name: 'INI inventories', isOwn: true, samples: [INI], read: iniInventory, mayThrow: isRefusal },
  {
    name: 'Python literals',
    isOwn: true,
    samples: [`{'a': [1, 2.5e3, (True, None)], "b": {'c', r'\\d' "e"}}  # x`, '-0x1F', "'''a\\x41'''"],
    read: readLiteral,
  },
  { name: 'shell words', isOwn: true, samples: [`a 'b c' "d \\" e" f\\ g # h`], read: shellWords },
  {
    name: 'expressions of Python',
    isOwn: true,
    samples: ['(?i)web(?P<n>[]a-c]{,3})(?P=n)\\Z(?#x)'],
    read: pythonRegex,
  },
  {
    name: 'hosts on the command line',
    isOwn: true,
    samples: ['h1,[fe80::1]:22,a[1:3],b:2222,'],
    read: hostList,
    mayThrow: isRefusal,
  },
  { name: 'patterns', isOwn: true, samples: ['a:&b:!c[0:2],~d\\d+,[e-f]*?', '[2001:db8::1]'], read: parsePattern },
  { name: 'compiler output', isOwn: true, samples: [TSC], read: (text) => readDiagnostics(text, '/srv') },
  ...textTargets,
  ...controllerTargets,
  ...shellTargets,
  ...resources.map((resource) => answersAbout(resource, REPLIES)),
  // Those of other kinds now and then: a host may send any of them.
  ...Object.values(furtherKinds).map(([resource, ...own]) =>
    answersAbout(resource, [
      ...own,
      ...own,
      ...own,
      ...own,
      '',
      '# none\n',
      '# silent words\n',
      'none 0 0 absent\n',
      ...REPLIES.slice(0, 6),
    ]),
  ),
]
