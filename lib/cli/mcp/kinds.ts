import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { once } from '../../once.ts'
import { didYouMean } from '../../text/nearest.ts'

/** One entry of the reference: its section and its text. */
interface Entry {
  readonly name: string
  readonly section: string
  readonly text: string
}

const reference = once((): Entry[] => {
  const program = realpathSync(process.argv[1] ?? '')
  const text = readFileSync(join(dirname(program), '../docs/reference.md'), 'utf8')
  return text.split(/^## /m).flatMap((part) => {
    const [section = '', ...rest] = part.split('\n')
    return rest
      .join('\n')
      .split(/^### /m)
      .slice(1)
      .map((entry) => {
        const [name = '', ...lines] = entry.split('\n')
        return { name: name.trim(), section, text: lines.join('\n').trim() }
      })
  })
})

/** Every entry with its section and its first sentence. */
export function libraryWords(section?: string): readonly { name: string; section: string; about: string }[] {
  return reference()
    .filter((entry) => /^[a-z]/.test(entry.name) && (section === undefined || entry.section === section))
    .map(({ name, section: where, text }) => ({ name, section: where, about: firstSentence(text) }))
}

/** An entry of the reference: purpose, example, options. */
export function libraryWord(name: string): { readonly text: string } | { readonly hint: string } {
  const entry = reference().find((each) => each.name === name)
  const options = reference().find((each) => each.name.toLowerCase() === `${name}options`.toLowerCase())
  if (entry === undefined) {
    const names = reference().map((each) => each.name)
    return { hint: `there is no ${name}; ${didYouMean(name, names) ?? 'without a name all are listed'}` }
  }
  return {
    text: [entry, ...(options === undefined ? [] : [options])]
      .map((each) => `# ${each.name}\n\n${each.text}`)
      .join('\n\n'),
  }
}

function firstSentence(text: string): string {
  const [first = ''] = text.split('\n\n')
  return first.startsWith('```') ? '' : first.replaceAll('\n', ' ').replace(/(?<=\.)\s.*$/, '')
}
