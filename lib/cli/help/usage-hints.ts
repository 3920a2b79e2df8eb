import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { nearest } from '../../text/nearest.ts'
import { projectAbove } from '../project-directory.ts'

/** Commands that people of Ansible, Terraform, pyinfra and others type, and what does the same here. */
const COMMANDS: Readonly<Record<string, string>> = {
  preview: 'rolecall check PLAYBOOK says what apply would change',
  diff: 'rolecall check PLAYBOOK --diff shows what would change inside files',
  'dry-run': 'rolecall check PLAYBOOK says what apply would change',
  playbook: 'rolecall apply PLAYBOOK runs a playbook',
  deploy: 'rolecall apply PLAYBOOK runs a playbook',
  provision: 'rolecall apply PLAYBOOK runs a playbook',
  converge: 'rolecall apply PLAYBOOK runs a playbook',
  up: 'rolecall apply PLAYBOOK runs a playbook; rolecall lab up boots throwaway hosts',
  down: 'rolecall lab down removes throwaway hosts',
  destroy:
    'there is no undo: write what is to be gone as state: absent, and apply; rolecall lab down removes throwaway hosts',
  refresh: 'nothing is cached: rolecall check PLAYBOOK asks the hosts each time',
  state: 'there is no state file: rolecall check PLAYBOOK asks the hosts; rolecall runs lists what was done',
  import: 'there is no state file to import into: describe the host in a role, and rolecall check PLAYBOOK compares',
  show: 'rolecall plan show FILE shows a saved plan; rolecall runs show RUN a run; rolecall list units PLAYBOOK what a playbook would do',
  output: 'rolecall runs show RUN shows what steps printed',
  log: 'rolecall runs lists the runs; rolecall runs show RUN shows one',
  logs: 'rolecall runs lists the runs; rolecall runs show RUN shows one',
  status:
    'rolecall check PLAYBOOK says what differs; rolecall runs lists the runs; rolecall lab status the throwaway hosts',
  validate: 'rolecall check PLAYBOOK checks types, variables and the inventory before any host is touched',
  lint: 'rolecall check PLAYBOOK checks types, variables and the inventory before any host is touched',
  'syntax-check': 'rolecall check PLAYBOOK checks types, variables and the inventory before any host is touched',
  fmt: 'roles are TypeScript: npx prettier --write formats them',
  inventory: 'rolecall list hosts and rolecall list groups show the inventory',
  hosts: 'rolecall list hosts',
  groups: 'rolecall list groups',
  roles: 'rolecall list roles PLAYBOOK',
  vars: 'rolecall explain ROLE.VARIABLE HOST says where a value comes from',
  config: 'rolecall explain ROLE.VARIABLE HOST says where a value comes from',
  graph: 'rolecall list units PLAYBOOK shows what runs where',
  doc: 'docs/reference.md describes every kind',
  galaxy: 'roles are TypeScript modules: npm install brings those of others',
  install: 'roles are TypeScript modules: npm install brings those of others',
  console: 'rolecall explain ROLE.VARIABLE HOST shows values; rolecall list shows the inventory',
  retry: 'rolecall resume goes on with a run that did not end well',
  continue: 'rolecall resume goes on with a run that did not end well',
  unlock: 'a lock ends with its run: nothing has to be unlocked',
  'force-unlock': 'a lock ends with its run: nothing has to be unlocked',
  new: 'rolecall init DIRECTORY makes a project',
  create: 'rolecall init DIRECTORY makes a project',
  exec: "rolecall run 'COMMAND' -l PATTERN runs a command on hosts",
  adhoc: "rolecall run 'COMMAND' -l PATTERN runs a command on hosts",
  shell: 'rolecall ssh HOST opens a shell; rolecall lab ssh NODE does so in the lab',
  fetch: 'rolecall copy HOST:/PATH DIRECTORY/ copies a file from hosts',
  put: 'rolecall copy FILE HOST:/PATH copies a file to hosts',
  scp: 'rolecall copy FILE HOST:/PATH copies a file to hosts',
  command: "rolecall run 'COMMAND' -l PATTERN runs a command on hosts",
  setup: 'rolecall facts HOST shows them; host in a role has the same',
  version: 'rolecall --version',
  'ansible-playbook': 'rolecall apply PLAYBOOK runs a playbook; rolecall check PLAYBOOK says what it would change',
  'ansible-vault': 'rolecall vault reads and writes the same files',
  'ansible-inventory': 'rolecall list hosts --json prints the same; --tree the groups',
  'ansible-doc': 'docs/reference.md describes every kind',
  'ansible-galaxy': 'roles are TypeScript modules: npm install brings those of others',
  'ansible-lint': 'rolecall check PLAYBOOK checks types, variables and the inventory before any host is touched',
  'ansible-pull': 'rolecall apply PLAYBOOK -l HOST with ansible_connection: local runs on the host itself',
  ansible: "rolecall run 'COMMAND' -l PATTERN runs a command on hosts; rolecall apply PLAYBOOK a playbook",
  molecule: 'rolecall test ROLE puts a role through check, apply, apply and verify on the lab',
  terraform: 'rolecall check PLAYBOOK --out FILE plans; rolecall apply FILE applies it',
  tofu: 'rolecall check PLAYBOOK --out FILE plans; rolecall apply FILE applies it',
  pyinfra: 'rolecall apply PLAYBOOK runs a playbook',
  'ad-hoc': "rolecall run 'COMMAND' -l PATTERN runs a command on hosts",
  docs: 'docs/reference.md describes every kind; rolecall COMMAND --help a command',
  man: 'docs/reference.md describes every kind; rolecall COMMAND --help a command',
  watch: 'rolecall check PLAYBOOK --watch checks again whenever a file was saved',
  secrets: 'rolecall vault reads and writes encrypted files',
  secret: 'rolecall vault reads and writes encrypted files',
  encrypt: 'rolecall vault encrypt FILE',
  decrypt: 'rolecall vault decrypt FILE',
  edit: 'rolecall vault edit FILE',
  gather: 'rolecall facts HOST shows them; host in a role has the same',
  'gather-facts': 'rolecall facts HOST shows them; host in a role has the same',
  debug: 'rolecall explain ROLE.VARIABLE HOST shows values; -v and -vv show more of a run',
  debug_inventory: 'rolecall list hosts --json',
  'debug-inventory': 'rolecall list hosts --json',
  taint: 'there is no state to mark: what is not as wanted is made again; restartedAfter restarts a service',
  untaint: 'there is no state to mark: what is not as wanted is made again',
  workspace: 'another inventory is another world: -i inventories/staging',
  env: 'another inventory is another world: -i inventories/staging',
  providers: 'roles are TypeScript modules: npm install brings those of others',
  get: 'roles are TypeScript modules: npm install brings those of others',
  upgrade: 'npm install rolecall@latest',
  login: 'rolecall ssh HOST opens a shell',
  connect: 'rolecall ssh HOST opens a shell',
  start: 'rolecall apply PLAYBOOK runs a playbook; rolecall lab up boots throwaway hosts',
  go: 'rolecall apply PLAYBOOK runs a playbook',
  agent: 'rolecall mcp serves the project to an agent',
  approve: 'rolecall plan show FILE shows a saved plan; rolecall apply FILE applies it',
  rollback: 'there is no undo: take the commit before, and apply; rolecall history HOST says what was done',
  undo: 'there is no undo: take the commit before, and apply; rolecall history HOST says what was done',
  otel: 'set OTEL_EXPORTER_OTLP_ENDPOINT: each run is sent there as a trace',
}

