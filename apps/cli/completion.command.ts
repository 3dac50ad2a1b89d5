import { Command } from 'nest-commander';
import { CliCommand } from './cli-command.ts';
import { UsageError } from './cli-errors.ts';

/** Made of the commands themselves, so that it names what is there. */
@Command({
  name: 'completion',
  arguments: '<shell>',
  description: 'Print what makes bash, zsh or fish complete commands',
})
export class CompletionCommand extends CliCommand {
  async run([shell]: string[]): Promise<void> {
    const words = wordsOf(this.command.parent ?? this.command);
    const script = scripts[shell ?? ''];
    if (!script) throw new UsageError(`Name the shell: ${Object.keys(scripts).join(', ')}`);
    process.stdout.write(script(words));
  }
}

/** What may follow which command: `'elevations' → ['ask', 'wait', …]`; the empty one is the program itself. */
type Words = readonly (readonly [command: string, next: readonly string[]])[];

interface CommandTree {
  name(): string;
  readonly commands: readonly CommandTree[];
  readonly options: readonly { long?: string | undefined }[];
}

function wordsOf(program: CommandTree): Words {
  const walk = (command: CommandTree, path: readonly string[]): Words => [
    [
      path.join(' '),
      [...command.commands.map((one) => one.name()), ...command.options.flatMap(({ long }) => long ?? [])],
    ],
    ...command.commands.flatMap((one) => walk(one, [...path, one.name()])),
  ];
  return walk(program, []);
}

const cases = (words: Words, line: (command: string, next: string) => string): string =>
  words.map(([command, next]) => line(command, next.join(' '))).join('\n');

const scripts: Readonly<Record<string, (words: Words) => string>> = {
  bash: (words) => `_countersign() {
  local path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ $word == -* ]] || path="\${path:+$path }$word"; done
  case "$path" in
${cases(words, (command, next) => `    "${command}") COMPREPLY=($(compgen -W "${next}" -- "\${COMP_WORDS[COMP_CWORD]}")) ;;`)}
  esac
}
complete -o default -F _countersign countersign
`,
  zsh: (words) => `#compdef countersign
_countersign() {
  local path="" word
  for word in "\${words[@]:1:$((CURRENT-2))}"; do [[ $word == -* ]] || path="\${path:+$path }$word"; done
  case "$path" in
${cases(words, (command, next) => `    "${command}") compadd -- ${next} ;;`)}
  esac
}
compdef _countersign countersign
`,
  fish: (words) =>
    `${cases(
      words,
      (command, next) =>
        `complete -c countersign -f -n 'test "'(commandline -opc | tail -n +2 | string match -v -- "-*" | string join " ")'" = "${command}"' -a '${next}'`,
    )}\n`,
};
