// firebreak config: the organisation's own settings, checked, shown, and as they may be written.
import { contactLine, organisationSchema, type Organisation } from '../engine/organisation.ts';
import { exits, Fault } from '../errors.ts';
import { escapeTerminal } from '../text.ts';
import type { Command } from './command.ts';
import { readSettled } from './settled.ts';
import type { Shell } from './shell.ts';

export const config: Command = {
  name: 'config',
  usage: 'config check | sample | schema',
  summary: { en: "your organisation's settings: contacts, clocks, networks, who may approve", zh: '本组织的设置：联系人、时限、自有网络、可批准的人' },
  examples: ['firebreak config sample > ~/.local/state/firebreak/firebreak.yaml', 'firebreak config check --config firebreak.yaml', 'firebreak config schema'],
  flags: {},
  words: [1, 1],
  async run(shell, args) {
    switch (args.words[0]) {
      case 'check':
        return check(shell);
      case 'sample':
        return sample(shell);
      case 'schema':
        shell.out(JSON.stringify(organisationSchema(), null, 2));
        return exits.ok;
      default:
        throw new Fault('E_USAGE', `"config ${String(args.words[0]).slice(0, 40)}" is no command.`, { hint: `Usage: firebreak ${config.usage}` });
    }
  },
};

async function check(shell: Shell): Promise<number> {
  const settled = await readSettled(shell);
  const { file = 'none' } = shell.config ?? {};
  if (shell.json) shell.out(JSON.stringify({ file, found: settled !== undefined, ...(settled ? { organisation: settled.organisation } : {}) }));
  else if (settled) shell.out([`${settled.file}: ok`, ...summaryOf(settled.organisation, shell)].join('\n'));
  else shell.out(shell.lang === 'zh' ? `${file}：没有该文件。示例：firebreak config sample` : `${file}: there is no such file. A sample: firebreak config sample`);
  return exits.ok;
}

function summaryOf(organisation: Organisation, { lang, host }: Shell): readonly string[] {
  const at = host.now().toISOString();
  const { statusEveryMinutes: every, clocks, knownNetworks, roster, webhook, messages } = organisation;
  const zh = lang === 'zh';
  return [
    ...Object.entries(organisation.contacts).flatMap(([role, people]) => people.map((person) => contactLine(organisation, role, person, { at, lang }))),
    ...(every === undefined ? [] : [zh ? `状态通报：每 ${every} 分钟` : `status update every ${every} min`]),
    ...clocks.map(({ name, hours, from }) => (zh ? `${name.zh}：自 ${from} 起 ${hours} 小时` : `${name.en}: ${hours} h from ${from}`)),
    ...knownNetworks.map(({ name, cidrs }) => `${name}: ${cidrs.join(', ')}`),
    ...(roster.length === 0 ? [] : [`${zh ? '可签名批准' : 'may sign approvals'}: ${roster.map(({ name }) => name).join(', ')}`]),
    ...(Object.keys(messages).length === 0 ? [] : [`${zh ? '自定通知' : 'own messages'}: ${Object.keys(messages).join(', ')}`]),
    ...(webhook === undefined ? [] : [`webhook: ${webhook.name} (${webhook.kind}, $${webhook.urlFrom})`]),
  ].map((row) => escapeTerminal(row, { most: 500 }));
}

async function sample(shell: Shell): Promise<number> {
  const text = await shell.read(shell.sampleConfig);
  if (text === undefined) throw new Fault('E_BUG', 'The sample that comes with the program is missing.');
  shell.out(shell.json ? JSON.stringify({ sample: text }) : text.trimEnd());
  return exits.ok;
}
