import type { Facts } from '../../facts.ts'
import { sh } from '../../sh/quote.ts'
import { apt } from './apt/apt.ts'
import { dnf } from './dnf/dnf.ts'
import type { Manager } from './package-manager.ts'

/** Of a host whose packages are refused. */
const nobody: Manager = {
  probe: () => sh`true`,
  read: () => ({ installed: new Map(), lists: 'unasked' }),
  plan: () => ({ steps: [] }),
  isVersion: () => false,
}

const MANAGERS = { apt, dnf, yum: dnf, none: nobody }

export function manager(facts: Facts): Manager {
  return MANAGERS[facts.packageManager]
}
