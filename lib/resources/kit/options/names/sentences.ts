/** Options of other tools that have no option here, and what to do instead. */
const INSTEAD: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  archive: {
    remote_src: 'not needed: source is a file of the host or a URL',
    creates: 'not needed: a marker tells what was unpacked',
    copy: 'source is a file of the host or a URL',
  },
  cron: {
    mailto: "a variable is cron('MAILTO', { value: '...' })",
    path: "a variable is cron('PATH', { value: '...' })",
  },
  dir: {
    recurse: "ownership('...', { ... }) sees to all that is in a directory",
    source: "a directory with what is in it is tree('...', { source: '...' })",
    src: "a directory with what is in it is tree('...', { source: '...' })",
  },
  dockerContainer: {
    pull: "put dockerImage('...') before this resource",
    recreate: 'not needed: a container that differs is recreated',
  },
  download: {
    force: 'not needed: the checksum decides',
  },
  exec: {
    changed_when: 'write changedBy: [] for a command that changes nothing; what only answers is await $.read`...`',
    refreshonly: 'onlyIf, or if (...) in the role on what ensure returned',
    tries: 'retry in the script of run',
    warn: 'not needed',
  },
  file: {
    force: "a file that stays once it is there: if (!(await exists('...'))) before it",
    target: "a link is link('...', { to: '...' })",
    recurse: "ownership('...', { ... }) sees to all that is in a directory",
    line: "a line of a file is line('...', { line: '...' })",
    variables: "a template is template('...', { source: '...', variables: { ... } })",
    template: "a template is template('...', { source: '...', variables: { ... } })",
  },
  firewalld: {
    permanent: 'not needed: now and for later',
    immediate: 'not needed: now and for later',
  },
  group: {
    members: "user('...', { groups: ['...'] }) of each member",
    users: "user('...', { groups: ['...'] }) of each member",
  },
  iniFile: {
    section: "write set: { SECTION: { KEY: 'value' } }",
    option: "write set: { SECTION: { KEY: 'value' } }",
    value: "write set: { SECTION: { KEY: 'value' } }",
  },
  line: {
    backrefs: "a line with parts of the old one is replace('...', { match: /.../gm, by: '$1 ...' })",
  },
  logicalVolume: { fstype: "a file system on it is filesystem('...', { type: '...' })" },
  logrotate: {
    notifempty: 'write ifEmpty: false',
    daily: "write every: 'daily'",
    weekly: "write every: 'weekly'",
    monthly: "write every: 'monthly'",
  },
  npm: {
    global: 'not needed: without path it is global',
    production: "npmProject('...', { production: true })",
  },
  pip: { requirements: "write pipRequirements('...')" },
  pkg: {
    update: 'not needed: lists older than a day are fetched',
    update_cache: 'not needed: lists older than a day are fetched',
    cache_valid_time: 'not needed: lists older than a day are fetched',
    cache_time: 'not needed: lists older than a day are fetched',
    refresh: 'not needed: lists older than a day are fetched',
    latest: "write state: 'latest'",
    upgrade: "write state: 'latest'; the whole system is upgrade('...')",
    allow_downgrade: 'not needed: a version is taken up or down',
    deb: "a package in a file is packageFile('...', { source: '...' })",
    source: "a package in a file is packageFile('...', { source: '...' })",
    group: "a group is packageGroup('...')",
  },
  repository: {
    repo: "write apt: { uris: '...', suites: '...', components: '...' }",
  },
  service: {
    daemon_reload: 'not needed: changed units are reloaded',
    state:
      'write running: true or running: false; restartedAfter and reloadedAfter name what it is restarted or reloaded after',
  },
  template: {
    force: "a file that stays once it is there: if (!(await exists('...'))) before it",
  },
  tree: {
    force: 'not needed: what differs is written',
  },
  user: {
    append: 'not needed: other groups stay; onlyTheseGroups: true takes them away, as Ansible does without append',
    expires: "write passwordAging('...', { expires: '...' })",
    expiry: "write passwordAging('...', { expires: '...' })",
    password_lock: "write passwordAging('...', { locked: true })",
    locked: "write passwordAging('...', { locked: true })",
    ssh_keys: "write authorizedKeys('...', { keys: ['...'] })",
    public_keys: "write authorizedKeys('...', { keys: ['...'] })",
    ssh_authorized_keys: "write authorizedKeys('...', { keys: ['...'] })",
    sudo: "write sudoers('...', { rules: [...] })",
    generate_ssh_key: "write sshKeyPair('...')",
    force: 'not needed: a process of the user refuses it',
  },
}

/** What to do instead of an option that other tools have, as a sentence. It wins over a new name: the new one may mean the opposite. */
export function sentenceOf(kind: string, name: string): string | undefined {
  const own = Object.hasOwn(INSTEAD, kind) ? INSTEAD[kind] : undefined
  return own !== undefined && Object.hasOwn(own, name) ? own[name] : undefined
}

/** The kinds with such sentences. */
export function kindsWithSentences(): readonly string[] {
  return Object.keys(INSTEAD)
}
