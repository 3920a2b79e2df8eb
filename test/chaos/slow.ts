import type { Machine } from './machine.ts'

/** Seconds that each of these programs waits before it begins. `timeout` comes before each step, the others are the inside of one. */
const WAITS = { timeout: 0.15, mktemp: 0.04, dd: 0.03, chmod: 0.04, chown: 0.04, mv: 0.06, cfssl: 0.2 }

/**
 * Makes a host slow where steps begin and inside them, so that a strike lands where it is aimed: a file is written in 10 ms.
 * Nothing of it is on the disk: the programs are mounted over in the running host, and are themselves again after a boot.
 */
export async function slowDown(machine: Machine): Promise<void> {
  const waits = Object.entries(WAITS).map(([name, seconds]) => `slow ${name} ${seconds}`)
  await machine.run(`slow() {
p=$(command -v "$1") || return 0
[ ! -e /run/slow/"$1" ] || ! mountpoint -q "$p" || return 0
mkdir -p /run/slow/real
cp -p "$p" /run/slow/real/"$1"
printf '#!/bin/sh\\nsleep %s\\nexec /run/slow/real/%s "$@"\\n' "$2" "$1" >/run/slow/"$1"
chmod 755 /run/slow/"$1"
mount --bind /run/slow/"$1" "$p"
}
${waits.join('\n')}`)
}
