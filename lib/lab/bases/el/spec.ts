import type { Deb } from './dpkg.ts'
import type { PackageDefinition, PackageFile, PackagePart } from './package.ts'
import { dropped } from './packages.ts'

/** Debian's packages as found on the disk: their files, and the directories that belong to a single package. */
export interface Contents {
  readonly files: ReadonlyMap<string, readonly string[]>
  readonly dirs: ReadonlyMap<string, readonly string[]>
}

/** One rpm package, ready to be written into a spec file. */
export interface Rpm extends PackageDefinition {
  readonly version: string
  readonly summary: string
  readonly repository: string
  readonly requires: readonly string[]
  /** Lines of its `%files`. */
  readonly lines: readonly string[]
}

/** Every package of the lab: those that the lab defines, and one for each other Debian package, under Debian's name. Pure. */
export function rpmsOf(
  packages: readonly PackageDefinition[],
  debs: ReadonlyMap<string, Deb>,
  contents: Contents,
): readonly Rpm[] {
  const made = packages.map((each) => ({ ...each, of: each.of.filter(({ deb }) => debs.has(deb)) }))
  const claimed = new Set(made.flatMap(({ of }) => of.map(({ deb }) => deb)))
  const rest = [...debs.keys()].filter((name) => !claimed.has(name) && !dropped.includes(name))
  const all: readonly PackageDefinition[] = [...made, ...rest.map((name) => ({ name, of: [{ deb: name }] }))]

  const nameOf = new Map(
    all.flatMap(({ name, of }) => of.flatMap((part) => (part.only ? [] : [[part.deb, name] as const]))),
  )
  const providers = new Map(
    [...debs.values()].flatMap(({ name, provides }) => provides.map((each) => [each, name] as const)),
  )
  const required = (part: PackagePart): readonly string[] =>
    part.only
      ? []
      : (debs.get(part.deb)?.depends ?? []).flatMap((clause) => {
          const there = clause
            .map((each) => (debs.has(each) ? each : providers.get(each)))
            .find((each) => each !== undefined)
          return nameOf.get(there ?? '') ?? []
        })
  return all.map((each) => {
    const first = debs.get(each.of[0]?.deb ?? '')
    const requires = new Set([...(each.requires ?? []), ...each.of.flatMap(required)])
    requires.delete(each.name)
    return {
      ...each,
      version: each.version ?? rpmVersion(first?.version ?? '0'),
      summary: each.summary ?? first?.summary ?? each.name,
      repository: each.repository ?? 'baseos',
      requires: [...requires],
      lines: linesOf(each, contents),
    }
  })
}

/** The upstream version: 9.18.33 for Debian's `1:9.18.33-1~deb12u2`. Pure. */
export function rpmVersion(version: string): string {
  return version
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/[+~](dfsg|ds).*$/, '')
    .replace(/[^\w.+~^]/g, '.')
}

/** The name of a package's file. */
export function fileName({ name, version }: Rpm, architecture: string): string {
  return `${name}-${version}-1.el9.${architecture}.rpm`
}

function linesOf(
  { of, files = [], copies = {}, links = {}, dirs = [] }: PackageDefinition,
  contents: Contents,
): readonly string[] {
  const own = [...files, ...Object.keys(copies).map((path) => ({ path, text: '' }))]
  const taken = new Set([...own.map(({ path }) => path), ...Object.keys(links)])
  const theirs = of.flatMap(({ deb, only, without }) =>
    (contents.files.get(deb) ?? []).filter(
      (path) => (only?.test(path) ?? true) && !(without?.test(path) ?? false) && !taken.has(path),
    ),
  )
  const ownDirs = new Set(dirs.map(({ path }) => path))
  const kept = of.flatMap(({ deb, only, without }) =>
    only ? [] : (contents.dirs.get(deb) ?? []).filter((dir) => !without?.test(dir) && !ownDirs.has(dir)),
  )
  return [
    ...kept.map((path) => `%dir ${pattern(path)}`),
    ...dirs.map((dir) => `${attributes({ mode: '0755', ...dir })} %dir ${pattern(dir.path)}`),
    ...theirs.map((path) => `${config(path)}${pattern(path)}`),
    ...own.map((file) => `${attributes({ mode: '0644', ...file })} ${config(file.path)}${pattern(file.path)}`),
    ...Object.keys(links).map(pattern),
  ]
}

function attributes({
  mode,
  owner = 'root',
  group = 'root',
}: Omit<PackageFile, 'text' | 'path'> & { mode: string }): string {
  return `%attr(${mode}, ${owner}, ${group})`
}

function config(path: string): string {
  return path.startsWith('/etc/') ? '%config(noreplace) ' : ''
}

/** rpmbuild reads paths as glob patterns: `?` stands for each character that is special in one. */
function pattern(path: string): string {
  return `"${path.replaceAll('%', '%%').replace(/[[\]*{}\\"]/g, '?')}"`
}

/** One spec file that builds all packages. Their file lists are files in the directory `lists`. Pure. */
export function specOf(rpms: readonly Rpm[], lists: string): string {
  return [
    'Name: rolecall-lab\nVersion: 1\nRelease: 1.el9\nSummary: All packages of the lab\nLicense: as in Debian',
    '%global __os_install_post %{nil}\n%global debug_package %{nil}\n%global _build_id_links none',
    '%global _binary_payload w1.zstdio\n%global __check_files %{nil}\n%description\nAll packages of the lab.',
    ...rpms.map((rpm) => section(rpm, lists)),
    '',
  ].join('\n')
}

function section(
  { name, version, summary, requires, provides = [], pre, units = [], trigger }: Rpm,
  lists: string,
): string {
  const all = units.join(' ')
  const script = (when: string, text: string): string => `%${when} -n ${name}\n${text.replaceAll('%', '%%')}`
  return [
    `\n%package -n ${name}\nVersion: ${version}\nSummary: ${summary.replaceAll('%', '%%')}\nAutoReqProv: no`,
    ...requires.map((each) => `Requires: ${each}`),
    ...provides.map((each) => `Provides: ${each}`),
    `%description -n ${name}\n${summary.replaceAll('%', '%%')}`,
    ...(pre === undefined ? [] : [script('pre', `${pre}\nexit 0`)]),
    // The same commands as systemd's macros %systemd_post, %systemd_preun and %systemd_postun_with_restart.
    ...(units.length === 0
      ? []
      : [
          script('post', `if [ $1 -eq 1 ]; then systemctl --no-reload preset ${all} >/dev/null 2>&1; fi\nexit 0`),
          script(
            'preun',
            `if [ $1 -eq 0 ]; then [ -d /run/systemd/system ] && now=--now || now=\nsystemctl --no-reload disable $now ${all} >/dev/null 2>&1; fi\nexit 0`,
          ),
          script('postun', `if [ $1 -ge 1 ]; then systemctl try-restart ${all} >/dev/null 2>&1; fi\nexit 0`),
        ]),
    ...(trigger === undefined ? [] : [`%transfiletriggerin -n ${name} -- ${trigger.below.join(' ')}\n${trigger.run}`]),
    `%files -n ${name} -f ${lists}/${name}`,
  ].join('\n')
}
