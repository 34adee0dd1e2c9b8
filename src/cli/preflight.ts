// firebreak preflight: can I run this right now? Reads only; tries the responder's credential, permissions, logging and disk before the night.
import { actions } from '../actions/index.ts';
import { isRead, policyOf } from '../actions/policy.ts';
import type { Call, Context, Reader, Reply } from '../actions/define.ts';
import { logging } from '../actions/actiontrail-trails.ts';
import { lookupEvents } from '../actions/events.ts';
import { mayList, probeInstances } from '../actions/ecs.ts';
import { listUsers } from '../actions/ram.ts';
import { whoAmI } from '../actions/sts.ts';
import { later, listAt, textAt, why } from '../actions/wire.ts';
import { checkRunbook } from '../engine/check.ts';
import type { Cloud } from '../engine/ports.ts';
import { contactLine } from '../engine/organisation.ts';
import { exits, Fault, renderProblem } from '../errors.ts';
import type { Runbook } from '../runbook/schema.ts';
import { escapeTerminal, type JsonObject, type Lang, type Text } from '../text.ts';
import type { Command } from './command.ts';
import { readSettled, type Settled } from './settled.ts';
import { childrenOf, loadRunbook, operationsOf } from './shipped.ts';
import type { Shell } from './shell.ts';

type Status = 'ok' | 'warn' | 'fail';
type Row = { readonly id: string; readonly status: Status; readonly what: Text };

/** A night's evidence with its trail; a case of the shipped drill takes a hundredth of it. */
const roomyBytes = 1_000_000_000;
const slowMs = 2_000;

export const preflight: Command = {
  name: 'preflight',
  usage: 'preflight [RUNBOOK] [--profile NAME]',
  summary: { en: 'can I run this right now? Reads only', zh: '现在能否处置？只读检查' },
  examples: ['firebreak preflight --profile break-glass', 'firebreak preflight leaked-access-key --json'],
  flags: { profile: 'text' },
  words: [0, 1],
  async run(shell, args) {
    const { runbook } = await loadRunbook(shell, args.words[0] ?? 'leaked-access-key');
    // Without a credential there is nothing to try: that fault says what to do.
    const credential = await shell.credential(args.text('profile'));
    const children = await childrenOf(shell, runbook);
    const cloud = await shell.cloud({ credential, clock: shell.host, caseId: 'preflight', readOnly: true });
    try {
      const rows = [proven(runbook, children), await room(shell), ...(await settledRows(shell)), source(credential), ...(await account(shell, cloud)), untried(runbook, children)];
      const ok = rows.every(({ status }) => status !== 'fail');
      if (shell.json) shell.out(JSON.stringify({ ok, runbook: runbook.id, endpoint: cloud.endpoint, checks: rows.map((row) => ({ ...row, what: row.what[shell.lang] })) }));
      else shell.out(render(rows, cloud.endpoint, shell.lang));
      return ok ? exits.ok : exits.findings;
    } finally {
      await cloud.close();
    }
  },
};

function row(id: string, status: Status, en: string, zh: string): Row {
  return { id, status, what: { en, zh } };
}

type Children = ReadonlyMap<string, Runbook>;

function proven(runbook: Runbook, children: Children): Row {
  const flaws = checkRunbook(runbook, actions, (id) => children.get(id)).length;
  if (flaws > 0) return row('runbook', 'fail', `${runbook.id} has ${flaws} problems: firebreak runbook check`, `${runbook.id} 有 ${flaws} 个问题：firebreak runbook check`);
  return row('runbook', 'ok', `${runbook.id} version ${runbook.version}, reviewed ${runbook.reviewed}`, `${runbook.id} 第 ${runbook.version} 版，${runbook.reviewed} 复核`);
}

