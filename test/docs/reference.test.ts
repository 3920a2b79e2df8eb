import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { publicProgram, reference } from '../../scripts/reference.js'
import { project } from './blocks.ts'

const lib = join(project, 'lib/')
const program = publicProgram()

test('docs/reference.md says what the docstrings say', () => {
  const isNew = readFileSync(join(project, 'docs/reference.md'), 'utf8') === reference(program)
  assert.ok(isNew, 'node scripts/reference.js writes it anew')
})

test('what is exported names only exported types', () => {
  const { checker, module } = program
  const original = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const exported = new Set(checker.getExportsOfModule(module).map(original))
  const hidden = new Set<string>()

  /** The types that a declaration names, without what is internal and without bodies of functions. */
  const visit = (node: ts.Node, of: string): void => {
    if (ts.isBlock(node) || ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal')) return
    if (ts.isPropertyDeclaration(node) && ts.isPrivateIdentifier(node.name)) return
    if (ts.isVariableDeclaration(node) && node.type === undefined) return
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const named = checker.getSymbolAtLocation(ts.isTypeReferenceNode(node) ? node.typeName : node.expression)
      const type = named && original(named)
      const at = type?.declarations?.[0]
      const isOurs =
        at !== undefined && at.getSourceFile().fileName.startsWith(lib) && !ts.isTypeParameterDeclaration(at)
      if (type !== undefined && isOurs && !exported.has(type)) hidden.add(`${of} names ${type.name}`)
    }
    ts.forEachChild(node, (child) => visit(child, of))
  }
  for (const symbol of exported)
    for (const each of symbol.declarations ?? [])
      if (each.getSourceFile().fileName.startsWith(lib)) visit(each, symbol.name)
  assert.equal([...hidden], [])
})

test.run()
