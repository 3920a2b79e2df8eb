import { mkdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { replaceAtomically } from '../machine/files.ts'

const script = 'usr/lib/rolecall/kubelet-host.sh'
const unit = 'etc/systemd/system/rolecall-kubelet-host.service'
const wanted = 'etc/systemd/system/sysinit.target.wants/rolecall-kubelet-host.service'

/**
 * Kernel settings that kubelet writes. They belong to the machine, so the host gets files of its own in their place, and the machine's values
 * stay.
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
# Leads to the host's console: a host must not see the machine's kernel messages.
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
  // The first process of many pods ignores SIGTERM. Without this, every reboot would wait 90 seconds for it.
  'etc/systemd/system.conf.d/rolecall-kubelet-host.conf': '[Manager]\nDefaultTimeoutStopSec=10s\n',
}

/** Writes the files that kubelet needs to a host's disk, or removes them. The host must not run. */
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
