import type { AskedPasswords } from '../../inventory/variables/asked-passwords.ts'
import { secret } from '../../secret.ts'
import type { RunFlags } from '../run-options.ts'

const HINT =
  'without a terminal, give the password in a file of variables: -e @FILE with ansible_password or ansible_become_password'

/** The passwords that `-k` and `-K` ask for. As in Ansible, an empty answer to the second question means the first password. */
export async function askedPasswords({
  askPass = false,
  askBecomePass = false,
}: Pick<RunFlags, 'askPass' | 'askBecomePass'>): Promise<AskedPasswords | undefined> {
  if (!askPass && !askBecomePass) return undefined
  const { askHidden } = await import('./ask-hidden.ts')
  const ssh = askPass ? secret(await askHidden('SSH password: ', { hint: HINT })) : undefined
  const question = askPass ? 'BECOME password (the SSH password when empty): ' : 'BECOME password: '
  const answer = askBecomePass ? await askHidden(question, { hint: HINT }) : undefined
  const become = answer === undefined ? undefined : answer === '' ? ssh : secret(answer)
  return { ...(ssh === undefined ? {} : { ssh }), ...(become === undefined ? {} : { become }) }
}
