import { playbook } from 'rolecall'
import base from '../../../roles/base.ts'
import certAuthority from '../../../roles/cert-authority.ts'
import dnsClient from '../../../roles/dns-client.ts'
import dnsServer from '../../../roles/dns-server.ts'

/** What the limit's script and Ansible's playbook do as well. */
export default playbook({
  name: 'chapter',
  plays: [
    { name: 'base', hosts: 'all', roles: [base] },
    { name: 'dns', hosts: 'dns', roles: [dnsServer] },
    { name: 'ca', hosts: 'ca', roles: [certAuthority] },
    { name: 'client', hosts: 'all', roles: [dnsClient], after: ['dns'] },
  ],
})
