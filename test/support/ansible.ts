import { spawnSync } from 'node:child_process'

/** Whether Ansible is here. Root gets it from Debian where it is missing. */
export function ansibleHere(): boolean {
  return packagesHere(isThere, ['ansible-core'])
}

/** Whether something is here, by asking; root gets the packages of Debian that bring it where it is missing. */
export function packagesHere(isHere: () => boolean, packages: readonly string[]): boolean {
  if (isHere()) return true
  if (process.getuid?.() !== 0) return false
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Another test may install something meanwhile.
  const words = ['-qq', '-o', 'DPkg::Lock::Timeout=300', 'install', '--yes', '--no-install-recommends', ...packages]
  spawnSync('apt-get', words, { env, stdio: 'ignore' })
  return isHere()
}

function isThere(): boolean {
  return spawnSync('ansible-vault', ['--version'], { stdio: 'ignore' }).status === 0
}
