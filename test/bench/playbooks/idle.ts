import { playbook, role } from 'rolecall'

/** Connecting, and nothing else: what the other playbooks of one host cost beyond it is their own. */
const idle = role({ name: 'idle', apply: () => Promise.resolve() })

export default playbook({ name: 'idle', plays: [{ name: 'idle', hosts: 'node-03', roles: [idle] }] })
