/** A part of the screen that is drawn again and again. */
export interface Screen {
  /** Erases the part, and draws nothing until `letGo`. */
  hold(): void
  letGo(): void
}

let current: Screen | undefined

/** Registers the part of the screen that a question must not overwrite. Undefined removes it. */
export function drawsOn(screen: Screen | undefined): void {
  current = screen
}

/** Calls `work` while nothing else draws on the terminal. */
export async function withTerminal<T>(work: () => Promise<T>): Promise<T> {
  const screen = current
  screen?.hold()
  try {
    return await work()
  } finally {
    screen?.letGo()
  }
}
