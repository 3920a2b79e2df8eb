// `npm start`: from nothing to five hosts that are set up, and what to try next.
import { bootstrap, run, say } from './bootstrap.js'

const command = 'bin/rolecall.js'

const tour = [
  { say: 'Boot five throwaway hosts', args: ['lab', 'up'] },
  { say: 'What would change? Nothing is touched', args: ['check', 'site'] },
  { say: 'Change it', args: ['apply', 'site'] },
  { say: 'Again: there is nothing left to do', args: ['apply', 'site'] },
  { say: 'Does it work? The checks that the roles bring', args: ['verify', 'site'] },
]

await bootstrap()
for (const [index, stop] of tour.entries()) {
  say(`\n${index + 1}/${tour.length}  ${stop.say}\n     $ rolecall ${stop.args.join(' ')}\n`)
  const code = await run(process.execPath, [command, ...stop.args])
  if (code !== 0) {
    say(`\nThe tour ends here: rolecall ${stop.args.join(' ')} ended with ${code}. npm start goes on from where it is.`)
    process.exit(code)
  }
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
  lab down                               leave this machine as it was`)
