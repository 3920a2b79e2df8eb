// Hosts: node-01, node-04
import { test } from 'uvu'
import { file } from '../../lib/resources/files/file.ts'
import { dir } from '../../lib/resources/files/dir.ts'
import { npmProject, type NpmProjectOptions } from '../../lib/resources/languages/npm.ts'
import { flatpak, flatpakRemote } from '../../lib/resources/packages/flatpak.ts'
import { tryCases } from '../support/cases.ts'

/** A repository of flatpaks on the host itself: an application and its runtime, in two branches. */
const FLATPAKS = `command -v flatpak || { apt-get update -qq; apt-get install -y -qq --no-install-recommends flatpak; }
rm -rf /srv/rc-flatpak; mkdir -p /srv/rc-flatpak; cd /srv/rc-flatpak || exit
arch=$(flatpak --default-arch)
for branch in stable next; do
rm -rf runtime app; mkdir -p runtime/usr/share runtime/files app/files app/export; echo $branch >runtime/usr/share/branch
base="name=org.rc.Platform
runtime=org.rc.Platform/$arch/$branch
sdk=org.rc.Platform/$arch/$branch"
printf '[Runtime]\\n%s\\n' "$base" >runtime/metadata
printf '[Application]\\n%s\\ncommand=app\\n' "$base" | sed s/^name=.*/name=org.rc.App/ >app/metadata
flatpak build-export --runtime --disable-sandbox repo runtime $branch
flatpak build-export --disable-sandbox repo app $branch
done
flatpak build-update-repo repo
cp -r repo other`
const URL = 'file:///srv/rc-flatpak/repo'
const remote = (url = URL) => flatpakRemote('rc', { url, insecure: true })
const app = (branch: string) => flatpak('org.rc.App', { branch, remote: 'rc' })
const branches = (...all: readonly string[]) =>
  `[ "$(flatpak list --system --columns=application,branch | awk '$1 == "org.rc.App" { print $2 }' | xargs)" = '${all.join(' ')}' ]`

tryCases('node-01', [
  {
    name: 'an application of Flatpak, from a remote that is to come',
    setup: FLATPAKS,
    ensures: () => [[remote(), app('stable')]],
    right: [
      `changed flatpakRemote:rc: add the remote rc: ${URL}`,
      'changed flatpak:org.rc.App//stable: install the flatpak org.rc.App//stable from rc',
    ],
    then: branches('stable'),
  },
  {
    name: 'a second branch beside the first, and a remote that leads elsewhere',
    ensures: () => [[remote('file:///srv/rc-flatpak/other'), app('stable'), app('next')]],
    right: [
      `changed flatpakRemote:rc: let the remote rc lead to file:///srv/rc-flatpak/other (was ${URL})`,
      'ok flatpak:org.rc.App//stable',
      'changed flatpak:org.rc.App//next: install the flatpak org.rc.App//next from rc',
    ],
    then: branches('next', 'stable'),
  },
  {
    name: 'an application that somebody has removed comes back',
    setup: 'flatpak uninstall --system --noninteractive -y org.rc.App//next',
    ensures: () => [[app('next')]],
    right: ['changed flatpak:org.rc.App//next: install the flatpak org.rc.App//next from rc'],
    then: branches('next', 'stable'),
  },
  {
    name: 'an application goes with all its branches, and the remote after it',
    ensures: () => [[flatpak('org.rc.App', { state: 'absent' }), flatpakRemote('rc', { state: 'absent' })]],
    right: [
      'changed flatpak:org.rc.App: remove the flatpak org.rc.App',
      'changed flatpakRemote:rc: remove the remote rc',
    ],
    then: `${branches()} && ! flatpak remotes --system --columns=name | grep -qx rc`,
  },
  {
    name: 'an application of a remote that goes before it is refused',
    setup: `flatpak remote-add --system --no-gpg-verify rc ${URL}`,
    ensures: () => [[flatpakRemote('rc', { state: 'absent' }), app('stable')]],
    right: ['changed flatpakRemote:rc: remove the remote rc', 'refused: flatpak has no remote rc'],
    again: ['ok flatpakRemote:rc', 'refused: flatpak has no remote rc'],
  },
  {
    name: 'of a remote that has no summary nothing is kept: a second apply says the same',
    setup: 'mkdir -p /srv/rc-flatpak/none',
    ensures: () => [[remote('file:///srv/rc-flatpak/none')]],
    right: [/^changed/],
    apply: [/^refused: /],
    again: [/^refused: /],
    then: '! flatpak remotes --system --columns=name | grep -qx rc',
    undo: 'flatpak uninstall --system --noninteractive -y --all; rm -rf /srv/rc-flatpak; apt-get -y purge flatpak; rm -rf /var/lib/flatpak',
  },
])

