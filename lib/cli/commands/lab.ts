import { spawn } from 'node:child_process'
import { Command } from 'commander'
import type { BootRequest, Say } from '../../lab/lab.ts'
import { EXIT } from '../exit-codes.ts'
import { examples } from '../help/examples.ts'

interface LabFlags {
  readonly name?: string
}

interface BootFlags extends LabFlags {
  readonly family?: string
}

interface UpFlags extends BootFlags {
  readonly like?: string
  readonly driver?: string
  readonly with?: readonly string[]
}

interface StatusFlags extends LabFlags {
  readonly json?: boolean
}

/** `rolecall lab up|down|reset|save|restore|saved|status|ssh|inventory` */
export function labCommand(): Command {
  return new Command('lab')
    .summary('throwaway hosts on this machine to try playbooks on')
    .description(
      'Throwaway hosts on this machine to try playbooks on, each with its own systemd, sshd and package manager: those of\n' +
        "the project's lab/lab.ts, without that file node-01 to node-05. They are Debian, or of the Red Hat family. Booted with\n" +
        'systemd-nspawn as root on Debian or Ubuntu, elsewhere with podman or docker.',
    )
    .addHelpText(
      'after',
      examples(
        ['rolecall lab up', 'boot what is not up, repair what is broken'],
        ['rolecall lab up --name rocky --family el', 'another lab, of the Red Hat family'],
        ['rolecall lab up --like inventory/', 'the image of an inventory: its names and groups'],
        ['rolecall lab inventory > hosts.yml', 'an inventory of it, for -i'],
        ['rolecall lab reset node-01', 'give one host a factory-fresh disk'],
        ['rolecall lab save after-site', 'keep the disks of all hosts as they are now'],
        ['rolecall lab restore after-site', 'have them again, as often as you like'],
        ['rolecall lab ssh node-01', 'log in'],
        ['rolecall lab ssh node-01 -- journalctl -n 20', 'run one command'],
        ['rolecall lab down', 'leave the machine as it was'],
      ),
    )
    .addCommand(up())
    .addCommand(down())
    .addCommand(reset())
    .addCommand(save())
    .addCommand(restore())
    .addCommand(saved())
    .addCommand(status())
    .addCommand(ssh())
    .addCommand(inventory())
}

function up(): Command {
  return family(named('up'))
    .description('Boots the hosts that are not up and repairs what is broken. What works is left alone.')
    .argument('[node...]', 'only these: node-01, node-02, ...')
    .option('--like <inventory>', 'hosts with the names, groups and families of this inventory')
    .option('--driver <driver>', 'nspawn, podman or docker (default: ROLECALL_LAB_DRIVER, or what this machine can)')
    .option(
      '--with <artifact>',
      'also build and serve this optional artifact of lab/lab.ts',
      (name: string, before: readonly string[] | undefined) => [...(before ?? []), name],
    )
    .action(async (nodes: string[], flags: UpFlags) => {
      const option = flags.name === undefined ? '' : ` --name ${flags.name}`
      const asked = { ...given(flags, 'like', 'driver'), artifacts: flags.with ?? [], nodes }
      await withProgress((lab, say) => lab.up({ ...bootRequest(flags), ...asked }, say))
      process.stdout.write(`rolecall lab inventory${option} prints an inventory of these hosts, for -i\n`)
    })
}

function down(): Command {
  return named('down')
    .description('Takes the hosts down and leaves the machine as it was: no bridge, no mounts, no firewall rules.')
    .action((flags: LabFlags) => withProgress((lab, say) => lab.down(request(flags), say)))
}

function reset(): Command {
  return family(named('reset'))
    .description('Gives hosts a factory-fresh disk and boots them: those that are named, or all.')
    .argument('[node...]', 'node-01, node-02, ...')
    .action((nodes: string[], flags: BootFlags) =>
      withProgress((lab, say) => lab.reset(bootRequest(flags), nodes, say)),
    )
}

