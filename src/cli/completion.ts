// firebreak completion: what bash, zsh and fish complete, printed as a script.
import { exits, Fault } from '../errors.ts';
import type { Command } from './command.ts';
import { shells } from './completion-scripts.ts';
import { globalSpecs, specOf } from './completion-spec.ts';

export const completion: Command = {
  name: 'completion',
  usage: `completion ${Object.keys(shells).join('|')}`,
  summary: { en: 'print a completion script for your shell', zh: '输出 shell 自动补全脚本' },
  examples: ['eval "$(firebreak completion bash)"', 'firebreak completion fish > ~/.config/fish/completions/firebreak.fish'],
  flags: {},
  words: [1, 1],
  async run(shell, args) {
    const [name] = args.words as [string];
    const script = Object.hasOwn(shells, name) ? shells[name] : undefined;
    if (!script) throw new Fault('E_USAGE', `There is no completion for "${name.slice(0, 20)}".`, { hint: `Usage: firebreak ${completion.usage}` });
    // Loaded here: the list of commands holds this one.
    const { allCommands } = await import('./index.ts');
    const text = script({ commands: (await allCommands()).map(specOf), globals: globalSpecs(), runbooks: await shell.runbooks() });
    shell.out(shell.json ? JSON.stringify({ shell: name, script: text }) : text);
    return exits.ok;
  },
};
