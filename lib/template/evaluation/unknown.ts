import { TemplateError } from '../values/value.ts'

/** Names of Ansible's gathered facts, without `ansible_`. */
const FACTS = new RegExp(
  `^ansible_(?:${[
    'facts|local|hostname|fqdn|nodename|domain|machine(?:_id)?|architecture|interfaces|os_family|date_time|env|devices|mounts|lvm|lsb|dns',
    'cmdline|proc_cmdline|uptime_seconds|selinux|apparmor|fips|service_mgr|pkg_mgr|form_factor|hostnqn|iscsi_iqn|loadavg',
    'real_user_id|effective_user_id|user_(?:id|uid|gid|gecos|dir|shell)|python(?:_version)?|ssh_host_key_\\w+',
    '(?:system|kernel|distribution|processor)(?:_\\w+)?|(?:product|bios|board|chassis|virtualization|userspace)_\\w+',
    '(?:mem|swap)\\w*_mb|memory_mb|default_ipv[46]|all_ipv[46]_addresses',
    '(?:eth|ens|enp|eno|em|bond|br|wlan|docker|tun|vlan|veth)\\d\\w*|lo',
  ].join('|')})$`,
)

/** Variables that exist only while Ansible runs a play. */
const PLAY = new Set(
  `ansible_play_hosts ansible_play_hosts_all ansible_play_batch ansible_play_name ansible_play_role_names play_hosts ansible_check_mode ansible_diff_mode ansible_forks
   ansible_limit ansible_verbosity ansible_run_tags ansible_skip_tags ansible_version ansible_playbook_python ansible_config_file ansible_inventory_sources
   ansible_role_name ansible_parent_role_names ansible_parent_role_paths ansible_role_names ansible_dependent_role_names ansible_collection_name ansible_search_path
   ansible_index_var ansible_loop ansible_loop_var role_path item omit ansible_failed_task ansible_failed_result ansible_managed`.split(
    /\s+/,
  ),
)

const FUNCTIONS: Readonly<Record<string, string>> = {
  now: 'gives another value in each run',
  lipsum: 'gives another text in each run',
  cycler: 'keeps a state, which a value has none of',
  joiner: 'keeps a state, which a value has none of',
  undef: 'marks a variable that somebody has to set',
}

/**
 * Throws, with the reason, for a variable that only Ansible has. `default` does not apply to such variables: Ansible has a value,
 * so the result would silently differ.
 */
export function refuseKnown(name: string): void {
  if (FACTS.test(name))
    throw new TemplateError(
      `'${name}' is a fact of the host, and nothing that a host says is evaluated`,
      "a role has facts as host.os, host.addresses, host.hostname; or set the variable in the inventory, or by -e: it counts here, and Ansible's fact there",
    )
  if (name === 'playbook_dir')
    throw new TemplateError(
      "'playbook_dir' is the directory of a playbook of Ansible's, and none is run",
      'say which is meant: -e playbook_dir=$PWD; or write inventory_dir in its place, as in {{ inventory_dir }}/../files',
    )
  if (PLAY.has(name))
    throw new TemplateError(
      `'${name}' exists only while a play of Ansible's runs`,
      name === 'omit'
        ? 'leave the variable out'
        : 'compute the value in TypeScript, in the role or the playbook, or set it by -e',
    )
  if (Object.hasOwn(FUNCTIONS, name))
    throw new TemplateError(
      `${name}() ${FUNCTIONS[name] ?? ''}`,
      'compute the value in TypeScript, in the role or the playbook, or set it by -e',
    )
}

const COMMANDS = 'pipe lines'.split(' ')
const STORES =
  'hashi_vault vault_read vault_kv1_get vault_kv2_get vault_login vault_token_create passwordstore onepassword onepassword_doc onepassword_raw bitwarden bitwarden_secrets_manager lastpass keyring dsv tss manifold aws_secret secretsmanager_secret aws_ssm ssm_parameter conjur_variable cyberarkpassword azure_keyvault_secret gcp_secret_manager revbitspss merge_variables'.split(
    ' ',
  )