function save(): Command {
  return named('save')
    .description(
      'Keeps the disks of hosts as they are now, of those that are named or of all. The hosts are shut down for it and\n' +
        'booted again. What is saved is kept until the lab is taken down, or saved again under the same label.',
    )
    .argument('<label>', 'a name for it, such as after-site')
    .argument('[node...]', 'node-01, node-02, ...')
    .action((label: string, nodes: string[], flags: LabFlags) =>
      withProgress((lab, say) => lab.save(request(flags), label, nodes, say)),
    )
}

function restore(): Command {
  return named('restore')
    .description('Gives hosts the disks that were saved, and boots them: those that are named, or all that were saved.')
    .argument('<label>', 'as it was saved')
    .argument('[node...]', 'node-01, node-02, ...')
    .action((label: string, nodes: string[], flags: LabFlags) =>
      withProgress((lab, say) => lab.restore(request(flags), label, nodes, say)),
    )
}

function saved(): Command {
  return named('saved')
    .description('Lists what is saved, and of which hosts.')
    .action(async (flags: LabFlags) => {
      const [lab, { savedLines }] = await labModules()
      process.stdout.write(
        savedLines(await lab.saved(request(flags)))
          .map((line) => `${line}\n`)
          .join(''),
      )
    })
}

function status(): Command {
  return named('status')
    .description('Says how each host is. Needs no root.')
    .option('--json', 'the same as data')
    .action(async (flags: StatusFlags) => {
      const [lab, { labStatusLines }] = await labModules()
      const now = await lab.status(request(flags))
      const text = flags.json === true ? JSON.stringify(now) : labStatusLines(now).join('\n')
      process.stdout.write(`${text}\n`)
    })
}

function ssh(): Command {
  return named('ssh')
    .description('Logs in to a host, or runs one command there.')
    .argument('<node>', 'node-01, node-02, ...')
    .argument('[command...]', 'what to run there, after --')
    .action(async (node: string, command: string[], flags: LabFlags) => {
      const [{ openLab, sshArguments }, { chosenNodes }] = await Promise.all([
        import('../../lab/lab.ts'),
        import('../../lab/model.ts'),
      ])
      const lab = await openLab(request(flags))
      chosenNodes(lab, [node])
      const child = spawn('ssh', [...sshArguments(lab, node), ...command], { stdio: 'inherit' })
      process.exitCode = await new Promise((resolve, reject) => {
        child.once('error', reject)
        child.once('exit', (code) => resolve(code ?? EXIT.interrupted))
      })
    })
}

function inventory(): Command {
  return named('inventory')
    .description('Prints an inventory of the hosts, in their groups, with how to reach them.')
    .action(async (flags: LabFlags) => {
      const { inventoryFor, openLab } = await import('../../lab/lab.ts')
      process.stdout.write(inventoryFor(await openLab(request(flags))))
    })
}

function family(command: Command): Command {
  return command.option(
    '--family <family>',
    'debian, el (Red Hat), mixed, or el:node-02,node-04 (default: what they are, at first debian)',
  )
}

function named(name: string): Command {
  return new Command(name).option('--name <lab>', 'another lab than the default one')
}

function request({ name }: LabFlags): { readonly project: string; readonly name?: string } {
  return { project: process.cwd(), ...(name === undefined ? {} : { name }) }
}

/** The flags that were given. */
function given(flags: UpFlags, ...names: readonly ('like' | 'driver')[]): Pick<UpFlags, 'like' | 'driver'> {
  return Object.fromEntries(names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])))
}

function bootRequest(flags: BootFlags): BootRequest {
  return { ...request(flags), ...(flags.family === undefined ? {} : { family: flags.family }) }
}

/** Runs an operation of the lab and shows its progress. */
async function withProgress(work: (lab: LabModule, say: Say) => Promise<unknown>): Promise<void> {
  const [lab, { labView }] = await labModules()
  const teller = await labView(process.stdout)
  try {
    await work(lab, teller.say)
  } finally {
    teller.end()
  }
}

type LabModule = typeof import('../../lab/lab.ts')

/** The lab and its view, loaded only when a lab command runs. */
async function labModules() {
  return await Promise.all([import('../../lab/lab.ts'), import('../../report/views/lab.ts')])
}
