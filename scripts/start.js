// `npm start`: from nothing to five hosts that are set up, and suggestions for what to try next.
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap, say } from './bootstrap.js'
import { project } from './freshness.js'
import { ask, driverOfTheLab, tour } from './tour.js'

const stops = [
  { say: 'Boot five throwaway hosts', args: ['lab', 'up'] },
  { say: 'What would change? Nothing is touched', args: ['check', 'site'] },
  { say: 'Change it', args: ['apply', 'site'] },
  { say: 'Again: there is nothing left to do', args: ['apply', 'site'] },
  { say: 'Does it work? The checks that the roles bring', args: ['verify', 'site'] },
]

await bootstrap()
/** @type {string[]} */
let where = []
await tour(stops, {
  again: 'npm start',
  more(index) {
    if (index === 1) where = whereHostsAre()
    return index === 0 ? [] : where
  },
})

if (where.length > 0) {
  say(
    `\nThe name server and the authority are set up. npx rolecall apply site ${where.join(' ')} does it again; lab down takes the hosts away.`,
  )
  process.exit(0)
}

say(`
All five hosts are set up, and the registry answers at http://harbor.thtf.com on them. What to try next, with \`npx rolecall\` in front:
  lab ssh node-01                        look around on a host
  check site --diff -l node-01           break something there, then see it found
  apply site --role dns-server           repair just that
  apply site --role harbor               the registry alone
  list units site                        what runs where
  explain dns-server.forwarders node-01  why a variable is what it is
  lab reset                              five factory-fresh hosts
  lab down                               leave this machine as it was

npm run kubernetes goes on from here: a cluster on the five hosts, chapters 3 to 5 of the tutorial.`)

/**
 * Empty if the site's own inventory reaches the hosts. Containers run no Docker and may be reached through ports, so there the tour continues with
 * the hosts that need no Docker, by the lab's own inventory.
 *
 * @returns {string[]} options of check, apply and verify
 */
function whereHostsAre() {
  const driver = driverOfTheLab()
  if (driver === 'nspawn') return []
  const inventory = '.rolecall/start'
  cpSync(join(project, 'inventory'), join(project, inventory), { recursive: true })
  writeFileSync(join(project, inventory, 'hosts.yml'), ask('lab', 'inventory'))
  say(
    `\nHosts are containers of ${driver}, in which Docker does not run: the tour leaves the hosts of Docker and the registry out.`,
  )
  return ['-i', inventory, '-l', 'dns:ca']
}
