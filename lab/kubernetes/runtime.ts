import type { ArtifactRecipe } from 'rolecall'

const packages = ['etcd-server', 'etcd-client', 'containerd', 'runc', 'containernetworking-plugins', 'libseccomp2']

/** A file that a project publishes, and the list of checksums that it publishes beside it. */
interface Release {
  readonly at: string
  readonly file: string
  readonly sums: string
}

function releases(architecture: string): readonly Release[] {
  const file = {
    etcd: `etcd-v3.4.23-linux-${architecture}.tar.gz`,
    containerd: `containerd-1.6.20-linux-${architecture}.tar.gz`,
    runc: `runc.${architecture}`,
    plugins: `cni-plugins-linux-${architecture}-v1.1.1.tgz`,
  }
  return [
    { at: 'etcd-io/etcd/releases/download/v3.4.23', file: file.etcd, sums: 'SHA256SUMS' },
    {
      at: 'containerd/containerd/releases/download/v1.6.20',
      file: file.containerd,
      sums: `${file.containerd}.sha256sum`,
    },
    { at: 'opencontainers/runc/releases/download/v1.1.5', file: file.runc, sums: 'runc.sha256sum' },
    { at: 'containernetworking/plugins/releases/download/v1.1.1', file: file.plugins, sums: `${file.plugins}.sha256` },
  ]
}

function script([etcd, containerd, runc, plugins]: readonly (Release | undefined)[]): string {
  const directory = etcd?.file.replace('.tar.gz', '') ?? ''
  return `
pack() { tar --sort=name --mtime=@1600000000 --numeric-owner --owner=0 --group=0 -I 'gzip -n -1' "$@"; }
mkdir -p ${directory} bin
cp /usr/bin/etcd /usr/bin/etcdctl ${directory}
pack -cf ${etcd?.file ?? ''} ${directory}
cp /usr/bin/containerd /usr/bin/containerd-shim-runc-v2 /usr/bin/ctr bin
pack -cf ${containerd?.file ?? ''} bin
pack -C /usr/lib/cni -cf ${plugins?.file ?? ''} .
cp /usr/sbin/runc ${runc?.file ?? ''}
chmod 755 ${runc?.file ?? ''}
${[etcd, containerd, runc, plugins].map((each) => `sha256sum ${each?.file ?? ''} >${each?.sums ?? ''}`).join('\n')}`
}

/** etcd, containerd, runc and the CNI plugins under the names of their releases. The programs are those of the distribution's packages. */
export const containerRuntime: ArtifactRecipe = {
  version: 1,
  optional: true,
  async build({ debian, serve, architecture }) {
    const all = releases(architecture)
    await debian(script(all), packages)
    for (const { at, file, sums } of all) for (const name of [file, sums]) await serve(name, `${at}/${name}`)
  },
}
