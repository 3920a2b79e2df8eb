// Hosts: node-05
import { spawn } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import { commandsOf } from '../../lib/host/commands.ts'
import { Host } from '../../lib/host/host.ts'
import { connectionOf, type Settings } from '../../lib/inventory/connections/connection.ts'
import { sshArguments } from '../../lib/lab/lab.ts'
import { secret } from '../../lib/secret.ts'
import { lab, onLab, ssh } from '../support/lab.ts'

const NODE = 'node-05'
const WORD = 'let me in'
const ROOT_WORD = 'root word'
const APP_WORD = 'app word'

/** Accounts of the host: what sudo or doas lets them do, and whether they have a password. */
const SUDOERS = `Defaults:b-tty requiretty
Defaults:b-zero timestamp_timeout=0, lecture=always, passwd_tries=1
Defaults:b-root rootpw
Defaults:b-target targetpw
Defaults:b-own passprompt_override, passprompt="[company] word for %p:"
Defaults:b-twice pam_service=sudo-twice
Defaults:b-noisy insults, lecture=always
b-pw,b-zero,b-root,b-target,b-own,b-twice,b-noisy ALL=(ALL:ALL) ALL
b-free,b-tty ALL=(ALL:ALL) NOPASSWD: ALL
b-app ALL=(b-app2) NOPASSWD: ALL
b-one ALL=(root) NOPASSWD: /usr/bin/true
`
const DOAS = `permit b-pw
permit nopass b-free
permit persist b-zero as root
permit nopass b-app as b-app2
`
const ACCOUNTS = 'b-pw b-free b-tty b-zero b-root b-target b-own b-twice b-noisy b-app b-one b-none'

interface Situation {
  readonly name: string
  /** Who logs in. */
  readonly login: string
  /** What a person would type, with the words that it asks for; absent: what the method itself would be. */
  readonly byHand: string
  readonly typed?: string
  readonly settings: Partial<Settings>
  /** Who the commands run as; absent: nobody is let in. */
  readonly gives?: string
  /** What is told then. */
  readonly says?: RegExp
}

const pw = (text: string) => ({ ansible_become_password: secret(text) })
const su = { ansible_become_method: 'su' } as const
const doas = { ansible_become_method: 'doas' } as const

