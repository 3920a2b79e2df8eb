import { playbook } from 'rolecall'
import base from '../roles/base.ts'
import certAuthority from '../roles/cert-authority.ts'
import dnsClient from '../roles/dns-client.ts'
import dnsServer from '../roles/dns-server.ts'
import docker from '../roles/docker.ts'
import harbor from '../roles/harbor.ts'
import registryClient from '../roles/registry-client.ts'

/**
 * Chapter 6 of the tutorial on its five hosts. On one host roles come in this order; between hosts only `after` counts,
 * so the name server and the authority are made while other hosts still install their tools.
 */
export default playbook({
  name: 'site',
  about: 'The tutorial, chapter 6: base, name server, certificate authority, Docker, Harbor',
  plays: [
    { name: 'base', hosts: 'all', roles: [base], tags: ['base'] },
    { name: 'dns', hosts: 'dns', roles: [dnsServer], tags: ['dns'] },
    { name: 'ca', hosts: 'ca', roles: [certAuthority], tags: ['ca'] },
    // Before the client: an engine reads resolv.conf whenever it looks for a name, so it need not wait for the name server.
    { name: 'docker', hosts: 'docker', roles: [docker], tags: ['docker'] },
    // Nobody is pointed at a name server before it is there.
    { name: 'client', hosts: 'all', roles: [dnsClient], after: ['dns'], tags: ['dns'] },
    { name: 'registry', hosts: 'registry', roles: [harbor], after: ['dns'], tags: ['registry'] },
    // They pull what the registry's host has pushed.
    { name: 'registry-client', hosts: 'docker', roles: [registryClient], after: ['registry'], tags: ['registry'] },
  ],
})
