import { FACTS, REFERENCE, RUNS, TEST } from './answers.ts'

/**
 * Words after a command that has commands of its own, each with its equivalent here: those of Vagrant, Molecule, ansible-vault, ansible-inventory and
 * Terraform.
 */
export const SUBCOMMANDS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries({
    lab: {
      list: 'rolecall lab status shows the state of each host',
      ls: 'rolecall lab status shows the state of each host',
      ps: 'rolecall lab status shows the state of each host',
      start: 'rolecall lab up boots the hosts',
      create: 'rolecall lab up boots the hosts',
      boot: 'rolecall lab up boots the hosts',
      stop: 'rolecall lab down removes the hosts with their disks',
      halt: 'rolecall lab down removes the hosts with their disks',
      destroy: 'rolecall lab down removes the hosts',
      delete: 'rolecall lab down removes the hosts',
      rm: 'rolecall lab down removes the hosts',
      reload: 'rolecall lab up boots hosts that are down; rolecall lab reset gives them a fresh disk',
      restart: 'rolecall lab up boots hosts that are down; rolecall lab reset gives them a fresh disk',
      reboot: 'rolecall lab ssh NODE reboot restarts a host; rolecall lab reset gives it a fresh disk',
      login: 'rolecall lab ssh NODE logs in to a host',
      shell: 'rolecall lab ssh NODE logs in to a host',
      exec: 'rolecall lab ssh NODE COMMAND runs a command on a host',
      run: 'rolecall lab ssh NODE COMMAND runs a command on a host',
      snapshot: 'rolecall lab save LABEL saves the disks; rolecall lab restore LABEL puts them back',
      converge: TEST,
      verify: TEST,
      test: TEST,
      init: 'rolecall init lab writes lab/lab.ts, which describes the hosts',
    },
    vault: {
      show: 'rolecall vault view FILE shows its content',
      cat: 'rolecall vault view FILE shows its content',
      open: 'rolecall vault edit FILE opens it in $EDITOR',
      new: 'rolecall vault create FILE creates an encrypted file',
      rotate: 'rolecall vault rekey FILE encrypts it with another password',
      encrypt_string: 'rolecall vault encrypt-string prints a text as an encrypted value',
      decrypt_string:
        'rolecall explain ROLE.VARIABLE HOST shows where a value comes from; rolecall vault view FILE shows a file',
      'decrypt-string':
        'rolecall explain ROLE.VARIABLE HOST shows where a value comes from; rolecall vault view FILE shows a file',
    },
    list: {
      playbooks:
        'rolecall list roles without a playbook shows the files in roles/; playbooks are the files in playbooks/',
      plays: 'rolecall list units PLAYBOOK shows each role with its host, in order',
      tasks: 'rolecall list units PLAYBOOK shows each role with its host, in order',
      tags: 'rolecall list roles PLAYBOOK shows the tags',
      inventory: 'rolecall list hosts shows the inventory; --tree its groups',
      all: 'rolecall list hosts shows the inventory; --tree its groups',
      graph: 'rolecall list hosts --tree shows the groups with their hosts',
      vars: 'rolecall explain ROLE.VARIABLE HOST shows where a value comes from; rolecall list hosts --json shows all',
      variables:
        'rolecall explain ROLE.VARIABLE HOST shows where a value comes from; rolecall list hosts --json shows all',
      facts: FACTS,
      runs: RUNS,
      kinds: REFERENCE,
      modules: REFERENCE,
    },
  }).map(([command, words]) => [command, new Map(Object.entries(words))]),
)
