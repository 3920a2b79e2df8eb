import type { Tool } from '../kit/tool-kind.ts'

/** Keeps ports and contexts. Debian has it in policycoreutils-python-utils as well. */
export const semanage: Tool = {
  program: 'semanage',
  broughtBy: /^policycoreutils-python(-utils)?$/,
  hint: 'policycoreutils-python-utils',
}

/** A type, as the policy names it: `http_port_t`. */
export const TYPE = /^[A-Za-z_]\w*$/
