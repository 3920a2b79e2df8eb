import { mkdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { replaceAtomically } from '../machine/files.ts'

const script = 'usr/lib/rolecall/kubelet-host.sh'
const unit = 'etc/systemd/system/rolecall-kubelet-host.service'
const wanted = 'etc/systemd/system/sysinit.target.wants/rolecall-kubelet-host.service'

/**
 * What kubelet wants to write and a host may only read: settings of the machine's own kernel. The host gets files of its own in their
 * place, and the machine's values stay.
 */
const settings = { 'vm/overcommit_memory': 1, 'kernel/panic': 10, 'kernel/panic_on_oops': 1 }

const files: Readonly<Record<string, string>> = {
  [script]: `# What kubelet needs in a host of the lab, at every boot.
set -eu
mkdir -p /run/rolecall
while read -r name value; do
  file=/run/rolecall/$(echo "$name" | tr / .)
  echo "$value" >"$file"
  mount --bind "$file" "/proc/sys/$name"
done <<END
${Object.entries(settings)
  .map(([name, value]) => `${name} ${value}`)
  .join('\n')}
END
# The machine's own messages of the kernel are none of the host's.
[ -e /dev/kmsg ] || ln -s console /dev/kmsg
for directory in /sys/fs/cgroup/*; do
  [ -L "$directory" ] || ! mountpoint -q "$directory" || mount -o remount,bind,rw "$directory"
done
`,
  [unit]: `[Unit]
Description=What kubelet needs in a host of the lab
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /${script}
`,
  // The first process of many a pod ignores SIGTERM, and every reboot would wait 90 seconds for it.
  'etc/systemd/system.conf.d/rolecall-kubelet-host.conf': '[Manager]\nDefaultTimeoutStopSec=10s\n',
}

/** Writes on a host's own disk what kubelet needs there, or removes that. The host must not run. */
export async function writeKubeletFiles(upper: string, isWanted: boolean): Promise<void> {
  const link = path.join(upper, wanted)
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(upper, file)
    if (!isWanted) {
      await rm(target, { force: true })
      continue
    }
    await mkdir(path.dirname(target), { recursive: true, mode: 0o755 })
    await replaceAtomically(target, text)
  }
  await rm(link, { force: true })
  if (!isWanted) return
  await mkdir(path.dirname(link), { recursive: true, mode: 0o755 })
  await symlink(`/${unit}`, link)
}
