import { spawnSync } from 'node:child_process'

/** Whether Ansible is here. Root gets it from Debian where it is missing. */
export function ansibleHere(): boolean {
  if (isThere()) return true
  if (process.getuid?.() !== 0) return false
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Another test may install something meanwhile.
  const words = ['-qq', '-o', 'DPkg::Lock::Timeout=300', 'install', '--yes', '--no-install-recommends', 'ansible-core']
  spawnSync('apt-get', words, { env, stdio: 'ignore' })
  return isThere()
}

function isThere(): boolean {
  return spawnSync('ansible-vault', ['--version'], { stdio: 'ignore' }).status === 0
}