async function room(shell: Shell): Promise<Row> {
  const { writable, freeBytes } = await shell.room(shell.vault);
  const free = `${(freeBytes / 1e9).toFixed(1)} GB`;
  if (!writable) return row('vault', 'fail', `The vault ${shell.vault} can not be written. Give another: --vault DIR`, `证据目录 ${shell.vault} 不可写。请换一个：--vault DIR`);
  const status = freeBytes < roomyBytes ? 'warn' : 'ok';
  return row(
    'vault',
    status,
    `${shell.vault}: ${free} free${status === 'warn' ? ', which may not be enough' : ''}`,
    `${shell.vault}：剩余 ${free}${status === 'warn' ? '，可能不够' : ''}`,
  );
}

/** Whom one would want to reach at three in the morning. */
const wantedRoles = ['lead', 'duty-manager', 'owner', 'legal', 'alibaba'] as const;

/** Contacts and approvers, as far as they were settled in peacetime. */
async function settledRows(shell: Shell): Promise<readonly Row[]> {
  let settled: Settled | undefined;
  try {
    settled = await readSettled(shell);
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    const told = [cause.message, ...cause.problems.map(renderProblem)].join(' ');
    return [row('settings', 'fail', `${told} firebreak config check`, `${told} firebreak config check`)];
  }
  if (!settled) {
    const { file = 'none' } = shell.config ?? {};
    return [
      row('contacts', 'warn', `Nobody is settled to be told: ${file} is not there. firebreak config sample`, `没有预先确定的联系人：${file} 不存在。firebreak config sample`),
    ];
  }
  const { organisation } = settled;
  const at = shell.host.now().toISOString();
  const missing = wantedRoles.filter((role) => organisation.contacts[role] === undefined);
  const said = (lang: Lang): string => {
    const lines = Object.entries(organisation.contacts).flatMap(([role, people]) => people.map((person) => escapeTerminal(contactLine(organisation, role, person, { at, lang }))));
    const lacks = missing.length === 0 ? [] : [lang === 'zh' ? `缺少：${missing.join('、')}` : `Nobody for: ${missing.join(', ')}`];
    return [...lines, ...lacks].join('; ');
  };
  const { roster, webhook } = organisation;
  const lack = webhook && (await shell.messenger(webhook)).lack();
  return [
    row('contacts', missing.length === 0 ? 'ok' : 'warn', said('en'), said('zh')),
    roster.length >= 2
      ? row('approvers', 'ok', `${roster.length} may sign what can not be undone`, `${roster.length} 人可对不可撤销的操作签名批准`)
      : row('approvers', 'warn', 'Fewer than two may sign: a second person can only be claimed by name', '可签名者不足两人：第二人只能凭姓名声明'),
    ...(webhook === undefined
      ? []
      : lack === undefined
        ? [row('webhook', 'ok', `${webhook.name}: its variables are set; nothing was sent to try it`, `${webhook.name}：所需变量已设置；未试发任何消息`)]
        : [row('webhook', 'warn', `${webhook.name}: ${lack}`, `${webhook.name}：${lack}`)]),
  ];
}

function source({ source: from, accessKeyId, securityToken }: { readonly source: string; readonly accessKeyId: string; readonly securityToken?: string }): Row {
  const key = `${accessKeyId.slice(0, 6)}..${accessKeyId.slice(-4)}`;
  return securityToken === undefined
    ? row('credential', 'ok', `${key} from ${from}`, `${key}，来自 ${from}`)
    : row('credential', 'warn', `${key} from ${from}, a session: it ends by itself. Have a second way in ready`, `${key}，来自 ${from}，为临时会话，会自动失效。请准备另一个身份`);
}

