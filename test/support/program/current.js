// Stands for bin/load.js where a playbook imports `rolecall`: the program that runs the command has to be the one that the playbook imports.

/** @typedef {import('../../../bin/load.js').Program} Program */

/** @type {Program | undefined} */
let program

/** @param {Program} loaded */
export function setProgram(loaded) {
  program = loaded
}

/**
 * @returns {Program}
 * @throws before a command runs
 */
export function loadProgram() {
  if (program === undefined) throw new Error('no command is running')
  return program
}
