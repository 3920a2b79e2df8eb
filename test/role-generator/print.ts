import { isMap, type CallSpec, type Case, type Data, type ResourceSpec } from './spec.ts'

/** A case as a playbook that `rolecall check` takes, with the lines that prepare its host on top. */
export function printCase(spec: Case): string {
  const roles = spec.roles.map(({ calls }, index) => {
    const name = nameOfRole(index)
    return `const ${name} = role({\n  name: '${name}',\n  async apply({ ensure, exists, read, $ }) {\n${printCalls(calls, '    ')}  },\n})\n`
  })
  const names = spec.roles.map((_, index) => nameOfRole(index)).join(', ')
  const used = [...new Set(kindsIn(spec))].sort().join(', ')
  return [
    `// seed ${spec.seed}. First, on the host:`,
    ...spec.setup.map((line) => `//   ${line.replaceAll('\n', '\n//   ')}`),
    `import { ${used}, playbook, role } from 'rolecall'`,
    ...roles,
    `export default playbook({ name: 'found', plays: [{ name: 'found', hosts: 'all', roles: [${names}] }] })`,
  ].join('\n')
}

export function nameOfRole(index: number): string {
  return index === 0 ? 'first' : index === 1 ? 'second' : `number${index + 1}`
}

function kindsIn({ roles }: Case): string[] {
  const text = roles.map(({ calls }) => printCalls(calls, '')).join('\n')
  const made = [...text.matchAll(/\b([a-zA-Z]+)\(/g)].flatMap(([, name = '']) => name)
  const others = new Set(['ensure', 'exists', 'read', 'includes', 'if'])
  return [...made.filter((name) => !others.has(name)), ...(text.includes('sh`') ? ['sh'] : [])]
}

function printCalls(calls: readonly CallSpec[], indent: string): string {
  return calls.map((call) => printCall(call, indent)).join('')
}

function printCall(call: CallSpec, indent: string): string {
  switch (call.call) {
    case 'ensure': {
      const named = call.resources.filter(({ id }) => id !== undefined)
      const before = named.map((each) => `${indent}const ${each.id ?? ''} = ${printResource(each)}\n`).join('')
      const all = call.resources
        .map((each) => `${indent}  ${SEVERAL.includes(each.make) ? '...' : ''}${each.id ?? printResource(each)},\n`)
        .join('')
      return `${before}${indent}await ensure(\n${all}${indent})\n`
    }
    case 'command':
      return `${indent}await $({ creates: ${text(call.creates)} })\`${call.run}\`\n`
    case 'exists':
      return `${indent}if (await exists(${text(call.path)})) {\n${printCalls(call.then, `${indent}  `)}${indent}}\n`
    case 'read':
      return `${indent}await ensure(file(${text(call.into)}, { content: (await read(${text(call.path)})) ?? 'nothing\\n' }))\n`
    case 'look':
      return `${indent}await ensure(file(${text(call.into)}, { content: (await $.read\`${call.command}\`).stdout }))\n`
  }
}

/** What gives several resources. */
const SEVERAL = ['dropIn', 'timer']

export function printResource({ make, args }: ResourceSpec): string {
  return `${make}(${args.map(printData).join(', ')})`
}

function printData(data: Data | undefined): string {
  if (typeof data === 'string') return text(data)
  if (Array.isArray(data)) return `[${(data as readonly Data[]).map(printData).join(', ')}]`
  if (!isMap(data)) return JSON.stringify(data)
  const { $re, $secret, $sh, $resource, $append, $url, $local } = data
  if (typeof $re === 'string') return `/${$re.replaceAll('/', '\\/')}/`
  if (typeof $secret === 'string') return `secret(${text($secret)})`
  if (typeof $sh === 'string') return `raw(${text($sh)})`
  if (typeof $resource === 'string') return $resource
  if (typeof $url === 'string') return text(`http://SERVER${$url}`)
  if (typeof $local === 'string') return text(`sample-trees/${$local}`)
  if (typeof $append === 'string')
    return `(live = '') => (live.includes(${text($append)}) ? live : live + ${text($append)})`
  const entries = Object.entries(data).filter(([, value]) => value !== undefined)
  if (entries.length === 0) return '{}'
  return `{ ${entries.map(([name, value]) => `${/^[A-Za-z_]\w*$/.test(name) ? name : text(name)}: ${printData(value)}`).join(', ')} }`
}

function text(value: string): string {
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
