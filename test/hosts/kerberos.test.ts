// Hosts: node-01
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { test } from 'uvu'
import { lab, onLab, project, put, ssh, told } from '../support/lab.ts'

const NODE = 'node-01'
const PORT = 2288

const configFor = (address: string) => `[libdefaults]
 default_realm = LAB.TEST
 dns_lookup_kdc = false
 rdns = false
 dns_canonicalize_hostname = false
[realms]
 LAB.TEST = {
  kdc = ${address}
 }
`

/** A key distribution centre, and a sshd that takes nothing but its tickets. Prints a ticket. */
const setUp = (address: string) => `export DEBIAN_FRONTEND=noninteractive
{ apt-get -qq update; apt-get -qq -y --no-install-recommends install krb5-kdc krb5-admin-server krb5-user; } >/dev/null 2>&1
command -v kdb5_util >/dev/null && command -v kinit >/dev/null || exit 0
cat >/etc/krb5.conf <<'EOF'
${configFor(address)}EOF
mkdir -p /etc/krb5kdc; rm -f /etc/krb5.keytab
printf '[realms]\\n LAB.TEST = {\\n  max_life = 10h\\n }\\n' >/etc/krb5kdc/kdc.conf
kdb5_util destroy -f >/dev/null 2>&1
{ kdb5_util create -s -r LAB.TEST -P master; kadmin.local -q 'addprinc -pw secret ops'
kadmin.local -q 'addprinc -randkey host/${address}'; kadmin.local -q 'ktadd host/${address}'; systemctl restart krb5-kdc; } >/dev/null 2>&1
/usr/sbin/sshd -o Port=${PORT} -o PidFile=/run/sshd-kerberos.pid -o GSSAPIAuthentication=yes -o GSSAPIStrictAcceptorCheck=no \\
  -o PubkeyAuthentication=no -o PasswordAuthentication=no -o KbdInteractiveAuthentication=no
echo secret | kinit -c /run/ticket ops@LAB.TEST >/dev/null
base64 -w 0 /run/ticket`

const END = `[ ! -e /run/sshd-kerberos.pid ] || kill $(cat /run/sshd-kerberos.pid); systemctl stop krb5-kdc 2>/dev/null; rm -f /run/ticket /etc/krb5.conf /etc/krb5.keytab`

onLab(
  'a host that takes Kerberos tickets alone is reached by ssh, chosen by itself, with a line that says why',
  async () => {
    const { nodes, knownHosts } = await lab()
    const address = nodes.find(({ name }) => name === NODE)?.address ?? ''
    const ticket = join(project, 'ticket')
    const config = join(project, 'krb5.conf')
    const before = { ...process.env }
    try {
      const given = await ssh(NODE, setUp(address))
      if (given === '') return void process.stdout.write('      not run: krb5-kdc cannot be installed on the host\n')
      writeFileSync(ticket, Buffer.from(given, 'base64'), { mode: 0o600 })
      writeFileSync(config, configFor(address))
      const args = `-o HostKeyAlias=${address} -o UserKnownHostsFile=${knownHosts}`
      const host = (more: string) =>
        `{ ansible_host: ${address}, ansible_port: ${PORT}, ansible_user: ops, ansible_become: true, ansible_ssh_common_args: ${args} -o GSSAPIAuthentication=${more} }`
      put('inventory/kerberos.yml', `all:\n  hosts:\n    node-01: ${host('yes')}\n    without: ${host('no')}\n`)
      const run = async (name: string, cache: string) => {
        Object.assign(process.env, { KRB5_CONFIG: config, KRB5CCNAME: `FILE:${cache}`, SSH_AUTH_SOCK: '' })
        const { code, out, err } = await told('run', 'id -un', '-i', 'inventory/kerberos.yml', '-l', name)
        return { code, said: out + err }
      }
      const reached = await run('node-01', ticket)
      assert.is(reached.code, 0, reached.said)
      assert.match(reached.said, /is reached by the program ssh, because of a Kerberos ticket \(GSSAPI\)/)
      assert.match(reached.said, /^root$/m)
      for (const refused of [await run('without', ticket), await run('node-01', join(project, 'no-ticket'))]) {
        assert.is.not(refused.code, 0)
        assert.match(refused.said, /refuses the login/)
      }
    } finally {
      process.env = before
      await ssh(NODE, END)
    }
  },
)

test.run()
