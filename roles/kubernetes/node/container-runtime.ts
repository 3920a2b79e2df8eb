import { archive, dir, download, file, link, unit, type Resource } from 'rolecall'
import { registryHosts } from './node-files.ts'

/** What containerd asks instead of a registry: the mirrors of each. */
export function registries(mirrors: Readonly<Record<string, readonly string[]>>): Resource[] {
  return [
    dir('/etc/containerd/certs.d'),
    ...Object.entries(mirrors).flatMap(([name, endpoints]) => [
      dir(`/etc/containerd/certs.d/${name}`),
      file(`/etc/containerd/certs.d/${name}/hosts.toml`, { content: registryHosts(name, endpoints) }),
    ]),
  ]
}

/** containerd and runc as their own projects release them. */
export function releasedRuntime(github: string, version: string, runc: string, arch: string): Resource[] {
  const source = `${github}/containerd/containerd/releases/download/v${version}/containerd-${version}-linux-${arch}.tar.gz`
  const runcAt = `${github}/opencontainers/runc/releases/download/v${runc}`
  const directory = `/opt/containerd/v${version}`
  return [
    dir('/opt/containerd'),
    archive(directory, { source, sha256: { source: `${source}.sha256sum` } }),
    download('/usr/local/sbin/runc', {
      source: `${runcAt}/runc.${arch}`,
      sha256: { source: `${runcAt}/runc.sha256sum` },
      mode: '0755',
    }),
    ...['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) =>
      link(`/usr/local/bin/${name}`, { to: `${directory}/bin/${name}` }),
    ),
    unit('containerd', {
      sections: {
        Unit: { Description: 'containerd', After: 'network.target local-fs.target' },
        Service: {
          ExecStart: '/usr/local/bin/containerd',
          Type: 'notify',
          Delegate: true,
          KillMode: 'process',
          Restart: 'always',
          RestartSec: '5s',
          LimitNOFILE: 1_048_576,
          TasksMax: 'infinity',
        },
        Install: { WantedBy: 'multi-user.target' },
      },
    }),
  ]
}
