/**
 * Options that have another name in the Ansible module that a kind replaces, by kind. docs/from-ansible.md lists the modules, and its test checks
 * that both agree. Names that are equal but for case and `_` need no row.
 */
const ANSIBLE_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  acl: { etype: 'entries', permissions: 'entries', entity: 'entries' },
  archive: { remote_src: 'source', extra_opts: 'strip' },
  authorizedKeys: { key: 'keys', manage_dir: 'manageDirectory', key_options: 'options' },
  block: { block: 'content' },
  certificate: { not_after: 'days', key_usage: 'usage', basic_constraints: 'isAuthority' },
  certificateRequest: { subject_alt_name: 'names', key_usage: 'usage', basic_constraints: 'isAuthority' },
  cron: { cron_file: 'file', special_time: 'special', env: 'value' },
  dockerContainer: { restart_policy: 'restart', network_mode: 'network', networks: 'network' },
  download: { validate_certs: 'insecure', force_basic_auth: 'username' },
  filesystem: { fstype: 'type', opts: 'options', resizefs: 'resize' },
  git: { accept_hostkey: 'hostKey', verify_commit: 'verify', key_file: 'key', refspec: 'version' },
  htpasswd: { username: 'users', password: 'users' },
  httpRequest: {
    status_code: 'status',
    validate_certs: 'insecure',
    method: 'send',
    body: 'send',
    client_cert: 'clientCertificate',
    return_content: 'body',
    force_basic_auth: 'username',
    ca_path: 'ca',
  },
  line: { regexp: 'match' },
  logicalVolume: { pvs: 'devices', resizefs: 'resizeFilesystem' },
  mount: { fstype: 'type', opts: 'options' },
  mysqlDatabase: { import: 'source', encoding: 'charset' },
  mysqlUser: { priv: 'privileges', append_privs: 'append' },
  ownership: { recurse: 'directoryMode' },
  passwordAging: { password_lock: 'locked' },
  pip: { virtualenv: 'venv', virtualenv_python: 'python' },
  pkg: {
    install_recommends: 'recommends',
    default_release: 'release',
    enablerepo: 'enableRepositories',
    disablerepo: 'disableRepositories',
  },
  postgresDatabase: { lc_collate: 'collate', lc_ctype: 'ctype', restore: 'source' },
  postgresExtension: { db: 'database' },
  postgresGrant: { type: 'on', roles: 'role', objs: 'objects', privs: 'privileges' },
  postgresUser: { role_attr_flags: 'superuser' },
  privateKey: { size: 'bits' },
  replace: { regexp: 'match', replace: 'by', after: 'from', before: 'to' },
  selinuxBoolean: { state: 'value' },
  selinuxContext: { setype: 'type' },
  selinuxPort: { setype: 'type' },
  service: { scope: 'user' },
  sshKeyPair: { generate_ssh_key: 'type' },
  tree: { delete: 'prune', rsync_opts: 'exclude' },
  ufw: { default: 'incoming' },
  ufwRule: { to_port: 'port', proto: 'protocol', from_ip: 'from' },
  user: { remove: 'removeHome' },
  volumeGroup: { pvs: 'devices', pesize: 'extentSize' },
  waitFor: { search_regex: 'contains', path: 'file' },
}

/** The Ansible names of a kind's options, each with the option here. Empty for an unknown kind. */
export function ansibleNames(kind: string): Readonly<Record<string, string>> {
  return Object.hasOwn(ANSIBLE_NAMES, kind) ? (ANSIBLE_NAMES[kind] ?? {}) : {}
}

/** The kinds with such names. */
export function kindsWithAnsibleNames(): readonly string[] {
  return Object.keys(ANSIBLE_NAMES)
}