/** What can be learned of the account by reading: who we are, what we may read, whether its logging works. */
async function account(shell: Shell, cloud: Cloud): Promise<readonly Row[]> {
  const reader: Reader = { read: async (call) => cloud.send(call, shell.signal) };
  const now = shell.host.now();
  const context: Context = { caseId: 'preflight', step: 'preflight', now: now.toISOString(), input: {} };
  const me = await whoAmI.slice(reader, context, undefined);
  const tookMs = shell.host.now().getTime() - now.getTime();
  const identity = (me.facts?.['identity'] ?? {}) as JsonObject;
  if (me.refused) return [row('identity', 'fail', `Who we are could not be read: ${why(me.refused).en}`, `无法读取当前身份：${why(me.refused).zh}`)];
  const warnings = listAt(me.facts, 'warnings');
  const who = escapeTerminal(textAt(identity, 'arn'), { most: 120 });
  const said = `${who}, account ${textAt(identity, 'account')}, ${tookMs} ms`;
  return [
    row(
      'identity',
      warnings.length > 0 || tookMs > slowMs ? 'warn' : 'ok',
      [said, ...warnings.map(({ en }) => String(en))].join('. '),
      [said, ...warnings.map(({ zh }) => String(zh))].join('。'),
    ),
    ...(await permissions(reader, context, cloud.accessKeyId)),
    await trails(reader, context),
  ];
}

/** One harmless read of each product. */
async function permissions(reader: Reader, context: Context, own: string): Promise<readonly Row[]> {
  const minuteAgo = later(context.now, -60_000);
  const tries: readonly (readonly [string, Call])[] = [
    ['ram:ListUsers', listUsers()],
    ['actiontrail:LookupEvents', lookupEvents({ key: 'EventAccessKeyId', value: own, region: 'cn-hangzhou', from: minuteAgo, to: context.now })],
    ['ecs:DescribeInstances', probeInstances('cn-hangzhou')],
  ];
  return Promise.all(tries.map(async ([name, call]) => judged(name, await reader.read(call))));
}

function judged(name: string, reply: Reply): Row {
  if (reply.ok || mayList(reply)) return row(name, 'ok', 'may be read', '可以读取');
  if (reply.refusal === 'protected')
    return row(name, 'fail', 'Alibaba Cloud has flagged YOUR key as leaked and blocks it. Take another credential', '阿里云已将您自己的密钥标记为泄露并限制使用。请换用其他凭证');
  return row(name, 'fail', why(reply).en, why(reply).zh);
}

async function trails(reader: Reader, context: Context): Promise<Row> {
  const seen = await logging.slice(reader, context, undefined);
  if (seen.refused) return row('logging', 'fail', `The trails could not be read: ${why(seen.refused).en}`, `无法读取操作审计跟踪：${why(seen.refused).zh}`);
  const notes = listAt(seen.facts, 'loggingNotes');
  if (notes.length === 0) return row('logging', 'ok', 'Every trail logs and delivers', '所有跟踪都在记录并投递');
  return row('logging', 'warn', notes.map(({ en }) => escapeTerminal(String(en))).join(' '), notes.map(({ zh }) => escapeTerminal(String(zh))).join(''));
}

/** Changes can not be tried: what they need is said instead. */
function untried(runbook: Runbook, children: Children): Row {
  const { id } = runbook;
  const writes = policyOf(operationsOf([runbook, ...children.values()]), 'contain').Statement.flatMap(({ Action }) => Action.filter((name) => !isRead(name)));
  return row(
    'changes',
    'warn',
    `Not tried, because trying is doing: ${writes.join(', ')}. Compare with: firebreak runbook policy ${id}`,
    `未尝试（尝试即执行）：${writes.join('、')}。请对照：firebreak runbook policy ${id}`,
  );
}

function render(rows: readonly Row[], endpoint: string, lang: Lang): string {
  const marks: Readonly<Record<Status, Text>> = { ok: { en: 'ok  ', zh: '正常' }, warn: { en: 'NOTE', zh: '注意' }, fail: { en: 'FAIL', zh: '失败' } };
  const failed = rows.filter(({ status }) => status === 'fail').length;
  const end =
    failed === 0
      ? { en: 'Ready, as far as reading can tell.', zh: '就读取所及，可以处置。' }
      : { en: `Not ready: ${failed} of ${rows.length} failed.`, zh: `尚未就绪：${rows.length} 项中 ${failed} 项失败。` };
  return [...(endpoint === 'alibaba' ? [] : [`EXERCISE ${endpoint}`]), ...rows.map(({ id, status, what }) => `${marks[status][lang]}  ${id}: ${what[lang]}`), end[lang]].join('\n');
}
