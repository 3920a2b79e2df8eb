// Hosts: node-03, node-04
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { onLab, put, ssh, text } from '../support/lab.ts'
import { asOdd, book, CONF, HOSTS, isRefused, ODD, runsWell, writes } from './misbehaving.ts'

onLab(
  'a banner, a message of the day and a profile that prints and asks are no answer and eat no request',
  async () => {
    book(writes('/run/odd'))
    await asOdd(
      `echo 'Keep out! -=ready= 5' >/run/banner; printf 'Match User odd\\n  Banner /run/banner\\n' >${CONF}
printf 'echo welcome; echo trouble >&2; printf "Your name? "; read -r name; read -r age; echo "hello $name"\\n' >/home/odd/.bashrc`,
      runsWell,
    )
  },
)

onLab('csh and fish as login shells pass everything on', async () => {
  book(writes('/run/odd'))
  await ssh(
    ODD,
    'command -v tcsh >/dev/null && command -v fish >/dev/null || { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends tcsh fish; } >/dev/null 2>&1',
  )
  for (const shell of ['tcsh', 'fish']) await asOdd(`usermod -s "$(command -v ${shell})" odd`, runsWell)
})

onLab('sudo with a password is given it, and told when it is refused', async () => {
  book(writes('/run/odd'))
  const wants = `echo 'odd:let me in' | chpasswd; echo 'odd ALL=(ALL) ALL' >/etc/sudoers.d/odd`
  await asOdd(wants, runsWell, '      ansible_become_password: let me in\n')
  await asOdd(
    wants,
    async () => assert.match(await isRefused('become'), 'the password was refused'),
    '      ansible_become_password: wrong\n',
  )
})

onLab('a profile that asks a question does not take sudo’s password', async () => {
  book(writes('/run/odd'))
  const wants = `echo 'odd:let me in' | chpasswd; echo 'odd ALL=(ALL) ALL' >/etc/sudoers.d/odd`
  const asks = {
    bash: `printf 'printf "Your name? "; read -r name; read -r age; echo "hello $name"\\n' >/home/odd/.bashrc`,
    tcsh: `usermod -s "$(command -v tcsh)" odd; printf 'echo "Your name?"\\nset name = "$<"\\necho hello\\n' >/home/odd/.tcshrc`,
    fish: `usermod -s "$(command -v fish)" odd; install -d -o odd /home/odd/.config/fish; printf 'read -P "Your name? " name\\necho hello\\n' >/home/odd/.config/fish/config.fish; chown -R odd /home/odd/.config`,
  }
  for (const ask of Object.values(asks))
    await asOdd(`${wants}; ${ask}`, runsWell, '      ansible_become_password: let me in\n')
})

onLab(
  'a profile that asks until it likes the answer costs its own time alone, and is told with its question',
  async () => {
    book(writes('/run/odd'))
    const hosts = text(HOSTS)
    put(HOSTS, hosts.replace('-o User', '-o ConnectTimeout=2 -o User'))
    const stubborn = `printf 'until [ "$agreed" = yes ]; do echo "Do you agree?"; read -r agreed || exit 1; done\\n' >/home/odd/.bashrc`
    const wants = `echo 'odd:let me in' | chpasswd; echo 'odd ALL=(ALL) ALL' >/etc/sudoers.d/odd`
    try {
      for (const [sudo, vars] of [
        ['true', ''],
        [wants, '      ansible_become_password: let me in\n'],
      ] as const)
        await asOdd(
          `${sudo}; ${stubborn}`,
          async () =>
            assert.match(await isRefused('connect'), /was not ready for a command within 6 s[^]*Do you agree\?/),
          vars,
        )
    } finally {
      put(HOSTS, hosts)
    }
  },
)

onLab('sudo that needs a terminal is reported as that, and sudo with use_pty works', async () => {
  book(writes('/run/odd'))
  await asOdd(`echo 'Defaults:odd requiretty' >>/etc/sudoers.d/odd`, async () => {
    assert.match(await isRefused('become'), /must have a tty[^]*requiretty/)
  })
  await asOdd(`echo 'Defaults:odd use_pty' >>/etc/sudoers.d/odd`, runsWell)
})

test.run()
