import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'
import { RolecallError } from '../../errors.ts'
import { shown, shownText } from '../../gate/gate.ts'
import { problemsText } from '../../report/problem.ts'
import { plainPaint } from '../../report/text/paint.ts'

/** What a tool gives: data, or text. */
export interface Answer {
  readonly data: object | string
  readonly isError?: boolean
}

/** What a tool knows of its call. */
export interface Call {
  /** What the server was started with: `-i` and the like. */
  readonly common: readonly string[]
  /** Aborted when the agent gives up. */
  readonly signal: AbortSignal
  /** Tells the agent how far the call has come. */
  readonly progress?: (ended: number, total: number) => Promise<void>
}

/** A tool that can be added to a server. */
export interface Tool {
  addTo(server: McpServer, common: readonly string[]): void
}

/** Letters: an agent's own memory is small. */
const MOST_TEXT = 200_000

/** One tool: its name, what it does in words, what it takes, and what it does. Mistakes are answers in words, never an end of the server. */
export function tool<Shape extends z.ZodRawShape>(
  name: string,
  title: string,
  description: string,
  shape: Shape,
  call: (given: z.output<z.ZodObject<Shape>>, from: Call) => Promise<Answer>,
  { changes = false }: { readonly changes?: boolean } = {},
): Tool {
  const input = z.strictObject(shape)
  // The server asks it for its own schema only; what it takes is parsed here.
  const inputSchema: z.ZodType = input
  return {
    addTo(server, common) {
      const annotations = {
        readOnlyHint: !changes,
        destructiveHint: changes,
        idempotentHint: !changes,
        openWorldHint: true,
      }
      server.registerTool(name, { title, description, inputSchema, annotations }, async (given, extra) => {
        const token = extra._meta?.progressToken
        const progress = async (ended: number, total: number) => {
          if (token === undefined) return
          const params = { progressToken: token, progress: ended, total }
          await extra.sendNotification({ method: 'notifications/progress', params }).catch(() => undefined)
        }
        const answer = await call(input.parse(given), { common, signal: extra.signal, progress }).catch(refused)
        const { data, isError = false } = answer
        const whole = typeof data === 'string' ? shownText(data, MOST_TEXT) : JSON.stringify(shown(data))
        const text =
          whole.length > MOST_TEXT
            ? `${whole.slice(0, MOST_TEXT)}... (${whole.length - MOST_TEXT} letters left off)`
            : whole
        return { content: [{ type: 'text' as const, text }], isError }
      })
    },
  }
}

function refused(error: unknown): Answer {
  if (!(error instanceof RolecallError)) throw error
  return { data: problemsText(error.problems, plainPaint), isError: true }
}
