import { generateKeyPairSync } from 'node:crypto'
import { eventsOf, runResult } from '../../lib/cli/mcp/run-result.ts'
import { RolecallError } from '../../lib/errors.ts'
import { shown, shownText } from '../../lib/gate/gate.ts'
import { LoginOutput } from '../../lib/host/shell/login-output.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { junitXml } from '../../lib/report/junit.ts'
import { reportPage } from '../../lib/report/html/page.ts'
import { traceSettings } from '../../lib/report/traces/settings.ts'
import { readKey } from '../../lib/resources/access/public-key.ts'
import { sourceStateIn } from '../../lib/runner/journal/source-state.ts'
import { readPlan } from '../../lib/runner/plan/plan-file.ts'
import { readAnswer } from '../../lib/ssh-config/answer.ts'
import { evaluateConfig, UnknownCriterion } from '../../lib/ssh-config/evaluate.ts'
import { settingsOf } from '../../lib/ssh-config/settings.ts'
import { withWholeLists } from '../../lib/ssh-config/syntax/algorithms.ts'
import { ConfigFault } from '../../lib/ssh-config/fault.ts'
import { TemplateError } from '../../lib/template/values/value.ts'
import { PlacedError } from '../../lib/template/variables.ts'
import { asLibraryKey, readKeyFile } from '../../lib/transport/keys/private-key.ts'
import { fieldsOf, readPublicKey } from '../../lib/transport/keys/public-key.ts'
import { openAge } from '../../lib/vault/age.ts'
import { vaultSettings } from '../../lib/vault/ansible-settings.ts'
import { encryptVault, parseVaultText } from '../../lib/vault/ansible-vault.ts'
import { openSopsDocument, readSopsDocument } from '../../lib/vault/sops/document.ts'
import { readDotenv, readIni } from '../../lib/vault/sops/flat.ts'
import { decryptSopsValue, parseSopsValue } from '../../lib/vault/sops/value.ts'
import { valueOf, worldOf } from '../template/world.ts'
import type { Target } from './fuzz.ts'
import { SampleFiles, SOPS_VALUE } from './samples.ts'

const samples = new SampleFiles('fuzz')
process.on('exit', () => samples.remove())
const isRefusal = (error: unknown) => error instanceof RolecallError
const isPlain = (error: unknown) => error instanceof Error && error.constructor === Error

const SOPS = `a: ${SOPS_VALUE}\nb:\n  - ${SOPS_VALUE.replace('str', 'int')}\n  - plain\nsops:\n  kms: []\n  age:\n    - recipient: age1x\n      enc: |\n        -----BEGIN AGE ENCRYPTED FILE-----\n        YWdl\n        -----END AGE ENCRYPTED FILE-----\n  lastmodified: "2026-11-28T10:00:00Z"\n  mac: ${SOPS_VALUE}\n  unencrypted_suffix: _plain\n  version: 3.9.0\n`
const AGE = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBhYmMKYWJjCi0tLSBhYmMK
-----END AGE ENCRYPTED FILE-----
`
const EVENTS = `{"type":"run","run":"a","mode":"apply","playbook":"p","hosts":["h"],"units":1,"at":1}
{"type":"connected","host":"h","os":"Debian","at":1}
{"type":"unit","host":"h","role":"r","play":"p","at":1}
{"type":"step","host":"h","role":"r","resource":"file:/a","say":"write","at":2}
{"type":"output","host":"h","role":"r","resource":"file:/a","stream":"stdout","text":"<script>x\\u001b[2J","at":2}
{"type":"resource","host":"h","role":"r","resource":"file:/a","status":"changed","steps":["write"],"diff":"-a\\n+b","durationMs":1,"at":3}
{"type":"problem","problem":{"code":"step-failed","message":"m","host":"h","output":"]]>","place":{"file":"f","line":1}},"at":3}
{"type":"unit-end","host":"h","role":"r","play":"p","end":"failed","durationMs":1,"at":4}
{"type":"summary","mode":"apply","ok":false,"durationMs":1,"hosts":{"h":{"ok":1,"changed":1,"unknown":0,"failed":1,"skipped":0,"unreachable":false,"roundTrips":1}}}
`
const PLAN = `{"type":"plan","version":1,"id":"0123456789abcdef","at":1,"expiresAt":2,"by":{"user":"u","machine":"m","pid":7},"program":"1","source":{},"request":{"mode":"apply","playbook":"p","inventory":"i","extra":[],"withheld":[]},"key":"k","digests":{"playbook":"x","inventory":"y"},"units":[{"host":"h","role":"r","play":"p","vars":"v","connection":"c"}],"resources":[{"host":"h","role":"r","resource":"file:/a","status":"changed","steps":["write"],"answer":"a","script":"s","changes":"c"}],"events":[{"type":"note","host":"h","message":"m","at":1}],"seal":"s"}`
const SSH = `Host a *.b !c\n  HostName %h.example\n  Port 22\n  IdentityFile "~/.ssh/a b"\n  Ciphers +aes128-ctr\nMatch host d user e\n  ProxyJump x,y:2222\n  SetEnv A=b\nHost *\n  User u # c\n`

