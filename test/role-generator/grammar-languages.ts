import type { Random } from '../support/random.ts'
import { NPM_PACKAGES, WHEELS } from './language-packages.ts'
import type { PlaceUses } from './place-uses.ts'
import type { Data, ResourceSpec } from './spec.ts'

const VENV = '/opt/trial/venv'
const PROJECT = '/opt/trial/app'
const REQUIREMENTS = '/opt/trial/requirements.txt'

/** Words for pip to find packages of the host alone. */
const OFFLINE = ['--no-index', '--find-links', WHEELS]

type Options = { readonly [name: string]: Data | undefined }

/** Where each tool keeps what it installs. */
export const LANGUAGE_TREES: Readonly<Record<string, readonly string[]>> = {
  pip: ['/opt/trial', '/root/.cache'],
  pipRequirements: ['/opt/trial', '/root/.cache'],
  gem: ['/var/lib/gems', '/usr/local/bin', '/root/.local', '/root/.gem'],
  npm: [
    '/usr/local/lib/node_modules',
    '/usr/local/bin',
    `${PROJECT}/node_modules`,
    `${PROJECT}/package-lock.json`,
    `${PROJECT}/package.json`,
    '/root/.npm',
  ],
  npmProject: [`${PROJECT}/node_modules`, `${PROJECT}/package-lock.json`, '/root/.npm'],
}

/** Packages of Python, Ruby and Node: from files of the host, or of the generator's server. */
export function languageResource(random: Random, uses: PlaceUses): readonly ResourceSpec[] {
  const often = (share: number) => random.next() < share
  const gone: Options = { state: 'absent' }
  const registry = { $url: '/npm/' }
  const version = random.pick(['1.0.0', '1.1.0'])
  const pip = { venv: VENV, extraArgs: OFFLINE }
  const manifest = JSON.stringify({ name: 'app', version: '1.0.0', dependencies: { 'trial-demo': version } })
  const [make, name, options] = random.pick<readonly [string, string, Options]>([
    ['pip', 'trial-demo', pip],
    ['pip', 'trial-demo', { ...pip, version }],
    ['pip', 'trial-demo>=1.1', pip],
    ['pip', 'trial-demo', { ...pip, state: 'latest' }],
    ['pip', 'trial-demo', { venv: VENV, ...gone }],
    ['pipRequirements', REQUIREMENTS, pip],
    ['gem', 'trial-demo', {}],
    ['gem', 'trial-demo', { version }],
    ['gem', 'trial-demo', gone],
    ['gem', 'trial-none', gone],
    ['npm', 'trial-demo', { registry }],
    ['npm', 'trial-demo', { registry, version }],
    ['npm', 'trial-demo', gone],
    ['npm', 'trial-demo', { registry, path: PROJECT }],
    ['npmProject', PROJECT, { registry }],
  ])
  // Of one environment, of one gem, and of one place of npm only one thing can be wanted.
  const key = make.startsWith('pip')
    ? '/pip'
    : make === 'gem'
      ? `/gem/${name}`
      : options['path'] === undefined && make === 'npm'
        ? '/npm'
        : '/npm/project'
  const known = uses.at(key)
  if (known !== undefined) return known.args === undefined ? [] : [{ make: known.kind, args: known.args }]
  const args: readonly Data[] = [name, options]
  uses.set(key, { type: 'own', kind: make, attributes: {}, args })
  const before: readonly ResourceSpec[] =
    make === 'pipRequirements'
      ? [{ make: 'file', args: [REQUIREMENTS, { content: `trial-demo==${version}\n` }] }]
      : key === '/npm/project'
        ? [
            { make: 'dir', args: [PROJECT, { parents: true }] },
            {
              make: 'file',
              args: [`${PROJECT}/package.json`, { content: make === 'npm' ? '{"name":"app"}\n' : manifest }],
            },
          ]
        : []
  // npm writes what it has installed into package.json: a file of that content would be put back each time.
  return [...(often(0.8) && !(make === 'npm' && key === '/npm/project') ? before : []), { make, args }]
}

/** What was done to such packages of a host before. */
export function languageLine(random: Random): string {
  const version = random.pick(['1.0.0', '1.1.0'])
  return random.pick([
    `python3 -m venv ${VENV}`,
    `python3 -m venv ${VENV} && ${VENV}/bin/pip install -q ${OFFLINE.join(' ')} trial-demo==${version}`,
    `rm -f ${VENV}/bin/pip*`,
    `mkdir -p ${VENV}/bin`,
    `mkdir -p /opt/trial; echo trial-demo==${version} >${REQUIREMENTS}`,
    `gem install trial-demo -v ${version}`,
    'gem install trial-demo -v 1.0.0; gem install trial-demo -v 1.1.0',
    `npm install --global ${NPM_PACKAGES}/trial-demo-${version}.tgz`,
    `mkdir -p ${PROJECT}; echo '{"name":"app","dependencies":{"trial-demo":"${version}"}}' >${PROJECT}/package.json`,
    `mkdir -p ${PROJECT}; echo '{"name":"app"}' >${PROJECT}/package.json; npm --prefix ${PROJECT} install ${NPM_PACKAGES}/trial-demo-${version}.tgz`,
    'rm -rf /usr/local/lib/node_modules/trial-demo',
  ])
}
