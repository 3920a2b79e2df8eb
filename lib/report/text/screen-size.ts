/**
 * Whether the live view can be drawn on a stream: a terminal that can move its cursor and knows its size. Under script(1) and in some containers it has 0 columns.
 * Some CI systems give jobs a terminal and keep all that is drawn on it.
 */
export function isScreen({
  isTTY = false,
  columns = 0,
}: {
  readonly isTTY?: boolean
  readonly columns?: number
}): boolean {
  const { TERM, CI = '' } = process.env
  return isTTY && columns > 0 && TERM !== 'dumb' && ['', '0', 'false'].includes(CI)
}

/** The width of a terminal. 80 when it is unknown. */
export function columnsOf({ columns = 0 }: { readonly columns?: number }): number {
  return columns > 0 ? columns : 80
}
