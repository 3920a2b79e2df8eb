import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'
import { RolecallError } from '../../errors.ts'
import { shown, shownText } from '../../gate/gate.ts'
import { problemsText } from '../../report/problem.ts'
import { plainPaint } from '../../report/text/paint.ts'

/** The result of a tool: data or text. */
export interface Answer {
  readonly data: object | string
  readonly isError?: boolean
}

/** The context of a call. */
export interface Call {
  /** Options that the server was started with, such as `-i`. */
  readonly common: readonly string[]
  /** Aborted when the agent cancels the call. */
  readonly signal: AbortSignal
  /** Reports the progress of the call to the agent. */
  readonly progress?: (ended: number, total: number) => Promise<void>
}

/** A tool that can be added to a server. */
export interface Tool {
  addTo(server: McpServer, common: readonly string[]): void
}

/** In characters, because the context of an agent is small. */
const MOST_TEXT = 200_000

/** One tool: name, title, description, arguments, and function. An error becomes an answer and never ends the server. */
export function tool<Shape extends z.ZodRawShape>(
  name: string,
  title: string,
  description: string,
  shape: Shape,
  call: (given: z.output<z.ZodObject<Shape>>, from: Call) => Promise<Answer>,
  { changes = false }: { readonly changes?: boolean } = {},
): Tool {
  const input = z.strictObject(shape)
  // The server uses the schema only for its listing. Arguments are parsed here.
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
            ? `${whole.slice(0, MOST_TEXT)}... (${whole.length - MOST_TEXT} more characters)`
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
