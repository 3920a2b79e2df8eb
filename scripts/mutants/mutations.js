// The faults that are put into a file, one at a time.
import ts from 'typescript'

/**
 * A fault: `text` replaces the source between two offsets.
 *
 * @typedef {{ readonly start: number, readonly end: number, readonly text: string }} Mutation
 */

/** @type {Readonly<Record<string, string>>} */
const OPPOSITES = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '+': '-',
  '-': '+',
}

/** @type {Readonly<Record<string, string>>} */
const METHODS = {
  some: 'every',
  every: 'some',
  find: 'findLast',
  findLast: 'find',
  startsWith: 'endsWith',
  min: 'max',
  max: 'min',
}

/**
 * All faults of a file, in order. Types, imports and texts of messages are left alone.
 *
 * @param {string} source TypeScript
 * @returns {Mutation[]}
 */
export function mutationsOf(source) {
  const file = ts.createSourceFile('file.ts', source, ts.ScriptTarget.Latest, true)
  /** @type {Mutation[]} */
  const found = []
  /**
   * @param {ts.Node} node
   * @param {string} text
   */
  const replace = (node, text) => found.push({ start: node.getStart(file), end: node.getEnd(), text })
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return
    if (ts.isBinaryExpression(node)) {
      const opposite = OPPOSITES[node.operatorToken.getText(file)]
      // `+` also joins texts, where `-` would be an unrealistic fault.
      if (opposite !== undefined && !joinsTexts(node)) replace(node.operatorToken, opposite)
    }
    if (ts.isIfStatement(node)) replace(node.expression, `!(${node.expression.getText(file)})`)
    if (ts.isConditionalExpression(node)) replace(node.condition, `!(${node.condition.getText(file)})`)
    if (ts.isNumericLiteral(node)) replace(node, `(${node.text} + 1)`)
    if (node.kind === ts.SyntaxKind.TrueKeyword) replace(node, 'false')
    if (node.kind === ts.SyntaxKind.FalseKeyword) replace(node, 'true')
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
      replace(node, node.operand.getText(file))
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { name } = node.expression
      const other = METHODS[name.text]
      if (other !== undefined) replace(name, other)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** @param {ts.BinaryExpression} node */
function joinsTexts({ left, right }) {
  return [left, right].some((side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side))
}

/**
 * At most this many, spread evenly over the file.
 *
 * @param {readonly Mutation[]} all
 * @param {number} most
 */
export function sampleOf(all, most) {
  if (all.length <= most) return [...all]
  return Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)]).filter(
    (each) => each !== undefined,
  )
}
