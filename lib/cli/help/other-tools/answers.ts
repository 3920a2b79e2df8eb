/** Answers that several words of other tools have in common. */
export const CHECK = 'rolecall check PLAYBOOK shows what apply would change'
export const LINT = 'rolecall check PLAYBOOK checks types, variables and the inventory before any host is touched'
export const NPM = 'roles are TypeScript modules: npm install brings those of others'
export const REFERENCE = 'docs/reference.md describes every kind'
export const FACTS = 'rolecall facts HOST shows them; host in a role has the same'
export const TEST = 'rolecall test ROLE runs check, apply, apply and verify of a role on the lab'
export const GONE =
  'there is no undo: give resources state: absent, and apply; rolecall lab down removes throwaway hosts'
export const INVENTORIES = 'use an inventory for each environment: -i inventories/staging'
export const RUNS = 'rolecall runs lists the runs; rolecall runs show RUN shows one'
