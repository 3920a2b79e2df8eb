import { sh } from 'rolecall'

export interface Daemon {
  readonly dataRoot: string
  readonly storageDriver: string
  readonly cgroupDriver: 'systemd' | 'cgroupfs'
  readonly liveRestore: boolean
  readonly insecureRegistries: readonly string[]
  readonly registryMirrors: readonly string[]
}

/** The key for the data root: `graph` before 17.05, `data-root` from then on. From 23.0 on engines refuse `graph`. */
export type DataRootKey = 'data-root' | 'graph'

/**
 * @param version what `dockerd --version` prints; without a version in it, the engine is one of today, or will be
 */
export function dataRootKey(version: string): DataRootKey {
  const [, major, minor] = /version (\d+)\.(\d+)/.exec(version) ?? []
  if (major === undefined) return 'data-root'
  return Number(major) < 17 || (Number(major) === 17 && Number(minor) < 5) ? 'graph' : 'data-root'
}

/** What the role says in daemon.json. Other keys are somebody else's, and stay. */
export function daemonJson(daemon: Daemon, bip: string, key: DataRootKey) {
  const lists = { 'insecure-registries': daemon.insecureRegistries, 'registry-mirrors': daemon.registryMirrors }
  const isEmpty = (name: keyof typeof lists) => lists[name].length === 0
  const names = ['insecure-registries', 'registry-mirrors'] as const
  return {
    set: {
      [key]: daemon.dataRoot,
      'storage-driver': daemon.storageDriver,
      ...Object.fromEntries(names.filter((name) => !isEmpty(name)).map((name) => [name, lists[name]])),
      bip,
      'exec-opts': [`native.cgroupdriver=${daemon.cgroupDriver}`],
      'live-restore': daemon.liveRestore,
    },
    remove: [key === 'graph' ? 'data-root' : 'graph', ...names.filter(isEmpty)],
  }
}

/**
 * The engine's own opinion of a candidate. `dockerd --validate` is there from 23.0 on. An older engine is started with the candidate
 * as a user who may do nothing: it reads the file first, then sees that it is not root, and ends before it makes anything.
 * Where the engine is still to come there is nobody to ask; its first start will tell.
 *
 * Source: dockerd(8); moby, cmd/dockerd/daemon.go, `start`.
 */
export const accepted = sh`# dockerd reads it
command -v dockerd >/dev/null || exit 0
if dockerd --help 2>&1 | grep -q -e --validate; then dockerd --validate --config-file "$candidate"; exit $?; fi
command -v setpriv >/dev/null || exit 0
copy=$(mktemp) || exit 1
trap 'rm -f "$copy"' EXIT
cat "$candidate" >"$copy" && chown 65534 "$copy" || exit 1
said=$(timeout 20 setpriv --reuid=65534 --regid=65534 --clear-groups dockerd --config-file "$copy" 2>&1)
case $said in *'unable to configure the Docker daemon'*) printf '%s\n' "$said"; exit 1;; esac`