const OPTIONS: Readonly<Record<string, string>> = {
  '--dry-run': 'rolecall check PLAYBOOK says what apply would change',
  '--dry': 'rolecall check PLAYBOOK says what apply would change',
  '--check': 'rolecall check PLAYBOOK says what apply would change',
  '-C': 'rolecall check PLAYBOOK says what apply would change',
  '-n': 'rolecall check PLAYBOOK says what apply would change',
  '--noop': 'rolecall check PLAYBOOK says what apply would change',
  '-D': 'it is --diff',
  '--extra-vars': 'it is -e ROLE.VARIABLE=VALUE, or -e @FILE',
  '--var': 'it is -e ROLE.VARIABLE=VALUE, or -e @FILE',
  '-var': 'it is -e ROLE.VARIABLE=VALUE, or -e @FILE',
  '-var-file': 'it is -e @FILE',
  '--var-file': 'it is -e @FILE',
  '--data': 'it is -e ROLE.VARIABLE=VALUE, or -e @FILE',
  '--forks': 'it is --concurrency NUMBER',
  '-f': 'it is --concurrency NUMBER',
  '--parallelism': 'it is --concurrency NUMBER',
  '--parallel': 'it is --concurrency NUMBER',
  '-t': 'it is --tags TAGS',
  '--target': 'it is -l PATTERN for hosts, and --role NAME for roles',
  '-target': 'it is -l PATTERN for hosts, and --role NAME for roles',
  '--hosts': 'it is -l PATTERN',
  '--become': 'it stands in the inventory: ansible_become: true',
  '-b': 'it stands in the inventory: ansible_become: true',
  '--sudo': 'it stands in the inventory: ansible_become: true',
  '--become-user': 'it stands in the inventory: ansible_become_user',
  '--ask-become-pass': 'it stands in the inventory: ansible_become_password, encrypted by rolecall vault',
  '-K': 'it stands in the inventory: ansible_become_password, encrypted by rolecall vault',
  '--user': 'it stands in the inventory: ansible_user',
  '-u': 'it stands in the inventory: ansible_user',
  '--private-key': 'it stands in the inventory: ansible_ssh_private_key_file',
  '--key-file': 'it stands in the inventory: ansible_ssh_private_key_file',
  '--key': 'it stands in the inventory: ansible_ssh_private_key_file',
  '--ssh-user': 'it stands in the inventory: ansible_user',
  '--connection': 'it stands in the inventory: ansible_connection',
  '--timeout': 'deadline of a role, a play or a resource; ConnectTimeout of SSH stands in ~/.ssh/config',
  '-T': 'deadline of a role, a play or a resource; ConnectTimeout of SSH stands in ~/.ssh/config',
  '--auto-approve': 'it is --yes, which answers what --ask asks',
  '-auto-approve': 'it is --yes, which answers what --ask asks',
  '-y': 'it is --yes',
  '--force': 'not needed: what is as wanted is left alone, and the rest is done',
  '--list-hosts': 'rolecall list hosts',
  '--list-tasks': 'rolecall list units PLAYBOOK',
  '--list-tags': 'rolecall list roles PLAYBOOK',
  '--syntax-check': 'rolecall check PLAYBOOK checks types, variables and the inventory before any host is touched',
  '--start-at-task':
    'it is --start-at ROLE; rolecall resume goes on where a run stopped, and what is done is not done twice',
  '--step': 'rolecall check PLAYBOOK --diff shows each change beforehand',
  '--flush-cache': 'nothing is cached: hosts are asked each time',
  '--refresh': 'nothing is cached: hosts are asked each time',
  '-out': 'it is --out FILE',
  '--debug': 'it is -v, or -vv',
  '--debug-facts': 'it is -vv',
  '--silent': 'it is -q',
  '--detailed-exitcode': 'rolecall check PLAYBOOK --exit-code ends with 3 when something would change',
}