const NETWORK = 'url dig dnstxt k8s redis etcd etcd3 consul_kv mongodb aws_service_ip_ranges nb_lookup'.split(' ')
const LOOPS =
  'sequence together nested cartesian flattened indexed_items subelements random_choice inventory_hostnames fileglob filetree dependent list'.split(
    ' ',
  )
const FILES = 'template csvfile ini csv unvault shelvefile cpm_status'.split(' ')

/** Why a lookup of Ansible is not available, and the alternative. */
export function refuseLookup(name: string, all: readonly string[]): TemplateError {
  const short = name.replace(/^.*\./, '')
  const known = `known are ${all.join(', ')}`
  if (COMMANDS.includes(short))
    return new TemplateError(
      `lookup('${name}') runs a command each time the value is read`,
      'for a secret write a command under secrets: in the variables, which runs once; otherwise run it in the role or the playbook, in TypeScript, and pass what it gives on by using()',
    )
  if (short === 'password')
    return new TemplateError(
      `lookup('${name}') makes up a password and writes it to a file of this machine, or makes a hash of it`,
      'let Ansible make the file once, or write it yourself: a file that is there is read',
    )
  if (short === 'sops')
    return new TemplateError(
      `lookup('${name}') is not known`,
      'put the encrypted file into group_vars or host_vars: it is opened there, and its values are secrets',
    )
  if (STORES.includes(short))
    return new TemplateError(
      `lookup('${name}') asks a store of secrets through a Python module of Ansible's`,
      "let the store's own program print the secret, with a command under secrets: in the variables: secrets: { app.password: { command: [vault, kv, get, -field=password, app] } }",
    )
  if (NETWORK.includes(short))
    return new TemplateError(
      `lookup('${name}') asks another machine each time the value is read`,
      'ask it once, in an inventory in code (inventory/hosts.ts) or in the playbook, in TypeScript',
    )
  if (LOOPS.includes(short))
    return new TemplateError(
      `lookup('${name}') is for loops of tasks, and not known in a value`,
      `write it with filters (product, zip, flatten, range()), or in TypeScript; ${known}`,
    )
  if (FILES.includes(short))
    return new TemplateError(
      `lookup('${name}') reads a file in a way that is not known in a value`,
      `read the file in the role or the playbook, in TypeScript; ${known}`,
    )
  return new TemplateError(
    `lookup('${name}') is not known`,
    `${known}; compute the rest in TypeScript, in the role or the playbook`,
  )
}

const FILTERS: Readonly<Record<string, readonly [why: string, instead: string]>> = {
  json_query: [
    'is a language of its own, JMESPath',
    "write it with filters: list | selectattr('a', '==', 1) | map(attribute='b')",
  ],
  strftime: ['gives a time, which is another one in each run', 'compute it in TypeScript, in the role or the playbook'],
  to_datetime: [
    'gives a time of Python, which a value has none of',
    'compute it in TypeScript, in the role or the playbook',
  ],
  vault: ['gives another text in each run', 'write the value encrypted: rolecall vault encrypt-string'],
  unvault: [
    'would open a secret with a password that stands in a variable',
    'write the value under !vault: it is opened when it is read',
  ],
  fileglob: ['reads a directory in no order', 'list the files in TypeScript, in the role or the playbook'],
  expandvars: ['depends on the environment of whoever runs it', "name what is meant: lookup('env', 'HOME')"],
  realpath: ['follows links of this machine', 'write the path itself'],
}

/** Why a filter of Ansible is not available; undefined for an unknown name. */
export function refuseFilter(name: string): TemplateError | undefined {
  const short = name.replace(/^.*\./, '')
  const [why, instead] = (Object.hasOwn(FILTERS, short) ? FILTERS[short] : undefined) ?? []
  return why === undefined ? undefined : new TemplateError(`the filter "${name}" ${why}`, instead)
}

const TASK_TESTS = new Set(
  'failed failure succeeded success successful changed change skipped skip reachable unreachable started finished timedout'.split(
    ' ',
  ),
)

/** Why a test of Ansible is not available; undefined for an unknown name. */
export function refuseTest(name: string): TemplateError | undefined {
  return TASK_TESTS.has(name)
    ? new TemplateError(
        `the test "is ${name}" is about the outcome of a task, which a value has none of`,
        'ask in the role, in TypeScript',
      )
    : undefined
}
