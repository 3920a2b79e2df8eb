import type { Random } from '../support/random.ts'
import { someDir, somePath, TOP } from './grammar-files.ts'

const TEXTS = [
  '',
  'one\\n',
  'one\\ntwo = 1\\nthree\\n',
  'no end',
  'crlf\\r\\none\\r\\n',
  '\\357\\273\\277one\\n',
  '{"one": 1, "old": [1, 2], "deep": {"p": 1}}\\n',
  '# c\\none: 1\\nold: yes\\ndeep:\\n  p: 1\\n',
  '[s]\\none = 1\\nold=2\\n\\n[t]\\ndeep=1\\n',
  '# BEGIN rolecall: x\\nold\\n# END rolecall: x\\n',
  '\\000binary\\377',
]

/** Something that was done to the host before. */
export function startLine(random: Random): string {
  const path = quoted(somePath(random))
  const dir = quoted(someDir(random))
  const text = random.pick(TEXTS)
  const other = quoted(random.next() < 0.5 ? somePath(random) : someDir(random))
  const owner = random.pick(['root', 'daemon', 'nobody', '1234'])
  const write = `printf '${text}' >${path}`
  const lines = [
    ...Array.from({ length: 7 }, () => `mkdir -p "$(dirname ${path})" && ${write}`),
    ...Array.from({ length: 4 }, () => `mkdir -p ${dir}`),
    ...Array.from({ length: 3 }, () => `ln -s ${other} ${random.next() < 0.5 ? dir : path}`),
    `ln -s "$(realpath -m --relative-to="$(dirname ${path})" ${other})" ${path}`,
    `chmod ${random.pick(['600', '644', '755', '700', '000', '2770', '666'])} ${random.next() < 0.5 ? path : dir}`,
    `chown ${owner}:${random.pick(['root', 'daemon', 'nogroup'])} ${random.next() < 0.5 ? path : dir}`,
    `${write}; ln ${path} ${other}`,
    `${write}; setfacl -m u:daemon:rw ${path}`,
    `setfacl -d -m u:daemon:rwx ${dir}`,
    `mv ${dir} ${TOP}/moved && ln -s moved ${dir}`,
  ]
  const rare = [
    `mkfifo ${path}`,
    `mkdir -p ${dir} && mount -t tmpfs none ${dir}`,
    `mkdir -p ${dir} ${TOP}/below && mount --bind ${TOP}/below ${dir}`,
    `${write}; touch ${TOP}/single && mount --bind ${TOP}/single ${path}`,
    `mkdir -p ${dir} && mount -t tmpfs none ${dir} && mount -o remount,ro ${dir}`,
    `chattr +i ${random.next() < 0.5 ? path : dir}`,
    `ln -s ${quoted(TOP)}/loop ${TOP}/loop; ln -s loop ${path}`,
  ]
  return random.pick(random.next() < 0.1 ? rare : lines)
}

export function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
