// The first page, for the one who decides: fits one printed page, says what is not known. Pure; model in, Markdown out.
import type { Text } from '../text.ts';
import { say } from './actions.ts';
import { some } from './contain.ts';
import { cell, heading, list, span, table, when, words, type Style } from './layout.ts';
import type { Containment, Cost, ReportModel } from './shape.ts';

const mostOpen = 12;

export function renderPage(model: ReportModel, style: Style): string {
  const { header, decision, scope } = model;
  const t = (text: Text): string => text[style.lang];
  const rows: (readonly [Text, string])[] = [
    [say('What happened', '发生了什么'), happened(model, style)],
    [
      say('Since', '起始时间'),
      decision.since
        ? `${when(decision.since.at)} — ${words(style, decision.since.what)} (#${decision.since.seq})`
        : t(say('No harmful event was found; see what was not looked at.', '未发现危害事件；请看“未查看的内容”。')),
    ],
    [say('Found', '发现'), [when(decision.detectedAt), cell(decision.detectedHow ?? '')].filter((part) => part !== '').join(', ')],
    [say('Contained?', '是否已遏制？'), containment(decision.containment, style)],
    [say('Cost', '费用'), cost(decision.cost, style)],
    [say('Done', '已完成'), decision.done.map(({ title, reached, of }) => `${words(style, title, 100)}: ${reached}/${of}`).join('; ')],
    [say('Reach', '范围'), reach(model, style)],
    [
      say('Told', '已通知'),
      model.notifications.map(({ who, outcome }) => `${words(style, who, 160)}${outcome === 'failed' ? t(say(' (not reached)', '（未联系上）')) : ''}`).join('; '),
    ],
    [say('State', '状态'), state(model, style)],
    ...(model.score
      ? [[say('Drill', '演练'), `${t(model.score.passed ? say('passed', '通过') : say('NOT passed', '未通过'))}, ${model.score.points}/${model.score.of}`] as const]
      : []),
  ];
  const open = decision.open.map(({ what, seq }) => `${words(style, what, 300)}${seq === undefined ? '' : ` (#${seq})`}`);
  const more = open.length > mostOpen ? [t(say(`and ${open.length - mostOpen} more, in the sections below`, `另有 ${open.length - mostOpen} 项，见下文各节`))] : [];
  return [
    heading(style, 1, `${words(style, header.runbook.title)} — ${cell(header.case)}`),
    ...(style.exercise
      ? [
          `> **EXERCISE.** ${t(say('A rehearsal on a simulated account. Nothing here happened to a real one.', '在模拟账号上的演练（EXERCISE）。以下内容没有发生在任何真实账号上。'))}\n`,
        ]
      : []),
    ...(header.state === 'open' ? [`> ${t(say(`Interim: the case is still open. As of ${when(header.upTo)}.`, `中期报告：案件尚未结束。截至 ${when(header.upTo)}。`))}\n`] : []),
    table(
      [t(say('For the one who decides', '决策者摘要')), [cell(scope.account ?? ''), cell(header.severity)].filter((part) => part !== '').join(' · ')],
      rows.filter(([, value]) => value !== '').map(([name, value]) => [`**${t(name)}**`, value]),
      '',
    ),
    heading(style, 2, t(say('What is open', '未决事项'))),
    list([...open.slice(0, mostOpen), ...more], t(say('Nothing that the trail knows of.', '记录中没有未决事项。')), true),
    t(say('`#12` names entry 12 of the trail. Times are UTC. What was not looked at has a section of its own.', '`#12` 指记录的第 12 条。时间均为 UTC。“未查看的内容”单独成节。')),
    '',
  ].join('\n');
}

function happened({ header, scope }: ReportModel, style: Style): string {
  const leaked = scope.keys.find(({ note }) => note === 'leaked');
  const owner = scope.identities.find(({ note }) => note.startsWith('owner'));
  const who = leaked ? ` ${cell(leaked.id)}${owner ? ` (${cell(owner.id)})` : ''}.` : '';
  return `${words(style, header.runbook.title)}.${who}`;
}

/** Never more than the trail earned. */
export function containment(found: Containment, style: Style): string {
  const t = (text: Text): string => text[style.lang];
  const rung = rungs[found.rung ?? ''];
  const how = rung === undefined ? '' : t(rung);
  const cut = found.cut.length === 0 ? '' : ` ${cell(some(found.cut))}.`;
  const delay =
    found.logDelayMs === undefined ? '' : t(say(`; the log was up to ${span(found.logDelayMs / 1000, 'en')} late`, `；日志最多延迟 ${span(found.logDelayMs / 1000, 'zh')}`));
  const knocks =
    found.refusedAttempts === undefined || found.refusedAttempts === 0
      ? ''
      : t(say(` ${found.refusedAttempts} refused attempts since: they still try, and fail.`, ` 之后有 ${found.refusedAttempts} 次被拒绝的尝试：对方仍在尝试，但都失败。`));
  const seq = found.seq === undefined ? '' : ` (#${found.seq})`;
  const window = `${when(found.from)} – ${when(found.to)}`;
  switch (found.state) {
    case 'contained':
      return t(say(`**Yes**, by this rung: ${how}.${cut} Quiet ${window}${delay}.${knocks}${seq}`, `**是**，手段：${how}。${cut} 静默窗口 ${window}${delay}。${knocks}${seq}`));
    case 'active':
      return t(say(`**NO.** They still succeed after the cut (${how}).${cut}${seq}`, `**否。** 切断（${how}）之后对方仍有成功操作。${cut}${seq}`));
    case 'watching':
      return t(
        say(`**Not yet known.** Cut (${how}); the quiet watch is not over.${cut}${knocks}${seq}`, `**尚不清楚。** 已切断（${how}），静默观察尚未结束。${cut}${knocks}${seq}`),
      );
    case 'not-cut':
      return t(say('**NO.** Nothing was cut here.', '**否。** 没有切断任何密钥。'));
    case 'not-verified':
      return t(
        say(
          `**Not verified.** Cut (${how}), but the quiet watch did not prove it: ${cell(found.outcome ?? '?')}.${cut}${knocks}${seq}`,
          `**未经验证。** 已切断（${how}），但静默观察未能证明：${cell(found.outcome ?? '?')}。${cut}${knocks}${seq}`,
        ),
      );
  }
}

const rungs: Readonly<Record<string, Text>> = {
  disabled: say('keys disabled', '密钥已禁用'),
  deleted: say('keys deleted', '密钥已删除'),
  denied: say('deny policy', '拒绝策略'),
  'network-policy': say('network policy', '网络策略'),
  'by-hand': say('disabled by hand, as told, not read back', '手工禁用（仅凭口述，未读取确认）'),
};

/** Unknown is said as unknown, never as 0. */
function cost({ before, after, spent }: Cost, style: Style): string {
  const t = (text: Text): string => text[style.lang];
  if (before === undefined && after === undefined) return t(say('Not looked at.', '未查看。'));
  const rate = (value: number | null | undefined): string => (value === null ? t(say('unknown', '未知')) : value === undefined ? t(say('not read back', '未读取')) : `${value}`);
  const so =
    spent === undefined
      ? ''
      : spent === null
        ? t(say('; spent so far: unknown', '；累计：未知'))
        : t(say(`; about ${spent} CNY until stopped (list price, an estimate)`, `；停止前累计约 ${spent} 元（按目录价估算）`));
  return t(say(`${rate(before)} → ${rate(after)} CNY/h for their machines${so}.`, `对方实例 ${rate(before)} → ${rate(after)} 元/小时${so}。`));
}

function reach({ scope, findings }: ReportModel, style: Style): string {
  const t = (text: Text): string => text[style.lang];
  const theirs = scope.instances.filter(({ note }) => !note.includes('held back')).length;
  const made = scope.identities.filter(({ note }) => note === 'made by the suspects').length;
  const parts = [
    say(`${scope.keys.length} keys`, `${scope.keys.length} 个密钥`),
    say(`${made} users made`, `新建用户 ${made} 个`),
    say(`${theirs} machines`, `${theirs} 台实例`),
    say(`${scope.regionsTouched.length} regions (${some(scope.regionsTouched)})`, `${scope.regionsTouched.length} 个地域（${some(scope.regionsTouched)}）`),
    say(`${findings.length} findings`, `${findings.length} 条发现`),
  ];
  return cell(parts.map(t).join(', '), 300);
}

function state({ header }: ReportModel, style: Style): string {
  const t = (text: Text): string => text[style.lang];
  const word = { open: say('open', '进行中'), closed: say('closed', '已结案'), aborted: say('ABORTED', '已中止') }[header.state];
  const ended =
    header.closedAt === undefined
      ? ''
      : t(say(` after ${span(seconds(header.openedAt, header.closedAt), 'en')}`, `，历时 ${span(seconds(header.openedAt, header.closedAt), 'zh')}`));
  const as = header.outcome === undefined ? '' : ` (${cell(header.outcome)})`;
  const reason = header.reason === undefined ? '' : ` — ${cell(header.reason, 300)}`;
  return `${t(word)}${as}${ended}${reason}; ${t(say('opened', '开案'))} ${when(header.openedAt)}; ${t(say('lead', '负责人'))} ${cell(header.lead)}`;
}

function seconds(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}
