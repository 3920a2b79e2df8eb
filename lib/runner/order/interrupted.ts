/** Ctrl-C ends what runs on hosts. A role that awaits something else, such as a request of its own, has this long to notice. */
const SETTLING_MS = 1000

/**
 * Waits for code of a role or a hook, but not forever after an interruption: JavaScript cannot end a function that awaits something. Then it rejects
 * with the signal's reason and abandons the function.
 *
 * `hostsEnded`: resolves when everything that the code runs on hosts has been ended.
 */
export async function orInterrupted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  hostsEnded: () => Promise<void> = () => Promise.resolve(),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  let onAbort = (): void => undefined
  const left = new Promise<never>((_, reject) => {
    onAbort = () => {
      const leave = () => {
        if (!isOver) timer = setTimeout(() => reject(reasonOf(signal)), SETTLING_MS)
      }
      void hostsEnded().then(leave, leave)
    }
  })
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, left])
  } finally {
    isOver = true
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason
  return reason instanceof Error ? reason : new Error('interrupted')
}