const SITUATIONS: readonly Situation[] = [
  { name: 'sudo without a password', login: 'b-free', byHand: 'sudo -n id -un', settings: {}, gives: 'root' },
  { name: 'sudo with one', login: 'b-pw', byHand: 'sudo -S id -un', typed: WORD, settings: pw(WORD), gives: 'root' },
  { name: 'a password nobody asks for', login: 'b-free', byHand: 'sudo -S id -un', settings: pw('any'), gives: 'root' },
  {
    name: 'a wrong password',
    login: 'b-pw',
    byHand: 'sudo -S id -un',
    typed: 'no',
    settings: pw('no'),
    says: /wrong|password/,
  },
  { name: 'no password', login: 'b-pw', byHand: 'sudo -n id -un', settings: {}, says: /password/ },
  {
    name: 'one try, a lecture, nothing remembered',
    login: 'b-zero',
    byHand: 'sudo -S id -un',
    typed: WORD,
    settings: pw(WORD),
    gives: 'root',
  },
  {
    name: 'one try, and wrong',
    login: 'b-zero',
    byHand: 'sudo -S id -un',
    typed: 'no',
    settings: pw('no'),
    says: /password/,
  },
  {
    name: 'insults for a wrong one',
    login: 'b-noisy',
    byHand: 'sudo -S id -un',
    typed: 'no',
    settings: pw('no'),
    says: /password/,
  },
  {
    name: "rootpw: root's password",
    login: 'b-root',
    byHand: 'sudo -S id -un',
    typed: ROOT_WORD,
    settings: pw(ROOT_WORD),
    gives: 'root',
  },
  {
    name: 'rootpw, and the own one',
    login: 'b-root',
    byHand: 'sudo -S id -un',
    typed: WORD,
    settings: pw(WORD),
    says: /password/,
  },
  {
    name: "targetpw: the other user's",
    login: 'b-target',
    byHand: 'sudo -S -u b-app2 id -un',
    typed: APP_WORD,
    settings: { ...pw(APP_WORD), ansible_become_user: 'b-app2' },
    gives: 'b-app2',
  },
  {
    name: 'a prompt that sudoers prescribes',
    login: 'b-own',
    byHand: 'sudo -S id -un',
    typed: WORD,
    settings: pw(WORD),
    gives: 'root',
  },
  {
    name: 'two modules that check the password',
    login: 'b-twice',
    byHand: 'sudo -S id -un',
    typed: `${WORD}\n${WORD}`,
    settings: pw(WORD),
    gives: 'root',
  },
  { name: 'requiretty', login: 'b-tty', byHand: 'sudo -n id -un', settings: {}, says: /tty/ },
  {
    name: 'not in sudoers',
    login: 'b-none',
    byHand: 'sudo -S id -un',
    typed: WORD,
    settings: pw(WORD),
    says: /sudoers/,
  },
  {
    name: 'another user with nologin for a shell',
    login: 'b-free',
    byHand: 'sudo -n -u b-app2 id -un',
    settings: { ansible_become_user: 'b-app2' },
    gives: 'b-app2',
  },
  {
    name: 'the only user that sudoers allows',
    login: 'b-app',
    byHand: 'sudo -n -u b-app2 id -un',
    settings: { ansible_become_user: 'b-app2' },
    gives: 'b-app2',
  },
  {
    name: 'a user that sudoers does not allow',
    login: 'b-app',
    byHand: 'sudo -n id -un',
    settings: {},
    says: /password|allowed/,
  },
  {
    name: 'a single command that sudoers allows',
    login: 'b-one',
    byHand: 'sudo -n id -un',
    settings: {},
    says: /password|allowed/,
  },
  {
    name: 'a user that is not there',
    login: 'b-free',
    byHand: 'sudo -n -u b-nobody id -un',
    settings: { ansible_become_user: 'b-nobody' },
    says: /b-nobody/,
  },
  {
    name: 'flags: -H -E',
    login: 'b-free',
    byHand: 'sudo -H -E -n id -un',
    settings: { ansible_become_flags: '-H -E' },
    gives: 'root',
  },
  {
    name: 'flags: -i',
    login: 'b-free',
    byHand: 'sudo -n -i id -un',
    settings: { ansible_become_flags: '-i' },
    gives: 'root',
  },
  {
    name: 'flags: -i with a password',
    login: 'b-pw',
    byHand: 'sudo -S -i id -un',
    typed: WORD,
    settings: { ...pw(WORD), ansible_become_flags: '-i -S' },
    gives: 'root',
  },
  {
    name: 'flags: -s',
    login: 'b-free',
    byHand: 'sudo -n -Hs id -un',
    settings: { ansible_become_flags: '-Hs' },
    gives: 'root',
  },
  {
    name: 'flags: -i for a user with nologin for a shell',
    login: 'b-free',
    byHand: 'sudo -n -i -u b-app2 id -un',
    settings: { ansible_become_flags: '-i', ansible_become_user: 'b-app2' },
    says: /not available|nologin/,
  },
  {
    name: 'flags: -S -n with a password',
    login: 'b-pw',
    byHand: 'sudo -H -S id -un',
    typed: WORD,
    settings: { ...pw(WORD), ansible_become_flags: '-H -S -n' },
    gives: 'root',
  },
  {
    name: 'flags: -k',
    login: 'b-pw',
    byHand: 'sudo -k -S id -un',
    typed: WORD,
    settings: { ...pw(WORD), ansible_become_flags: '-k' },
    gives: 'root',
  },
  {
    name: 'flags: a group',
    login: 'b-free',
    byHand: 'sudo -n -u root -g staff id -un',
    settings: { ansible_become_flags: '-g staff' },
    gives: 'root',
  },
  {
    name: 'flags that sudo does not have',
    login: 'b-free',
    byHand: 'sudo --no-such -n id -un',
    settings: { ansible_become_flags: '--no-such' },
    says: /no-such/,
  },
  {
    name: 'exe: a path',
    login: 'b-free',
    byHand: '/usr/bin/sudo -n id -un',
    settings: { ansible_become_exe: '/usr/bin/sudo' },
    gives: 'root',
  },
  {
    name: 'exe: one that is not there',
    login: 'b-free',
    byHand: '/none/sudo -n id -un',
    settings: { ansible_become_exe: '/none/sudo' },
    says: /\/none\/sudo/,
  },
  {
    name: 'su',
    login: 'b-none',
    byHand: 'su root -c "id -un"',
    typed: ROOT_WORD,
    settings: { ...su, ...pw(ROOT_WORD) },
    gives: 'root',
  },
  {
    name: 'su -',
    login: 'b-none',
    byHand: 'su - root -c "id -un"',
    typed: ROOT_WORD,
    settings: { ...su, ...pw(ROOT_WORD), ansible_become_flags: '-' },
    gives: 'root',
  },
  {
    name: 'su with the own password',
    login: 'b-none',
    byHand: 'su root -c "id -un"',
    typed: WORD,
    settings: { ...su, ...pw(WORD) },
    says: /su/,
  },
  { name: 'su without a password', login: 'b-none', byHand: 'su root -c "id -un"', settings: su, says: /su|password/ },
  {
    name: 'su to a user with nologin for a shell',
    login: 'b-none',
    byHand: 'su b-app2 -c "id -un"',
    typed: APP_WORD,
    settings: { ...su, ...pw(APP_WORD), ansible_become_user: 'b-app2' },
    says: /not available|su/,
  },
  {
    name: 'su to a user that is not there',
    login: 'b-none',
    byHand: 'su b-nobody -c "id -un"',
    typed: 'x',
    settings: { ...su, ...pw('x'), ansible_become_user: 'b-nobody' },
    says: /b-nobody/,
  },
  { name: 'doas without a password', login: 'b-free', byHand: 'doas -n id -un', settings: doas, gives: 'root' },
  {
    name: 'doas for one user',
    login: 'b-app',
    byHand: 'doas -n -u b-app2 id -un',
    settings: { ...doas, ansible_become_user: 'b-app2' },
    gives: 'b-app2',
  },
  {
    name: 'doas for a user that it does not allow',
    login: 'b-app',
    byHand: 'doas -n id -un',
    settings: doas,
    says: /doas|permitted/,
  },
  { name: 'doas for nobody', login: 'b-none', byHand: 'doas -n id -un', settings: doas, says: /doas|permitted/ },
  {
    name: 'doas that wants a password, and there is none',
    login: 'b-pw',
    byHand: 'doas -n id -un',
    settings: doas,
    says: /doas|password/,
  },
]