const manifest = (dependencies: Readonly<Record<string, string>>, development: Readonly<Record<string, string>> = {}) =>
  `${JSON.stringify({ name: 'rc', version: '1.0.0', dependencies, devDependencies: development })}\n`
/** Two packages in directories of the host: no registry is asked. */
const PACKAGES = `command -v npm || { apt-get update -qq; apt-get install -y -qq --no-install-recommends npm; }
id rcnpm || useradd -m rcnpm
rm -rf /srv/rc-npm; mkdir -p /srv/rc-npm/one /srv/rc-npm/two
for name in one two; do printf '{"name":"%s","version":"1.0.0"}' $name >/srv/rc-npm/$name/package.json; done`
const project = (content: string, options: NpmProjectOptions = {}) => [
  dir('/srv/rc-npm/app', { owner: 'rcnpm' }),
  file('/srv/rc-npm/app/package.json', { content, owner: 'rcnpm' }),
  npmProject('/srv/rc-npm/app', { user: 'rcnpm', ...options }),
]
const one = manifest({ one: 'file:/srv/rc-npm/one' })
const installed = (...names: readonly string[]) =>
  `[ "$(ls /srv/rc-npm/app/node_modules | xargs)" = '${names.join(' ')}' ] && [ "$(stat -c %U /srv/rc-npm/app/node_modules)" = rcnpm ]`

tryCases('node-04', [
  {
    name: 'a project of npm that is to come, as its user',
    setup: PACKAGES,
    ensures: () => [project(one)],
    right: [/^changed dir:/, /^changed file:/, 'changed npm:/srv/rc-npm/app: install dependencies in /srv/rc-npm/app'],
    then: installed('one'),
  },
  {
    name: 'a dependency of a project that somebody has removed comes back, by npm ci',
    setup: 'rm -rf /srv/rc-npm/app/node_modules; [ -f /srv/rc-npm/app/package-lock.json ]',
    ensures: () => [[npmProject('/srv/rc-npm/app', { user: 'rcnpm' })]],
    right: ['changed npm:/srv/rc-npm/app: install dependencies in /srv/rc-npm/app'],
    then: installed('one'),
  },
  {
    name: 'a project that asks for more than its lock has, where the lock may follow',
    ensures: () => [project(manifest({ one: 'file:/srv/rc-npm/one', two: 'file:/srv/rc-npm/two' }), { ci: false })],
    right: [/^ok dir:/, /^changed file:/, /^unknown npm:\/srv\/rc-npm\/app: whether it is as file:.* asks for/],
    apply: [/^ok dir:/, /^changed file:/, /^changed npm:/],
    then: installed('one', 'two'),
  },
  {
    name: 'a project without what its development needs',
    setup: `printf '%s' '${manifest({ one: 'file:/srv/rc-npm/one' }, { two: 'file:/srv/rc-npm/two' }).trim()}' >/srv/rc-npm/app/package.json
rm -rf /srv/rc-npm/app/node_modules /srv/rc-npm/app/package-lock.json`,
    ensures: () => [[npmProject('/srv/rc-npm/app', { user: 'rcnpm', production: true })]],
    right: ['changed npm:/srv/rc-npm/app: install dependencies in /srv/rc-npm/app'],
    then: installed('one'),
  },
  {
    name: 'a project that another account can change is refused without its user',
    ensures: () => [[npmProject('/srv/rc-npm/app')]],
    right: [/^refused: .*\/srv\/rc-npm\/app/],
  },
  {
    name: 'a project without package.json is refused',
    setup: 'mkdir -p /srv/rc-npm/none',
    ensures: () => [[npmProject('/srv/rc-npm/none')]],
    right: ['refused: there is no /srv/rc-npm/none/package.json'],
    undo: 'rm -rf /srv/rc-npm; userdel -r rcnpm; dpkg --purge npm',
  },
])

test.run()