/** What an inventory program answers, through all that reads an inventory. */
function answered(text: string): void {
  const program = samples.write('program', '')
  const list: unknown = JSON.parse(text)
  loadInventory(program, { fetched: { programs: new Map([[program, { list }]]), modules: new Map() } })
}

/** Private keys of nobody in each of the forms that ssh takes. */
function privateKeys(): string[] {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const field = (bytes: string | Buffer) => {
    const body = Buffer.from(bytes)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    return Buffer.concat([length, body])
  }
  const point = field(Buffer.alloc(32, 9))
  const key = Buffer.concat([field('ssh-ed25519'), point])
  const inside = Buffer.concat([
    Buffer.from('0102030401020304', 'hex'),
    key,
    field(Buffer.alloc(64, 9)),
    field('a comment'),
  ])
  const whole = [
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    Buffer.from([0, 0, 0, 1]),
    field(key),
    field(inside),
  ]
  const openssh = Buffer.concat(whole).toString('base64').replaceAll(/.{70}/g, '$&\n')
  return [
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${openssh}\n-----END OPENSSH PRIVATE KEY-----\n`,
    String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    String(privateKey.export({ type: 'sec1', format: 'pem' })),
    String(privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })),
  ]
}

const JSON_FAULT = (error: unknown) => error instanceof SyntaxError || isRefusal(error)

/** Parsers of what programs and files of the controller say: ssh, git, keys, encrypted files, plans, journals on their way to reports. */
export const controllerTargets: readonly Target[] = [
  {
    name: "ssh's answers",
    isOwn: true,
    samples: [
      'host a\nhostname b\nport 22\nuser u\nproxyjump x,y:2\nidentityfile ~/.ssh/a\nciphers +a,b\nconnecttimeout 5\nuserknownhostsfile /a /b\nstricthostkeychecking ask\n',
    ],
    read: (text) => settingsOf('a', withWholeLists(readAnswer(text))),
    mayThrow: (error) => error instanceof ConfigFault || isRefusal(error) || isPlain(error),
  },
  {
    name: "ssh's configuration",
    isOwn: true,
    samples: [SSH],
    read: (text) =>
      evaluateConfig({ address: 'a', given: [] }, [
        { path: '/c', text, isRoot: true, isSystem: false, trouble: undefined },
      ]),
    mayThrow: (error) => error instanceof UnknownCriterion || error instanceof ConfigFault || isRefusal(error),
  },
  {
    name: 'documents of SOPS',
    isOwn: true,
    samples: [SOPS, `{"a":"${SOPS_VALUE}","sops":{"lastmodified":"x","mac":"${SOPS_VALUE}","version":"3.9.0"}}`],
    read: (text) => {
      const found = readSopsDocument(text)
      if (found !== undefined && !('problem' in found)) openSopsDocument(found, Buffer.alloc(32, 7))
    },
  },
  {
    name: 'dotenv and INI of SOPS',
    isOwn: true,
    samples: [
      `A=${SOPS_VALUE}\nB=x\\ny\nsops_mac=${SOPS_VALUE}\nsops_version=3.9.0\n`,
      `[a]\nb = ${SOPS_VALUE}\n[sops]\nmac = ${SOPS_VALUE}\n`,
    ],
    read: (text) => [readDotenv(text), readIni(text)],
  },
  {
    name: 'values of SOPS',
    isOwn: true,
    samples: [SOPS_VALUE],
    read: (text) => {
      const value = parseSopsValue(text)
      if (value !== undefined) decryptSopsValue(value, Buffer.alloc(32, 7), ['a'])
    },
  },
  {
    name: 'Ansible Vault texts',
    isOwn: true,
    samples: [encryptVault(Buffer.from('open'), Buffer.from('password'), 'dev'), '$ANSIBLE_VAULT;1.1;AES256\n3136\n'],
    read: parseVaultText,
  },
  {
    name: 'age files',
    isOwn: true,
    samples: [AGE, 'age-encryption.org/v1\n-> X25519 abc\nabc\n--- abc\nxyz'],
    read: (text) => openAge(Buffer.from(text, 'latin1'), { identities: ['AGE-SECRET-KEY-1X'], passphrases: [] }),
  },
  {
    name: 'ansible.cfg',
    isOwn: true,
    samples: [
      '[defaults]\nvault_identity_list = a@/x, b@prompt\nvault_password_file = ~/p ; c\nvault_id_match = true\n',
    ],
    read: (text) => vaultSettings({}, { ANSIBLE_CONFIG: samples.write('ansible.cfg', text) }, samples.directory),
    mayThrow: isRefusal,
  },
  {
    name: 'private keys',
    isOwn: true,
    samples: privateKeys(),
    read: async (text) => {
      const file = await readKeyFile(samples.write('key', text))
      if (file.type === 'private') asLibraryKey(file.text, undefined)
    },
    mayThrow: isPlain,
  },
  {
    name: 'public keys',
    isOwn: true,
    samples: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDmIyR+3eN6jAFQZZEM7EH8L5f2sy1sgDYtPVpYyWR3a a',
      'no-pty,command="a \\" b" ssh-rsa AAAAB3NzaC1yc2E= c d',
    ],
    read: (text) => {
      const [type = '', blob = ''] = text.split(' ')
      const bytes = readPublicKey(type, blob)
      return [readKey(text), bytes === undefined ? undefined : fieldsOf(bytes), fieldsOf(Buffer.from(text))]
    },
  },
  {
    name: "git's answers",
    isOwn: true,
    samples: [`# branch.oid ${'a'.repeat(40)}\n# branch.head main\n1 .M N... 100644 x\n`],
    read: sourceStateIn,
  },
  {
    name: 'events, and the reports made of them',
    samples: [EVENTS],
    read: (text) => {
      const events = shown(eventsOf(text))
      const page = reportPage({ run: 'a', facts: [], end: 'done', ok: true }, events)
      if (page.split('<script').length > 3) throw new TypeError('a script of a host is in the page')
      const xml = junitXml(events)
      // Of C0 only these may stand in XML.
      if (/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(xml)) throw new TypeError('no XML')
      return runResult(events)
    },
  },
  {
    name: 'saved plans',
    isOwn: true,
    samples: [PLAN],
    read: (text) => readPlan(samples.write('a.plan', text)),
    mayThrow: isRefusal,
  },
  {
    name: 'answers of inventory programs',
    isOwn: true,
    samples: [
      '{"web":{"hosts":["a","b"],"children":["db"],"vars":{"x":1}},"db":["c"],"_meta":{"hostvars":{"a":{"y":[1,{"z":null}]}}}}',
    ],
    read: answered,
    mayThrow: JSON_FAULT,
  },
  {
    name: 'values on the command line',
    isOwn: true,
    samples: ['web.a={ b: [1, "x"] }', 'ansible_port=2222', 'secrets={ a.b: { command: 1 } }'],
    read: (text) =>
      loadInventory(samples.write('plain.yml', 'all: { hosts: { a: } }\n'), { extra: [text.replace(/^@/, '')] }),
    mayThrow: isRefusal,
  },
  {
    name: 'templates',
    isOwn: true,
    samples: [
      "{{ a | default('x') | upper }} {% for b in [1, 2] if b > 1 %}{{ loop.index }}{% else %}-{% endfor %}",
      "{% set x = {'a': [1, 2.5]} %}{{ x.a[0] + 1 }}{# c #}{% if x is mapping and not y %}{{ x | to_json }}{% endif %}",
      "{{ '%05d' % 3 }}{{ 'a-b' | regex_replace('(a)-', '\\\\1') }}{{ range(3) | join(',') }}",
    ],
    read: (text) => valueOf(text, worldOf({ 'web-1': { a: 1, x: { b: [1, 'c'] } } })),
    mayThrow: (error) => error instanceof TemplateError || error instanceof PlacedError || isRefusal(error),
  },
  {
    name: 'output before a shell is there',
    samples: ['Welcome\r\n\x1b[31mlast login\n-abc ready 12\n'],
    read: (text) => {
      const output = new LoginOutput()
      for (let at = 0; at < text.length; at += 7) {
        const chunk = Buffer.from(text.slice(at, at + 7))
        output.add(chunk)
        output.find('-abc ready ', chunk)
      }
    },
    mayThrow: isPlain,
  },
  {
    name: 'settings of traces',
    isOwn: true,
    samples: ['a=b,c=d%20e', 'authorization=Bearer%20x'],
    read: (text) =>
      traceSettings({
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://h:4318/${text}`,
        OTEL_EXPORTER_OTLP_HEADERS: text,
        OTEL_RESOURCE_ATTRIBUTES: text,
        TRACEPARENT: text,
      }),
  },
  {
    name: 'text on its way to a terminal',
    samples: ['a\x1b[31mb\x1b]0;t\x07c\u202ed\u009be\r\n\tf'],
    read: (text) => {
      const made = shownText(text)
      if (/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(made))
        throw new TypeError('a control character is left')
    },
  },
]
