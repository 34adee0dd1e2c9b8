// firebreak help: every command from the same literals that run it. Pure.
import type { Lang } from '../text.ts';
import type { Command } from './command.ts';

const wide = 80;

/** Help for all commands. */
export function renderHelp(commands: readonly Command[], version: string, lang: Lang): string {
  const zh = lang === 'zh';
  return [
    `Firebreak ${version} — ${zh ? '阿里云账号被入侵时的处置手册' : 'runbooks for a compromised Alibaba Cloud account'}`,
    '',
    ...commands.flatMap(({ usage, summary }) => [...wrapUsage(usage), `      ${summary[lang]}`]),
    '',
    zh
      ? '通用选项：--vault DIR（默认 ./evidence） --config FILE|none --lang en|zh\n          --as NAME --json --help'
      : 'Everywhere: --vault DIR (./evidence)  --config FILE|none  --lang en|zh\n            --as NAME  --json  --help',
    zh ? '版本：firebreak --version   单个命令的帮助：firebreak help COMMAND' : 'Version: firebreak --version   One command: firebreak help COMMAND',
    zh
      ? '退出码：0 完成 1 有发现 2 用法 65 数据 70 缺陷 74 存储 75 未结 77 拒绝 130 中断'
      : 'Exit: 0 fine, 1 findings, 2 usage, 65 bad data, 70 bug, 74 storage, 75 open,\n      77 refused, 130 interrupted',
  ].join('\n');
}

/** Help for one command. */
export function renderCommandHelp(command: Command, lang: Lang): string {
  return [...wrapUsage(command.usage), '', `  ${command.summary[lang]}`, '', ...command.examples.map((example) => `  ${example}`)].join('\n');
}

/** The same as data, for programs. */
export function helpDocument(commands: readonly Command[], version: string, lang: Lang): object {
  return { version, commands: commands.map(({ name, usage, summary, examples }) => ({ name, usage: `firebreak ${usage}`, summary: summary[lang], examples })) };
}

/** A usage line broken between its parts where it does not fit a terminal. */
function wrapUsage(usage: string): readonly string[] {
  const rows = ['  firebreak'];
  for (const part of usage.match(/\[[^\]]*\](?:…)?|\([^)]*\)|\S+/g) ?? []) {
    const row = rows.at(-1) as string;
    if (row.length + 1 + part.length > wide && row.trim() !== 'firebreak') rows.push(`      ${part}`);
    else rows[rows.length - 1] = `${row} ${part}`;
  }
  return rows;
}
