import { join } from 'node:path'
import ts from 'typescript'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { project } from './blocks.ts'

const lib = join(project, 'lib/')

test('what is exported names only exported types', () => {
  const settings = ts.readConfigFile(join(project, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config as unknown
  const { options } = ts.parseJsonConfigFileContent(settings, ts.sys, project)
  const index = join(lib, 'index.ts')
  const program = ts.createProgram([index], options)
  const checker = program.getTypeChecker()
  const original = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const source = program.getSourceFile(index)
  const module = source && checker.getSymbolAtLocation(source)
  assert.ok(module)
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
