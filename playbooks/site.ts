import { playbook } from 'rolecall'
import base from '../roles/base.ts'
import certAuthority from '../roles/cert-authority.ts'
import dnsClient from '../roles/dns-client.ts'
import dnsServer from '../roles/dns-server.ts'

/** Chapter 6 of the tutorial: the ground that Kubernetes is built on. */
export default playbook({
  name: 'site',
  about: 'the machines of the tutorial: tools, DNS, certificate authority',
  plays: [
    { name: 'base', hosts: 'all', roles: [base], tags: ['base'] },
    { name: 'dns', hosts: 'dns', roles: [dnsServer], tags: ['dns'] },
    { name: 'ca', hosts: 'ca', roles: [certAuthority], tags: ['ca'] },
    { name: 'resolvers', hosts: 'all', roles: [dnsClient], after: ['dns'], tags: ['dns'] },
  ],
})
