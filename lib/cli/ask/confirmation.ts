import { RolecallError } from '../../errors.ts'
import type { RunOptions } from '../../runner/run-options.ts'

/** How a run asks whether a play continues with its next batch: `--yes` is the answer, or the person at the terminal gives it. Undefined without both. */
export function confirmationFor(
  { yes = false, json = false }: { readonly yes?: boolean; readonly json?: boolean },
  output: { write(text: string): unknown },
): Pick<RunOptions, 'confirm'> {
  if (yes) return { confirm: () => Promise.resolve(true) }
  if (json || !(process.stdin.isTTY && process.stderr.isTTY)) return {}
  return {
    async confirm(question) {
      const [{ ask }, { withTerminal }] = await Promise.all([
        import('./ask-hidden.ts'),
        import('../../report/held-screen.ts'),
      ])
      try {
        const answer = await withTerminal(() => ask(`${question} [y/N] `, { hidden: false, output }))
        return /^\s*y(es)?\s*$/i.test(answer)
      } catch (error) {
        // Ctrl-C at the question means no.
        if (error instanceof RolecallError) return false
        throw error
      }
    },
  }
}
