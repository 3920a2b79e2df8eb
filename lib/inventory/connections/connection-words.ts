import type { Settings } from './setting-names.ts'

/** Ansible's words for connections, and what each of them is here. */
export const CONNECTIONS: Readonly<Record<string, Settings['ansible_connection']>> = {
  ssh: 'ssh',
  smart: 'ssh',
  paramiko: 'ssh',
  paramiko_ssh: 'ssh',
  'ansible.builtin.ssh': 'ssh',
  'ansible.builtin.paramiko_ssh': 'ssh',
  openssh: 'openssh',
  local: 'local',
  'ansible.builtin.local': 'local',
  docker: 'docker',
  'community.docker.docker': 'docker',
  'community.docker.docker_api': 'docker',
  'community.general.docker': 'docker',
  podman: 'podman',
  'containers.podman.podman': 'podman',
  machinectl: 'machinectl',
  nspawn: 'nspawn',
}

/** A method of becoming another user by its own name, whichever collection of Ansible's it is named with. */
export function becomeMethod(word: string): string {
  return word.replace(/^(?:ansible\.(?:builtin|legacy)|community\.general)\./, '')
}
