// firebreak help: every command from the same literals that run it. Pure.
import type { Lang } from '../text.ts';
import type { Command } from './command.ts';

export function renderHelp(commands: readonly Command[], version: string, lang: Lang): string {
  const zh = lang === 'zh';
  return [
    `Firebreak ${version} — ${zh ? '阿里云账号被入侵时的处置手册引擎' : 'incident-response runbooks for a compromised Alibaba Cloud account'}`,
    '',
    ...commands.map(({ usage, summary }) => `  firebreak ${usage}\n      ${summary[lang]}`),
    '',
    zh ? '通用选项：--vault DIR（默认 ./evidence） --lang en|zh --as NAME --json --help --version' : 'Everywhere: --vault DIR (default ./evidence)  --lang en|zh  --as NAME  --json  --help  --version',
    zh ? '退出码：0 完成 1 有发现 2 用法 65 数据 70 缺陷 74 存储 75 未结 77 拒绝 130 中断' : 'Exit: 0 fine, 1 findings, 2 usage, 65 bad data, 70 bug, 74 storage, 75 open, 77 refused, 130 interrupted',
  ].join('\n');
}

export function renderCommandHelp(command: Command, lang: Lang): string {
  return [`firebreak ${command.usage}`, '', `  ${command.summary[lang]}`, '', ...command.examples.map((example) => `  ${example}`)].join('\n');
}
