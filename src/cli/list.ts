// firebreak alone, and status: what is open, where one case stands. Reads only.
import { exits } from '../errors.ts';
import type { Command } from './command.ts';
import { reportFile, readState } from './library.ts';
import { escapeTerminal } from '../text.ts';
import type { CaseLine, Shell } from './shell.ts';
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
      if (shell.json) shell.out(JSON.stringify({ cases }));
      else shell.out(cases.length === 0 ? (shell.lang === 'zh' ? '没有案件。' : 'No cases.') : cases.map((line) => rowOf(shell, line)).join('\n'));
      return exits.ok;
    }
    const document = await readStatus(shell, id);
    if (shell.json) shell.out(JSON.stringify(document));
    else shell.out([`case: ${id}`, renderStatus(document, shell.lang, shell.vaultFlag), ...(document.report === undefined ? [] : [`report: ${document.report}`])].join('\n'));
    return exits.ok;
  },
};

/** The status document of a case, without a lock and without touching it. */
export async function readStatus(shell: Shell, id: string): Promise<StatusDocument> {
  const store = await shell.readCase(id);
  const { state } = await readState(store);
  const report = reportFile(store.dir);
  const written = state.closed !== undefined && (await shell.read(report)) !== undefined;
  const document = statusOf(state, store.witness(), shell.lang, written ? report : undefined);
  const followers = state.closed === undefined ? [] : (await shell.listCases()).flatMap(({ case: follower, continues }) => (continues === id ? [follower] : []));
  return followers.length === 0 ? document : { ...document, continuedBy: followers };
}

/** One case in a list. A damaged one is listed too: nobody should believe it is gone. */
function rowOf({ lang }: Shell, { case: id, origin, runbook, openedAt, closed, unreadable }: CaseLine): string {
  const zh = lang === 'zh';
  if (unreadable !== undefined) return `${id}  ${zh ? `无法读取：${unreadable}` : `can not be read: ${unreadable}`}`;
  const state = closed === undefined ? (zh ? '未结' : 'open') : closed === 'aborted' ? (zh ? '已中止' : 'aborted') : zh ? '已结案' : 'closed';
  return [id, ...(origin === 'exercise' ? ['EXERCISE'] : []), escapeTerminal(runbook ?? '?', { most: 60 }), escapeTerminal(openedAt ?? '?', { most: 30 }), state].join('  ');
}

/** What `firebreak` alone shows: open cases and the three commands one needs. */
export async function showHome(shell: Shell): Promise<number> {
  const open = (await shell.listCases()).filter(({ closed }) => closed === undefined);
  if (shell.json) {
    shell.out(JSON.stringify({ cases: open }));
    return exits.ok;
  }
  const zh = shell.lang === 'zh';
  const flag = shell.vaultFlag ?? '';
  const command = (text: string, what: string): string => `  firebreak ${`${text}${flag}`.padEnd(39)}  ${what}`;
  const rows = [
    `Firebreak ${shell.version} — ${zh ? '阿里云账号被入侵时的处置手册' : 'runbooks for a compromised Alibaba Cloud account'}`,
    '',
    open.length > 0 ? (zh ? '未结案件：' : 'Open cases:') : zh ? '没有未结案件。' : 'No open case.',
    ...open.map((line) => `  ${rowOf(shell, line)}`),
    '',
    command('run leaked-access-key --profile NAME', zh ? '处置真实事件' : 'a real incident'),
    command('resume CASE', zh ? '继续处置' : 'go on with a case'),
    command('drill', zh ? '在模拟账号上演练' : 'rehearse on a simulated account'),
    '',
    zh ? '更多：firebreak help' : 'More: firebreak help',
  ];
  shell.out(rows.join('\n'));
  return exits.ok;
}