/** doas reads a password from a terminal alone, which a person has. */
const ASKING_DOAS: readonly Pick<Situation, 'name' | 'login' | 'settings' | 'gives'>[] = [
  { name: 'doas with a password', login: 'b-pw', settings: { ...doas, ...pw(WORD) }, gives: 'root' },
  { name: 'doas that remembers', login: 'b-zero', settings: { ...doas, ...pw(WORD) }, gives: 'root' },
  { name: 'doas with a wrong password', login: 'b-pw', settings: { ...doas, ...pw('no') } },
]

const prepare = `set -e
command -v doas >/dev/null || { apt-get -qq update; apt-get -qq install -y --no-install-recommends opendoas; } >/dev/null 2>&1
useradd -m -s /usr/sbin/nologin b-app2; echo 'b-app2:${APP_WORD}' | chpasswd
for name in ${ACCOUNTS}; do
  useradd -m -s /bin/bash $name; echo "$name:${WORD}" | chpasswd
  mkdir -m 700 /home/$name/.ssh; cp ~ops/.ssh/authorized_keys /home/$name/.ssh/; chown -R $name: /home/$name/.ssh
done
echo 'root:${ROOT_WORD}' | chpasswd
printf 'auth required pam_unix.so\\nauth required pam_unix.so\\n@include common-account\\n' >/etc/pam.d/sudo-twice
cat >/etc/sudoers.d/become-test <<'END'
${SUDOERS}END
chmod 440 /etc/sudoers.d/become-test
cat >/etc/doas.conf <<'END'
${DOAS}END
chmod 600 /etc/doas.conf`
const restore = `rm -f /etc/sudoers.d/become-test /etc/doas.conf /etc/pam.d/sudo-twice; passwd -q -l root || true
for name in ${ACCOUNTS} b-app2; do pkill -KILL -u $name || true; userdel -rf $name 2>/dev/null || true; done`

