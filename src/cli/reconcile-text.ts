// What reconcile says on a screen: the counts of both ways, each mismatch, the coverage, and one sentence of verdict. Pure.
import type { LoggedWrites } from '../actions/actiontrail-ours.ts';
import type { Claims, Mismatch, Reconciled } from '../engine/reconcile.ts';
import { escapeTerminal, type Lang, type Text } from '../text.ts';

type Found = {
  readonly claims: Claims;
  readonly log: LoggedWrites;
  readonly result: Reconciled;
  readonly exercise: boolean;
  readonly notLooked: readonly Text[];
  /** The entry an open case keeps it as. */
  readonly entry?: number;
};

const kinds: Readonly<Record<Mismatch['kind'], Text>> = {
  missing: { en: 'NOT IN THE LOG: the trail says it was done', zh: '日志中没有：案件记录称已执行' },
  differs: { en: 'NOT THE SAME: the log has this request id with another call, key or case', zh: '不一致：日志中该请求 ID 属于其他调用、密钥或案件' },
  untold: { en: 'NOT IN THE TRAIL: the log has it as a call of this case', zh: '案件记录中没有：日志称其属于本案' },
  outside: { en: 'OUTSIDE: written with a key of the responder, not by this case', zh: '工具之外：使用响应人员的密钥写入，但不属于本案' },
  unread: { en: 'NOT READ: the log could not be read where it would be', zh: '未读取：无法读取其所在的日志' },
};

export function renderReconciled({ claims, log, result, exercise, notLooked, entry }: Found, lang: Lang): string {
  const say = (en: string, zh: string): string => (lang === 'zh' ? zh : en);
  const { ours, log: theirs } = result;
  const minutes = Math.round(claims.delayMs / 60_000);
  const odd = [
    ...(ours.early > 0 ? [say(`${ours.early} too early to tell`, `${ours.early} 条为时尚早`)] : []),
    ...(ours.refusedUnlogged > 0 ? [say(`${ours.refusedUnlogged} refused and not logged`, `${ours.refusedUnlogged} 条被拒绝且未记入日志`)] : []),
    ...(ours.neverSent > 0 ? [say(`${ours.neverSent} without an answer and without a trace`, `${ours.neverSent} 条没有应答也没有踪迹`)] : []),
  ];
  return [
    `${exercise ? 'EXERCISE ' : ''}${say('case', '案件')}: ${claims.case}`,
    say(
      `time: ${short(result.from)} to ${short(result.to)}; the log may be ${minutes} min late, so it is trusted up to ${short(result.trustedTo)}`,
      `时间：${short(result.from)} 至 ${short(result.to)}；日志最多延迟 ${minutes} 分钟，可信至 ${short(result.trustedTo)}`,
    ),
    say(
      `trail → log: ${ours.total} writes, ${ours.matched} in the log${odd.map((each) => `, ${each}`).join('')}`,
      `记录 → 日志：写操作 ${ours.total} 条，日志中有 ${ours.matched} 条${odd.map((each) => `，${each}`).join('')}`,
    ),
    say(
      `log → trail: ${theirs.total} writes by ${claims.keys.join(', ') || 'nobody'}, ${theirs.matched} in the trail`,
      `日志 → 记录：${claims.keys.join('、') || '（无）'} 的写操作 ${theirs.total} 条，记录中有 ${theirs.matched} 条`,
    ),
    say(
      `read: ${log.regionsRead.length} regions, ${log.pages} pages, from ${short(log.from)}`,
      `已读取：${log.regionsRead.length} 个地域，${log.pages} 页，自 ${short(log.from)} 起`,
    ),
    ...log.regionsMissed.map(({ region, why }) =>
      say(`NOT read: ${region}: ${escapeTerminal(why.en, { most: 200 })}`, `未读取：${region}：${escapeTerminal(why.zh, { most: 200 })}`),
    ),
    ...notLooked.map((what) => say(`not looked at: ${what.en}`, `未查看：${what.zh}`)),
    ...result.mismatches.flatMap((each) => mismatch(each, lang)),
    ...(entry === undefined ? [] : [say(`kept as evidence: entry #${entry}`, `已作为证据保存：第 ${entry} 条`)]),
    verdict(result, lang),
  ].join('\n');
}

function mismatch({ kind, at, action, region, requestId, key, seq, agent, refused }: Mismatch, lang: Lang): readonly string[] {
  const shown = (text: string): string => escapeTerminal(text, { most: 160 });
  const where = [short(at), shown(action), shown(region), ...(seq === undefined ? [] : [`#${seq}`])].join(' ');
  const more = [requestId, key ?? '', agent ?? ''].filter((part) => part !== '').map(shown);
  const denied = refused === undefined ? '' : lang === 'zh' ? `（被拒绝：${shown(refused)}）` : ` (refused: ${shown(refused)})`;
  return [`${kinds[kind][lang]}${denied}`, `  ${where}`, ...(more.length === 0 ? [] : [`  ${more.join('  ')}`])];
}

function verdict({ state, mismatches, lookAgainAt, trustedTo }: Reconciled, lang: Lang): string {
  const again = lookAgainAt === undefined ? '' : short(lookAgainAt);
  const texts: Readonly<Record<Reconciled['state'], Text>> = {
    matched: { en: `Both ways match, up to ${short(trustedTo)}.`, zh: `双向一致，截至 ${short(trustedTo)}。` },
    findings: { en: `They do NOT match: ${mismatches.length} to explain.`, zh: `不一致：有 ${mismatches.length} 条需要解释。` },
    unproven: { en: 'Nothing contradicts the trail, but not everything could be read: not proven.', zh: '没有与记录矛盾之处，但未能全部读取：未获证明。' },
    early: { en: `Too early to tell. Look again after ${again}.`, zh: `为时尚早。请在 ${again} 之后再次核对。` },
  };
  return texts[state][lang];
}

function short(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')}Z`;
}