/** What somebody may have meant by a command that is unknown: one that is spelled alike here, or one that they know from elsewhere. */
export function commandHint(word: string, parent: Command): string | undefined {
  const known = parent.createHelp().visibleCommands(parent)
  const elsewhere = parent.parent === null ? COMMANDS[word] : undefined
  if (parent.name() === 'plan' && nearest(word, ['show']).length === 0)
    return 'rolecall check PLAYBOOK says what apply would change; rolecall plan show FILE shows a saved plan'
  return (
    elsewhere ??
    fileHint(word) ??
    (parent.parent === null ? playbookHint(word) : undefined) ??
    meant(
      nearest(
        word,
        known.map((command) => command.name()),
      ),
    )
  )
}

/** `ansible-playbook site.yml`, `pyinfra inventory.py deploy.py`: a file in place of a command. */
function fileHint(word: string): string | undefined {
  if (word.endsWith('.ts'))
    return 'rolecall apply PLAYBOOK runs a playbook; rolecall check PLAYBOOK says what it would change'
  if (!/\.(ya?ml|py|tf|j2|ini|cfg)$/.test(word)) return undefined
  return 'playbooks are TypeScript: rolecall apply PLAYBOOK runs one; docs/from-ansible.md says how a playbook of Ansible is written here'
}

/** `rolecall site`: the name of a playbook in place of a command. */
function playbookHint(word: string): string | undefined {
  const project = projectAbove(process.cwd())
  const isPlaybook =
    /^[\w-]+$/.test(word) && project !== undefined && existsSync(join(project, 'playbooks', `${word}.ts`))
  return isPlaybook
    ? `${word} is a playbook: rolecall check ${word} says what it would change, rolecall apply ${word} changes it`
    : undefined
}

/** The same for an option of a command. */
export function optionHint(word: string, command: Command): string | undefined {
  const flag = word.split('=', 1)[0] ?? word
  const known = command.options.flatMap(({ long }) => long ?? [])
  // Of short options there are as many as letters: nobody misspells them.
  const own = OPTIONS[flag] ?? (flag.startsWith('--') ? meant(nearest(flag, known)) : undefined)
  return own ?? (flag.startsWith('--') ? commandAsOption(flag, command) : undefined)
}

/** `--chek`, `--verify`: what is an option elsewhere, misspelt, or the name of a command. */
function commandAsOption(flag: string, command: Command): string | undefined {
  const [elsewhere] = nearest(flag, Object.keys(OPTIONS))
  if (elsewhere !== undefined) return OPTIONS[elsewhere]
  const root = rootOf(command)
  const names = root
    .createHelp()
    .visibleCommands(root)
    .map((each) => each.name())
  const [name] = names.includes(flag.slice(2)) ? [flag.slice(2)] : nearest(flag.slice(2), names)
  return name === undefined ? undefined : `${name} is a command: rolecall ${name} --help shows how it is used`
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent)
}

function meant(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `did you mean ${names.join(' or ')}?`
}
