/** A part of the screen that is drawn again and again. */
export interface Screen {
  /** Takes it off the screen, and draws nothing until it is let go. */
  hold(): void
  letGo(): void
}

let current: Screen | undefined

/** The screen that a question would be drawn over. Undefined: there is none any more. */
export function drawsOn(screen: Screen | undefined): void {
  current = screen
}

/** Does something with the terminal to itself. */
export async function withTerminal<T>(work: () => Promise<T>): Promise<T> {
  const screen = current
  screen?.hold()
  try {
    return await work()
  } finally {
    screen?.letGo()
  }
}
