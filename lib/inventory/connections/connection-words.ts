import type { Settings } from './setting-names.ts'

/** Ansible's names of connections, and what each means here. */
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

/** The short name of a become method, without the name of an Ansible collection. */
export function becomeMethod(word: string): string {
  return word.replace(/^(?:ansible\.(?:builtin|legacy)|community\.general)\./, '')
}
