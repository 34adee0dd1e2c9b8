// The first page, for the one who decides: fits one printed page, says what is not known. Pure; model in, Markdown out.
import type { Text } from '../text.ts';
import { between, cell, heading, list, span, speaker, table, when, words, type Style } from './layout.ts';
import type { Containment, Cost, ReportModel } from './shape.ts';
import { say, severityWord, some } from './values.ts';

const mostOpen = 12;
const mostDeeds = 7;

export function renderPage(model: ReportModel, style: Style): string {
  const { header, decision, scope } = model;
  const t = speaker(style);
  const rows: (readonly [Text, string])[] = [
    [say('What happened', '发生了什么'), happened(model, style)],
    [say('What they did', '对方做了什么'), deeds(model, style)],
    [
      say('Since', '起始时间'),
      decision.since
        ? `${beijing(decision.since.at)} — ${words(style, decision.since.what)} (#${decision.since.seq})`
        : t(say('No harmful event was found; see what was not looked at.', '未发现危害事件；请看“未查看的内容”。')),
    ],
    [say('Found', '发现'), [beijing(decision.detectedAt), decision.detectedHow === undefined ? '' : words(style, decision.detectedHow)].filter((part) => part !== '').join(', ')],
    [say('Contained?', '是否已遏制？'), containment(decision.containment, style)],
    [say('Cost', '费用'), cost(decision.cost, style)],
    [say('Done', '已完成'), decision.done.map(({ title, reached, of }) => `${words(style, title, 100)}: ${reached}/${of}`).join('; ')],
    [say('Reach', '范围'), reach(model, style)],
    [say('Told', '已通知'), told(model, style)],
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
      [t(say('For the one who decides', '决策者摘要')), [cell(scope.account ?? ''), words(style, severityWord(header.severity))].filter((part) => part !== '').join(' · ')],
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
  const t = speaker(style);
  const [leaked] = scope.keys;
  const [owner] = scope.identities;
  const title = words(style, header.runbook.title);
  if (!leaked) return title;
  const whose = owner === undefined ? '' : t(say(` of ${cell(owner.id)}`, `（${cell(owner.id)}）`));
  return t(say(`${title}: ${cell(leaked.id)}${whose}`, `${title}：${cell(leaked.id)}${whose}`));
}

/** Who was told, as somebody wrote it down; a step marked as done names only who should have been. */
function told({ notifications }: ReportModel, style: Style): string {
  const t = speaker(style);
  const written = notifications.filter(({ message, outcome }) => message === undefined && outcome !== 'failed');
  if (written.length > 0) return written.map(({ who }) => words(style, who, 160)).join('; ');
  const claims = { done: say(' (marked as told; nobody wrote down how)', '（标记为已通知，但未记录方式）'), failed: say(' (not reached)', '（未联系上）') } as const;
  return notifications.map(({ who, outcome }) => `${words(style, who, 160)}${t(claims[outcome as keyof typeof claims] ?? say(` (${outcome})`, `（${outcome}）`))}`).join('; ');
}

/** A moment in UTC, and on the clock of most of its readers. */
function beijing(at: string | undefined): string {
  if (at === undefined || Number.isNaN(Date.parse(at))) return when(at);
  return `${when(at)} (${new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(5, 16).replace('T', ' ')} UTC+8)`;
}

/** Never more than the trail earned. */
export function containment(found: Containment, style: Style): string {
  const t = speaker(style);
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
  const where = found.regions === undefined || found.regions.length === 0 ? '' : t(say(` in ${cell(some(found.regions))}`, `，地域 ${cell(some(found.regions))}`));
  const window = `${between(found.from, found.to)}${where}`;
  switch (found.state) {
    case 'contained':
      return t(say(`**Yes**: ${how}.${cut} Quiet ${window}${delay}.${knocks}${seq}`, `**是**：${how}。${cut} 静默窗口 ${window}${delay}。${knocks}${seq}`));
    case 'active':
      return t(say(`**NO.** They still succeed after the cut (${how}).${cut}${seq}`, `**否。** 切断（${how}）之后对方仍有成功操作。${cut}${seq}`));
    case 'watching':
      return t(
        say(`**Not yet known.** Cut (${how}); the quiet watch is not over.${cut}${knocks}${seq}`, `**尚不清楚。** 已切断（${how}），静默观察尚未结束。${cut}${knocks}${seq}`),
      );
    case 'not-cut':
      return t(say('**Nothing was cut.** The keys in question stay active.', '**没有切断。** 相关密钥仍然有效。'));
    case 'not-verified':
      if (found.unwatched !== undefined) {
        const missed = cell(some(found.unwatched));
        return t(
          say(
            `**Not everywhere.** Cut (${how}).${cut} Quiet ${window}, but nobody watched ${missed}, where they had been.${knocks}${seq}`,
            `**并非各处。** 已切断（${how}）。${cut} 静默窗口 ${window}，但对方活动过的 ${missed} 没有被监视。${knocks}${seq}`,
          ),
        );
      }
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
  const t = speaker(style);
  if (before === undefined && after === undefined) return t(say('Not looked at.', '未查看。'));
  const rate = (value: number | null | undefined): string => (value === null ? t(say('unknown', '未知')) : value === undefined ? t(say('not read back', '未读取')) : `${value}`);
  const so =
    spent === undefined
      ? ''
      : spent === null
        ? t(say('; spent so far: unknown', '；累计：未知'))
        : t(say(`; about ${spent} CNY until stopped (list price, an estimate)`, `；停止前累计约 ${spent} 元（按目录价估算）`));
  return t(
    say(
      `${rate(before)} → ${rate(after)} CNY/h for their machines${so}. Disks and addresses are not counted.`,
      `对方实例 ${rate(before)} → ${rate(after)} 元/小时${so}。不含磁盘与公网 IP。`,
    ),
  );
}

/** The gravest of what succeeded, in the order it happened. */
function deeds({ findings }: ReportModel, style: Style): string {
  const t = speaker(style);
  const grave = findings.filter(({ severity }) => severity === 'critical' || severity === 'high');
  const counted = [...Map.groupBy(grave, ({ what }) => what.en).values()];
  const shown = counted
    .slice(0, mostDeeds)
    .flatMap(([first, ...others]) => (first ? [`${words(style, first.what, 120)}${others.length === 0 ? '' : ` ×${others.length + 1}`}`] : []));
  const rest = counted.length - shown.length;
  return [...shown, ...(rest > 0 ? [t(say(`and ${rest} more findings`, `另有 ${rest} 条发现`))] : [])].join('; ');
}

function reach({ scope }: ReportModel, style: Style): string {
  const t = speaker(style);
  const theirs = scope.instances.filter(({ held }) => held !== true).length;
  const made = scope.identities.filter((identity) => identity.made === true).length;
  const parts = [
    say(`keys: ${scope.keys.length}`, `密钥 ${scope.keys.length} 个`),
    say(`users made: ${made}`, `新建用户 ${made} 个`),
    say(`machines: ${theirs}`, `实例 ${theirs} 台`),
    say(`regions: ${some(scope.regionsTouched)}`, `地域：${some(scope.regionsTouched)}`),
  ];
  return cell(parts.map(t).join('; '), 300);
}

function state({ header }: ReportModel, style: Style): string {
  const t = speaker(style);
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