interface Ended {
  readonly gives: string | undefined
  readonly said: string
}

/** As a person would do it, with what stands on standard input. */
async function byHand({ login, byHand: command, typed = '' }: Situation): Promise<Ended> {
  const child = spawn('ssh', ['-l', login, ...sshArguments(await lab(), NODE), command])
  let [out, err] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()))
  child.stdin.end(typed === '' ? '' : `${typed}\n`)
  const code = await new Promise((done) => child.on('close', done))
  return { gives: code === 0 ? out.trim() : undefined, said: err }
}

async function settingsOf(login: string, client: 'ssh' | 'openssh', settings: Partial<Settings>) {
  const { nodes, privateKey, knownHosts } = await lab()
  const node = nodes.find(({ name }) => name === NODE)
  return connectionOf(NODE, {
    ansible_connection: client,
    ansible_host: node?.ssh.address ?? '',
    ansible_port: node?.ssh.port ?? 22,
    ansible_user: login,
    ansible_ssh_private_key_file: privateKey,
    ansible_ssh_common_args: ['-F', '/dev/null', '-o', `UserKnownHostsFile=${knownHosts}`],
    ansible_become: true,
    ...settings,
  })
}

async function byRolecall(
  { login, settings }: Pick<Situation, 'login' | 'settings'>,
  client: 'ssh' | 'openssh',
): Promise<Ended> {
  try {
    const host = await Host.connect(NODE, await settingsOf(login, client, settings))
    const { stdout } = await commandsOf(host)`id -un`
    host.close()
    return { gives: stdout.trim(), said: '' }
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    const [problem] = error.problems
    const isPlain = problem?.code === 'become' && problem.hint !== undefined
    return { gives: isPlain ? undefined : problem?.code, said: JSON.stringify(problem) }
  }
}

onLab(
  `${SITUATIONS.length + ASKING_DOAS.length} ways to become another user end as sudo, su and doas end by hand, by both transports`,
  async () => {
    const differ: string[] = []
    await ssh(NODE, restore)
    try {
      await ssh(NODE, prepare)
      await inTurns(SITUATIONS, async (situation) => {
        const hand = await byHand(situation)
        if (hand.gives !== situation.gives) differ.push(`${situation.name}, by hand: ${hand.gives ?? hand.said}`)
        for (const client of ['ssh', 'openssh'] as const) {
          const { gives, said } = await byRolecall(situation, client)
          if (gives !== situation.gives || situation.says?.test(said) === false)
            differ.push(`${situation.name}, ${client}: ${gives ?? ''} ${said}; by hand: ${hand.gives ?? hand.said}`)
        }
      })
      await inTurns(ASKING_DOAS, async (situation) => {
        for (const client of ['ssh', 'openssh'] as const) {
          const { gives, said } = await byRolecall(situation, client)
          if (gives !== situation.gives) differ.push(`${situation.name}, ${client}: ${gives ?? ''} ${said}`)
        }
      })
      assert.equal(differ, [])
    } finally {
      await ssh(NODE, restore)
    }
  },
)

/** Some at a time: a wrong password takes two seconds, and sshd lets no more than ten knock at once. */
async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: 8 }, lane))
}

test.run()
