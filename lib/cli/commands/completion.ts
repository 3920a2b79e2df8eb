import { Argument, Command } from 'commander'
import { shownName } from '../../gate/gate.ts'
import { neutralName } from '../../gate/neutral.ts'
import { examples } from '../help/examples.ts'

/** The scripts only pass the words to `rolecall complete`, which finds the candidates. So an installed script never goes out of date. */
const SCRIPTS = {
  bash: `_rolecall() {
  local at line word cut cur=\${COMP_WORDS[COMP_CWORD]}
  local -a words=()
  COMPREPLY=()
  # bash splits words at = and : too, and expects only what is behind them.
  for ((at = 1; at <= COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if ((\${#words[@]})) && [[ $word == [=:]* || \${COMP_WORDS[at - 1]} == *[=:] ]]; then
      words[\${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
  done
  cut=\${words[\${#words[@]} - 1]}
  [[ $cur == *[=:] ]] || cut=\${cut%"$cur"}
  while IFS= read -r line; do
    word=\${line%%$'\\t'*}
    word=\${word#"$cut"}
    [[ $cur == [\\"\\']* ]] || printf -v word %q "$word"
    COMPREPLY+=("$word")
  done < <(rolecall complete -- "\${words[@]}" 2>/dev/null)
}
complete -o default -F _rolecall rolecall
`,
  zsh: `#compdef rolecall
_rolecall() {
  local line
  local -a found
  while IFS= read -r line; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(rolecall complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then _describe rolecall found; else _files; fi
}
if [[ \${funcstack[1]-} == _rolecall ]]; then _rolecall "$@"; else compdef _rolecall rolecall; fi
`,
  fish: `function __rolecall_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (rolecall complete -- $words[2..-1] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c rolecall -f -a '(__rolecall_complete)'
`,
} as const

/** `rolecall completion bash|zsh|fish` */
export function completionCommand(): Command {
  return new Command('completion')
    .summary('a script that lets the Tab key complete commands, hosts and roles')
    .description(
      'Prints a script that lets the Tab key complete commands, options, playbooks, hosts, groups and roles.',
    )
    .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(SCRIPTS)))
    .addHelpText(
      'after',
      examples(
        ['source <(rolecall completion bash)', 'for this shell; put it into ~/.bashrc for all'],
        ['source <(rolecall completion zsh)', 'the same for ~/.zshrc, after compinit'],
        ['rolecall completion fish | source', 'the same for config.fish'],
      ),
    )
    .action((shell: keyof typeof SCRIPTS) => void process.stdout.write(SCRIPTS[shell]))
}

/** `rolecall complete -- WORDS`: called by the completion scripts. */
export function completeCommand(root: Command): Command {
  return new Command('complete')
    .description('the candidates for the last of these words')
    .argument('[words...]')
    .action(async (words: string[]) => {
      const { candidates } = await import('../completion/candidates.ts')
      const found = await candidates(root, words.map(withoutQuotes), process.cwd())
      // A name with control characters is shown in another form, so it cannot be completed.
      const typed = found.filter(({ value }) => neutralName(value) === value)
      process.stdout.write(typed.map(({ value, about }) => `${value}\t${shownName(about)}\n`).join(''))
    })
}

/** A word as the shell would pass it: shells give it as typed, with quotes that may not be closed yet. */
function withoutQuotes(word: string): string {
  return word.replaceAll(/\\(.)|["']/g, '$1')
}
