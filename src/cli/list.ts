// firebreak alone, and status: what is open, where one case stands. Reads only.
import { replay } from '../engine/state.ts';
import { exits } from '../errors.ts';
import type { Runbook } from '../runbook/schema.ts';
import type { Command } from './command.ts';
import { sealedRunbooks } from './library.ts';
import { reportFile } from './report.ts';
import type { Shell } from './shell.ts';
import { renderStatus, statusOf, type StatusDocument } from './status.ts';

export const status: Command = {
  name: 'status',
  usage: 'status [CASE]',
  summary: { en: 'where a case stands; without CASE, every case', zh: '查看案件状态；不带 CASE 则列出全部' },
  examples: ['firebreak status', 'firebreak status INC-20260314-4f2a --json'],
  flags: {},
  words: [0, 1],
  async run(shell, args) {
    const [id] = args.words;
    if (id === undefined) {
      const cases = await shell.listCases();
      shell.out(shell.json ? JSON.stringify({ cases }) : cases.map(({ case: name, origin, runbook, closed }) => `${name}  ${origin}  ${runbook}  ${closed ?? 'open'}`).join('\n') || (shell.lang === 'zh' ? '没有案件。' : 'No cases.'));
      return exits.ok;
    }
    const document = await readStatus(shell, id);
    shell.out(shell.json ? JSON.stringify(document) : `case: ${id}\n${renderStatus(document, shell.lang)}`);
    return exits.ok;
  },
};

/** The status document of a case, without a lock and without touching it. */
export async function readStatus(shell: Shell, id: string): Promise<StatusDocument> {
  const store = await shell.readCase(id);
  const library = await sealedRunbooks(store);
  const state = replay(store.entries(), (sha) => library.get(sha) as Runbook);
  const report = reportFile(store.dir);
  const written = state.closed !== undefined && (await shell.read(report)) !== undefined;
  return statusOf(state, store.witness(), shell.lang, written ? report : undefined);
}

/** What `firebreak` alone shows: open cases and the three commands one needs. */
export async function readHome(shell: Shell): Promise<string> {
  const open = (await shell.listCases()).filter(({ closed }) => closed === undefined);
  const zh = shell.lang === 'zh';
  const rows = open.map(({ case: id, origin, runbook, openedAt }) => `  ${id}  ${origin === 'exercise' ? 'EXERCISE  ' : ''}${runbook}  ${openedAt}`);
  return [
    `Firebreak ${shell.version} — ${zh ? '阿里云账号被入侵时的处置手册' : 'runbooks for a compromised Alibaba Cloud account'}`,
    '',
    rows.length > 0 ? (zh ? '未结案件：' : 'Open cases:') : zh ? '没有未结案件。' : 'No open case.',
    ...rows,
    '',
    `  firebreak run leaked-access-key --profile NAME   ${zh ? '处置真实事件' : 'a real incident'}`,
    `  firebreak resume CASE                            ${zh ? '继续处置' : 'go on with a case'}`,
    `  firebreak drill                                  ${zh ? '在模拟账号上演练' : 'rehearse on a simulated account'}`,
    '',
    zh ? '更多：firebreak help' : 'More: firebreak help',
  ].join('\n');
}
