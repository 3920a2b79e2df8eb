import { spawn } from 'node:child_process'
import { Command } from 'commander'
import type { BootRequest, Say } from '../../lab/lab.ts'
import { exitCodeOfSignal } from '../exit-codes.ts'
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
      'Throwaway hosts on this machine for trying playbooks, each with its own systemd, sshd and package manager: those of\n' +
        "the project's lab/lab.ts, or node-01 to node-05 without that file. They run Debian or the Red Hat family, booted with\n" +
        'systemd-nspawn as root on Debian or Ubuntu, and with podman or docker elsewhere.',
    )
    .addHelpText(
      'after',
      examples(
        ['rolecall lab up', 'boot hosts that are down, repair broken ones'],
        ['rolecall lab up --name rocky --family el', 'another lab, of the Red Hat family'],
        ['rolecall lab up --like inventory/', 'hosts like those of an inventory: its names and groups'],
        ['rolecall lab inventory > hosts.yml', 'an inventory of the lab, for -i'],
        ['rolecall lab reset node-01', 'give one host a factory-fresh disk'],
        ['rolecall lab save after-site', 'keep the disks of all hosts as they are now'],
        ['rolecall lab restore after-site', 'go back to these disks, as often as you like'],
        ['rolecall lab ssh node-01', 'log in'],
        ['rolecall lab ssh node-01 -- journalctl -n 20', 'run one command'],
        ['rolecall lab down', 'remove the lab from the machine'],
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
    .description('Boots hosts that are down and repairs broken ones. Working hosts are left alone.')
    .argument('[node...]', 'only these: node-01, node-02, ...')
    .option('--like <inventory>', 'hosts with the names, groups and families of this inventory')
    .option(
      '--driver <driver>',
      'nspawn, podman or docker (default: ROLECALL_LAB_DRIVER, or the best one for this machine)',
    )
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
    .description('Removes the hosts with their bridge, mounts and firewall rules, so that the machine is as before.')
    .action((flags: LabFlags) => withProgress((lab, say) => lab.down(request(flags), say)))
}

function reset(): Command {
  return family(named('reset'))
    .description('Gives the named hosts (default: all) a factory-fresh disk and boots them.')
    .argument('[node...]', 'node-01, node-02, ...')
    .action((nodes: string[], flags: BootFlags) =>
      withProgress((lab, say) => lab.reset(bootRequest(flags), nodes, say)),
    )
}

function save(): Command {
  return named('save')
    .description(
      'Saves the present disks of the named hosts (default: all). The hosts are shut down for it and\n' +
        'booted again. Saved disks are kept until the lab is taken down, or until disks are saved under the same label.',
    )
    .argument('<label>', 'a name for these disks, such as after-site')
    .argument('[node...]', 'node-01, node-02, ...')
    .action((label: string, nodes: string[], flags: LabFlags) =>
      withProgress((lab, say) => lab.save(request(flags), label, nodes, say)),
    )
}

function restore(): Command {
  return named('restore')
    .description('Gives the named hosts (default: all with a saved disk) their saved disks and boots them.')
    .argument('<label>', 'the label used with save')
    .argument('[node...]', 'node-01, node-02, ...')
    .action((label: string, nodes: string[], flags: LabFlags) =>
      withProgress((lab, say) => lab.restore(request(flags), label, nodes, say)),
    )
}

function saved(): Command {
  return named('saved')
    .description('Lists the labels with saved disks, and their hosts.')
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
    .description('Shows the state of each host. Needs no root.')
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
    .argument('[command...]', 'a command to run there, after --')
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
        child.once('exit', (code, signal) => resolve(code ?? exitCodeOfSignal(signal ?? 'SIGINT')))
      })
    })
}

function inventory(): Command {
  return named('inventory')
    .description('Prints an inventory of the hosts with their groups and connection variables.')
    .action(async (flags: LabFlags) => {
      const { inventoryFor, openLab } = await import('../../lab/lab.ts')
      process.stdout.write(inventoryFor(await openLab(request(flags))))
    })
}

function family(command: Command): Command {
  return command.option(
    '--family <family>',
    'debian, el (Red Hat), mixed, or el:node-02,node-04 (default: unchanged; at first debian)',
  )
}

function named(name: string): Command {
  return new Command(name).option('--name <lab>', 'the name of the lab, if not the default one')
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
