/** Settings of ansible.cfg about connections, and the variables that mean the same, the usual one first. */
export const VARIABLES: ReadonlyMap<string, readonly string[]> = new Map([
  ['defaults.remote_user', ['ansible_user', 'ansible_ssh_user']],
  ['defaults.remote_port', ['ansible_port', 'ansible_ssh_port']],
  ['defaults.private_key_file', ['ansible_ssh_private_key_file', 'ansible_private_key_file']],
  ['defaults.host_key_checking', ['ansible_host_key_checking', 'ansible_ssh_host_key_checking']],
  ['defaults.timeout', ['ansible_timeout', 'ansible_ssh_timeout']],
  ['defaults.transport', ['ansible_connection']],
  ['privilege_escalation.become', ['ansible_become']],
  ['privilege_escalation.become_method', ['ansible_become_method']],
  ...['user', 'exe', 'flags'].map((part) => [`privilege_escalation.become_${part}`, becomeNames(part)] as const),
  ...['sudo', 'su', 'doas'].flatMap((method) =>
    [
      ['user', 'user'],
      ['executable', 'exe'],
      ['flags', 'flags'],
      ['password', 'password'],
    ].map(([key = '', part = '']) => [`${method}_become_plugin.${key}`, becomeNames(part)] as const),
  ),
  ['ssh_connection.host_key_checking', ['ansible_host_key_checking', 'ansible_ssh_host_key_checking']],
  ['ssh_connection.private_key_file', ['ansible_ssh_private_key_file', 'ansible_private_key_file']],
  ['ssh_connection.timeout', ['ansible_timeout', 'ansible_ssh_timeout']],
  ['ssh_connection.ssh_args', ['ansible_ssh_args']],
  ['ssh_connection.ssh_common_args', ['ansible_ssh_common_args']],
  ['ssh_connection.ssh_extra_args', ['ansible_ssh_extra_args']],
])

function becomeNames(part: string): readonly string[] {
  return [`ansible_become_${part}`, ...['sudo', 'su', 'doas'].map((method) => `ansible_${method}_${part}`)]
}

/** Settings that ask something, and the options that ask it here. */
export const ANSWERED: ReadonlyMap<string, string> = new Map([
  ['defaults.ask_pass', '-k'],
  ['defaults.connection_password_file', '-k, or ansible_password in a file of Ansible Vault'],
  ['privilege_escalation.become_ask_pass', '-K'],
  ['defaults.become_password_file', '-K, or ansible_become_password in a file of Ansible Vault'],
  ['defaults.ask_vault_pass', '--ask-vault-pass'],
  ['tags.run', '--tags'],
  ['tags.skip', '--skip-tags'],
])

export interface Followed {
  /** Whether a value is what is done here anyway. */
  readonly isUsual: (value: string) => boolean
  /** What is done here. */
  readonly here: string
  readonly hint: string
}

export const isOff = (value: string) => /^(?:false|no|off|0|f|n)$/i.test(value)
export const isOn = (value: string) => /^(?:true|yes|on|1|t|y)$/i.test(value)
const never = () => false

/** Settings by which an inventory means something else. Source: ansible-config list. */
export const FOLLOWED: ReadonlyMap<string, Followed> = new Map([
  [
    'defaults.hash_behaviour',
    {
      isUsual: (value: string) => value === 'replace',
      here: 'a map of a stronger level replaces the whole map of a weaker one',
      hint: 'write the whole map, or combine two by name: "{{ base | combine(more, recursive=true) }}"',
    },
  ],
  [
    'defaults.force_valid_group_names',
    {
      isUsual: (value: string) => /^(?:never|ignore)$/i.test(value),
      here: 'names of groups are as they are written',
      hint: 'write the names of groups with letters, digits and _ alone',
    },
  ],
  [
    'defaults.precedence',
    {
      isUsual: never,
      here: 'variables have the usual precedence',
      hint: 'see "Where variables stand" in docs/inventories.md',
    },
  ],
  [
    'defaults.jinja2_native',
    {
      isUsual: isOff,
      here: 'the result of a template in a text is a text',
      hint: 'a role that expects a number or a boolean gets one; rolecall explain shows each value',
    },
  ],
  [
    'defaults.jinja2_extensions',
    {
      isUsual: never,
      here: 'templates have no extensions',
      hint: 'an expression that needs one is an error with its place',
    },
  ],
  [
    'defaults.error_on_undefined_vars',
    {
      isUsual: isOn,
      here: 'an undefined name in a template is an error',
      hint: "give a default: {{ name | default('') }}",
    },
  ],
  [
    'defaults.vars_plugins_enabled',
    {
      isUsual: (value: string) => /^(?:ansible\.(?:builtin|legacy)\.)?host_group_vars$/.test(value),
      here: 'variables come from group_vars and host_vars, in plain text, by Ansible Vault or by SOPS',
      hint: 'for what another plugin reads, write an inventory in code: inventory/hosts.ts',
    },
  ],
  [
    'defaults.yaml_valid_extensions',
    { isUsual: never, here: 'files of variables end in .yml, .yaml, .json or nothing', hint: 'rename the others' },
  ],
  ...[
    'inventory.ignore_patterns',
    'defaults.inventory_ignore_patterns',
    'inventory.ignore_extensions',
    'defaults.inventory_ignore_extensions',
  ].map((name): [string, Followed] => [
    name,
    {
      isUsual: never,
      here: 'all files of the directory are read that Ansible reads by default',
      hint: 'name the files themselves: -i FILE -i FILE',
    },
  ]),
  [
    'inventory.enable_plugins',
    {
      isUsual: (value: string) =>
        ['host_list', 'script', 'yaml', 'ini'].every((name) =>
          value.split(/[\s,]+/).some((each) => each.endsWith(name)),
        ),
      here: 'hosts come from YAML, JSON, INI, programs, code and lists of hosts',
      hint: 'a file that only another plugin reads is refused, with the way to turn it into one of these',
    },
  ],
])
