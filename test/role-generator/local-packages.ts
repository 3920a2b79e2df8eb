/** A few packages with scripts, as a shell script that builds them into two repositories: `main`, which hosts know, and `extra`. */

interface Package {
  readonly name: string
  readonly version: string
  readonly in?: 'main' | 'extra'
  /** Further fields of the control file. */
  readonly fields?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly conffiles?: readonly string[]
  readonly scripts?: Readonly<Record<string, string>>
}

/** Where the repositories are on a host. */
export const REPOSITORIES = '/usr/share/trial'
/** A repository of git there. */
export const REPOSITORY = `${REPOSITORIES}/work.git`

const addUser =
  'getent passwd trialuser >/dev/null || useradd --system --home-dir /var/lib/trial-user --no-create-home trialuser'

const PACKAGES: readonly Package[] = [
  plain('1.0'),
  plain('1.1'),
  {
    name: 'trial-user',
    version: '1',
    files: { '/usr/share/trial-user/data': 'u' },
    scripts: {
      postinst: `${addUser}\nmkdir -p /var/lib/trial-user; chown trialuser /var/lib/trial-user`,
      postrm: 'if [ "$1" = purge ]; then rm -rf /var/lib/trial-user; userdel trialuser || :; fi',
    },
  },
  {
    name: 'trial-needs',
    version: '1',
    fields: ['Depends: trial-plain (>= 1.1), trial-dir'],
    files: { '/usr/share/trial-needs/data': 'n' },
  },
  { name: 'trial-foe', version: '1', fields: ['Conflicts: trial-plain'], files: { '/usr/share/trial-foe/data': 'f' } },
  {
    name: 'trial-virtual',
    version: '1',
    fields: ['Provides: trial-thing'],
    files: { '/usr/share/trial-virtual/data': 'v' },
  },
  {
    name: 'trial-rec',
    version: '1',
    fields: ['Recommends: trial-virtual'],
    files: { '/usr/share/trial-rec/data': 'r' },
  },
  {
    name: 'trial-dir',
    version: '1',
    files: { '/etc/trial.d/base.conf': 'base\n', '/usr/share/trial-dir/data': 'd' },
    conffiles: ['/etc/trial.d/base.conf'],
    scripts: { postinst: '[ -e /etc/trial.d/generated.conf ] || echo generated >/etc/trial.d/generated.conf' },
  },
  { name: 'trial-extra', version: '2', in: 'extra', files: { '/usr/share/trial-extra/data': 'e' } },
]

function plain(version: string): Package {
  const files = { '/usr/share/trial-plain/data': version, '/etc/trial-plain.conf': `version ${version}\n` }
  return { name: 'trial-plain', version, files, conffiles: ['/etc/trial-plain.conf'] }
}

/** Makes the repository of git: two tags on `main`, and another branch. */
export function buildRepository(): string {
  return `export HOME=/root GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=n@example.com GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=n@example.com
git init -q -b main /tmp/work; cd /tmp/work; echo one >text; git add text; git commit -q -m one; git tag v1
echo two >>text; mkdir sub; echo x >sub/more; git add .; git commit -q -m two; git tag v2
git checkout -q -b next; echo next >text; git commit -q -a -m next; git checkout -q main
git clone -q --bare /tmp/work ${REPOSITORY}; cd /; rm -rf /tmp/work`
}

/** Builds all of them on a host that has dpkg-deb, and lets its apt know the repository `main`. */
export function buildPackages(): string {
  return [
    `mkdir -p ${REPOSITORIES}/main ${REPOSITORIES}/extra`,
    ...PACKAGES.map(build),
    ...['main', 'extra'].map(
      (name) => `cd ${REPOSITORIES}/${name}; : >Packages
for d in *.deb; do { dpkg-deb -f "$d"; echo "Filename: ./$d"; echo "Size: $(stat -c %s "$d")"; echo "SHA256: $(sha256sum "$d" | cut -d' ' -f1)"; echo; } >>Packages; done`,
    ),
    `echo 'deb [trusted=yes] file:${REPOSITORIES}/main ./' >/etc/apt/sources.list.d/trial.list; cd /; apt-get -q update`,
  ].join('\n')
}

function build({
  name,
  version,
  fields = [],
  files = {},
  conffiles = [],
  scripts = {},
  in: where = 'main',
}: Package): string {
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: Nobody <nobody@example.com>',
    `Description: ${name}`,
    ...fields,
  ]
  const put = (path: string, text: string) => `mkdir -p "$(dirname .${path})"; printf '%s' ${quoted(text)} >.${path}`
  return [
    'b=$(mktemp -d); cd "$b"; chmod 755 .; mkdir DEBIAN',
    put('/DEBIAN/control', `${control.join('\n')}\n`),
    ...(conffiles.length === 0 ? [] : [put('/DEBIAN/conffiles', `${conffiles.join('\n')}\n`)]),
    ...Object.entries(scripts).map(
      ([script, text]) => `${put(`/DEBIAN/${script}`, `#!/bin/sh\nset -e\n${text}\n`)}; chmod 755 DEBIAN/${script}`,
    ),
    ...Object.entries(files).map(([path, text]) => put(path, text)),
    `dpkg-deb --root-owner-group -b . ${REPOSITORIES}/${where}/${name}_${version}_all.deb >/dev/null; cd /; rm -rf "$b"`,
  ].join('\n')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
