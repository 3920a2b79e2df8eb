import { RolecallError } from '../../lib/errors.ts'
import { readStatus } from '../../lib/lab/bases/el/dpkg.ts'
import { readSettings, readSources } from '../../lib/lab/machine/archive.ts'
import { parseRecord } from '../../lib/lab/ownership/registry.ts'
import { archive, download } from '../../lib/index.ts'
import { readPlaces } from '../../lib/resources/prediction/obstacles.ts'
import { dialects, type DialectName } from '../../lib/resources/structured/ini-dialect.ts'
import { iniFormatOf } from '../../lib/resources/structured/ini-file.ts'
import { jsonFormat } from '../../lib/resources/structured/json-file.ts'
import { editKeys } from '../../lib/resources/structured/structured.ts'
import type { Format } from '../../lib/resources/structured/key-options.ts'
import { yamlFormat } from '../../lib/resources/structured/yaml-file.ts'
import { readInstall } from '../../lib/resources/systemd/unit-install.ts'
import type { Target } from './fuzz.ts'

const isRefusal = (error: unknown) => error instanceof RolecallError
const SUM = 'ff4d3a1387ea3e1ee74f4bb8e5ffe9cbab5bee43c710333c206d14199543ebdf'

const JSON_TEXTS = [
  '{\n  // words\n  "a": { "b": [1, 2], "c": "x" },\n  "old": null\n}\n',
  '{"a":{"b":1},"old":{"deep":true}}',
  '\ufeff{ "a": {} }\r\n',
  '',
]
const YAML_TEXTS = [
  'a:\n  b: [1, 2]\n  c: "x"\nold: yes\n',
  '# words\na: &x { b: 1 }\nold: *x\nd: |\n  more\n  text\n',
  'a:\n  <<: *x\n  b: !!str 1\n8080: web\n',
  '---\na: {}\n...\n',
  '',
]
const INI_TEXTS = [
  '; words\n[a]\nb = 1\nold=2\n\n[s]\nold = "x"\n',
  'top = 1\n[a]\n b: 2 ; behind\n[a]\nb\\\n = 3\n',
  '\ufeff[a]\r\nb=1\r\n',
  '',
]

/** What resources set and remove in such a text. */
const set = { a: { b: 2, n: 'new' }, top: 'x' }

/** Edits a text, and edits what came out again, which must leave it alone. A host's text is edited once. */
function editing(
  format: Format,
  wanted: typeof set | { readonly a: { readonly b: number } },
  remove: readonly string[][],
) {
  return (text: string): void => {
    const want = { path: '/a', set: wanted, remove }
    const once = editKeys(format, want, text).text
    if (typeof once !== 'string') return
    const { text: twice, edits } = editKeys(format, want, once)
    if (twice !== once) throw new TypeError(`edited again it is not the same: ${JSON.stringify(once.slice(0, 200))}`)
    if (edits.length > 0)
      throw new TypeError(`edited again something is left to do in ${JSON.stringify(once.slice(0, 200))}`)
  }
}

/** Parsers of texts, without a host around them. */
export const textTargets: readonly Target[] = [
  { name: 'json texts', times: 2, samples: JSON_TEXTS, read: editing(jsonFormat, set, [['old'], ['a', 'c']]) },
  { name: 'yaml texts', times: 2, samples: YAML_TEXTS, read: editing(yamlFormat, set, [['old'], ['a', 'c']]) },
  ...(Object.keys(dialects) as DialectName[]).map((dialect): Target => ({
    name: `ini texts, ${dialect}`,
    times: 2,
    samples: INI_TEXTS,
    read: editing(iniFormatOf(dialect), { a: { b: 2 } }, [
      ['s', 'old'],
      ['a', 'old'],
    ]),
  })),
  {
    name: 'archive names',
    isOwn: true,
    samples: ['/srv/a-1.2.tar.gz', 'https://mirror.example/a/b.tgz?x=1#f', 'ftp://a/%41.zip', '/a/b.TAR.XZ'],
    read: (text) => {
      archive('/a', { source: text, sha256: text.startsWith('/') ? SUM : { source: `${text}.sha256` } })
    },
    mayThrow: isRefusal,
  },
  {
    name: 'checksums and URLs of downloads',
    isOwn: true,
    samples: [SUM, `https://mirror.example/${SUM}`, `sha256:${SUM}`],
    read: (text) => {
      download('/a', { source: 'https://mirror.example/a', sha256: text })
    },
    mayThrow: isRefusal,
  },
  {
    name: '[Install] sections',
    samples: [
      '[Unit]\nA=b\n[Install]\nWantedBy=a.target \\\n b.target\nAlias=%p-x.service\nAlso=\nDefaultInstance=%i\n',
    ],
    read: (text) => readInstall('a@b.service', text),
  },
  {
    name: 'places of changes',
    samples: [
      'mounts\n22 1 0:5 / / rw,relatime shared:1 - ext4 /dev/a rw\n23 22 0:6 / /srv/a\\040b ro - tmpfs none ro\nplaces\nplace yes no 100 4096 10 5\n/srv\n/srv\nflags\n----i--- /srv/a\n',
    ],
    read: (text) =>
      readPlaces(
        [
          { path: '/srv/a', state: { type: 'file' } },
          { path: '/x', state: { type: 'dir' } },
        ],
        text.split('\n'),
      ),
  },
  {
    name: 'records of labs',
    isOwn: true,
    samples: ['{"name":"a","project":"/p","subnet":50,"rooms":"/r","boot":"b","since":1,"nodes":[]}'],
    read: parseRecord,
  },
  {
    name: "dpkg's status",
    isOwn: true,
    samples: [
      'Package: a\nStatus: install ok installed\nVersion: 1\nDepends: b (>= 2) | c, d:any\nProvides: e (= 1)\n\nPackage: x\n',
    ],
    read: readStatus,
  },
  {
    name: "apt's sources and settings",
    isOwn: true,
    samples: ['https://deb.example/debian bookworm stable main Debian\n', 'Acquire::http::Proxy "http://a:1";\n'],
    read: (text) => [readSources(text, 'debian', 'bookworm'), readSettings(text)],
  },
]
