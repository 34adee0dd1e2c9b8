// The first page, for the one who decides: fits one printed page, says what is not known. Pure; model in, blocks out.
import type { Text } from '../text.ts';
import {
  between,
  cell,
  heading,
  isBlank,
  join,
  line,
  list,
  mono,
  paragraph,
  quote,
  span,
  speaker,
  strong,
  table,
  when,
  words,
  type Block,
  type Inline,
  type Style,
} from './layout.ts';
import type { Containment, Cost, Edition, ReportModel } from './shape.ts';
import { say, severityWord, some } from './values.ts';

const mostOpen = 12;
const mostDeeds = 7;

export function page(model: ReportModel, style: Style): readonly Block[] {
  const { header, decision, scope } = model;
  const t = speaker(style);
  const rows: readonly (readonly [Text, Inline])[] = [
    [say('What happened', '发生了什么'), happened(model, style)],
    [say('What they did', '对方做了什么'), deeds(model, style)],
    [
      say('Since', '起始时间'),
      decision.since
        ? line`${beijing(decision.since.at)} — ${words(style, decision.since.what)} (#${decision.since.seq})`
        : t(say('No harmful event was found; see what was not looked at.', '未发现危害事件；请看“未查看的内容”。')),
    ],
    [say('Found', '发现'), together([beijing(decision.detectedAt), decision.detectedHow === undefined ? '' : words(style, decision.detectedHow)], ', ')],
    [say('Contained?', '是否已遏制？'), containment(decision.containment, style)],
    [say('Cost', '费用'), cost(decision.cost, style)],
    [say('Done', '已完成'), together(decision.done.map(({ title, reached, of }) => line`${words(style, title, 100)}: ${reached}/${of}`))],
    [say('Reach', '范围'), reach(model, style)],
    [say('Told', '已通知'), told(model, style)],
    [say('Not looked at', '未查看'), unseen(model, style)],
    [say('State', '状态'), state(model, style)],
    ...(model.score
      ? [[say('Drill', '演练'), `${t(model.score.passed ? say('passed', '通过') : say('NOT passed', '未通过'))}, ${model.score.points}/${model.score.of}`] as const]
      : []),
  ];
  const open = decision.open.map(({ what, seq }) => line`${words(style, what, 300)}${seq === undefined ? '' : ` (#${seq})`}`);
  const more = open.length > mostOpen ? [t(say(`and ${open.length - mostOpen} more, in the sections below`, `另有 ${open.length - mostOpen} 项，见下文各节`))] : [];
  return [
    heading(style, 1, line`${words(style, header.runbook.title)} — ${cell(header.case)}`),
    ...(style.exercise ? [quote(line`${strong('EXERCISE.')} ${t(header.mode === 'rehearse' ? rehearsed : simulated)}`)] : []),
    ...(model.edition === undefined ? [] : [quote(editionLine(model.edition, style))]),
    ...(header.state === 'open'
      ? [quote(t(say(line`Interim: the case is still open. As of ${when(header.upTo)}.`, line`中期报告：案件尚未结束。截至 ${when(header.upTo)}。`)))]
      : []),
    table(
      [t(say('For the one who decides', '决策者摘要')), together([cell(scope.account ?? ''), words(style, severityWord(header.severity))], ' · ')],
      rows.filter(([, value]) => !isBlank(value)).map(([name, value]) => [strong(t(name)), value]),
      '',
    ),
    heading(style, 2, t(say('What is open, to be decided now', '未决事项：现在需要决定'))),
    list([...open.slice(0, mostOpen), ...more], t(say('Nothing that the trail knows of.', '记录中没有未决事项。')), true),
    paragraph(
      t(
        say(
          line`${mono('#12')} names entry 12 of the trail. Times are UTC. What was not looked at has a section of its own.`,
          line`${mono('#12')} 指记录的第 12 条。时间均为 UTC。“未查看的内容”单独成节。`,
        ),
      ),
    ),
  ];
}

/** Who may see it, and what was taken out of it. */
export function editionLine({ kind, tlp }: Edition, style: Style): Inline {
  const t = speaker(style);
  const full = say('full edition: it names identities, addresses and machines', '完整版：含身份、地址与实例信息');
  const redacted = say(
    'redacted edition: identities, addresses, ids, names and free text are labels (user-1, ip-3); the full edition says what each stands for',
    '脱敏版：身份、地址、ID、名称与自由文本均以标签代替（user-1、ip-3）；完整版可说明每个标签的含义',
  );
  return line`${strong(`TLP:${tlp}`)} · ${t(kind === 'full' ? full : redacted)}`;
}

/** What is there of these. */
function together(parts: readonly Inline[], between = '; '): Inline {
  return join(
    parts.filter((part) => !isBlank(part)),
    between,
  );
}

function happened({ header, scope }: ReportModel, style: Style): Inline {
  const t = speaker(style);
  const [leaked] = scope.keys;
  const [owner] = scope.identities;
  const title = words(style, header.runbook.title);
  if (!leaked) return title;
  const whose = owner === undefined ? '' : t(say(line` of ${cell(owner.id)}`, line`（${cell(owner.id)}）`));
  return t(say(line`${title}: ${cell(leaked.id)}${whose}`, line`${title}：${cell(leaked.id)}${whose}`));
}

/** Who was told, as somebody wrote it down; a step marked as done names only who should have been. */
function told({ notifications }: ReportModel, style: Style): Inline {
  const t = speaker(style);
  const written = notifications.filter(({ message, outcome }) => message === undefined && outcome !== 'failed');
  if (written.length > 0) return together(written.map(({ who }) => words(style, who, 160)));
  const claims = { done: say(' (marked as told; nobody wrote down how)', '（标记为已通知，但未记录方式）'), failed: say(' (not reached)', '（未联系上）') } as const;
  return together(notifications.map(({ who, outcome }) => line`${words(style, who, 160)}${t(claims[outcome as keyof typeof claims] ?? say(` (${outcome})`, `（${outcome}）`))}`));
}

/** A moment in UTC, and on the clock of most of its readers. */
function beijing(at: string | undefined): Inline {
  if (at === undefined || Number.isNaN(Date.parse(at))) return when(at);
  return line`${when(at)} (${new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(5, 16).replace('T', ' ')} UTC+8)`;
}

const simulated = say('A rehearsal on a simulated account. Nothing here happened to a real one.', '在模拟账号上的演练（EXERCISE）。以下内容没有发生在任何真实账号上。');
const rehearsed = say('A rehearsal: the account was read, every change was planned, and none was sent.', '只读预演（EXERCISE）：读取了账号并列出所有更改，但没有发送任何一个。');

/** Never more than the trail earned. */
function containment(found: Containment, style: Style): Inline {
  const t = speaker(style);
  const rung = rungs[found.rung ?? ''];
  const how = rung === undefined ? '' : t(rung);
  const cut = found.cut.length === 0 ? '' : line` ${cell(some(found.cut))}.`;
  const delay =
    found.logDelayMs === undefined ? '' : t(say(`; the log was up to ${span(found.logDelayMs / 1000, 'en')} late`, `；日志最多延迟 ${span(found.logDelayMs / 1000, 'zh')}`));
  const knocks =
    found.refusedAttempts === undefined || found.refusedAttempts === 0
      ? ''
      : t(say(` ${found.refusedAttempts} refused attempts since: they still try, and fail.`, ` 之后有 ${found.refusedAttempts} 次被拒绝的尝试：对方仍在尝试，但都失败。`));
  const seq = found.seq === undefined ? '' : ` (#${found.seq})`;
  const where = found.regions === undefined || found.regions.length === 0 ? '' : t(say(line` in ${cell(some(found.regions))}`, line`，地域 ${cell(some(found.regions))}`));
  const window = line`${between(found.from, found.to)}${where}`;
  switch (found.state) {
    case 'contained':
      return t(
        say(line`${strong('Yes')}: ${how}.${cut} Quiet ${window}${delay}.${knocks}${seq}`, line`${strong('是')}：${how}。${cut} 静默窗口 ${window}${delay}。${knocks}${seq}`),
      );
    case 'active':
      return t(say(line`${strong('NO.')} They still succeed after the cut (${how}).${cut}${seq}`, line`${strong('否。')} 切断（${how}）之后对方仍有成功操作。${cut}${seq}`));
    case 'watching':
      return t(
        say(
          line`${strong('Not yet known.')} Cut (${how}); the quiet watch is not over.${cut}${knocks}${seq}`,
          line`${strong('尚不清楚。')} 已切断（${how}），静默观察尚未结束。${cut}${knocks}${seq}`,
        ),
      );
    case 'not-cut':
      return t(say(line`${strong('Nothing was cut.')} The keys in question stay active.`, line`${strong('没有切断。')} 相关密钥仍然有效。`));
    case 'not-verified':
      if (found.unwatched !== undefined) {
        const missed = cell(some(found.unwatched));
        return t(
          say(
            line`${strong('Not everywhere.')} Cut (${how}).${cut} Quiet ${window}, but nobody watched ${missed}, where they had been.${knocks}${seq}`,
            line`${strong('并非各处。')} 已切断（${how}）。${cut} 静默窗口 ${window}，但对方活动过的 ${missed} 没有被监视。${knocks}${seq}`,
          ),
        );
      }
      return t(
        say(
          line`${strong('Not verified.')} Cut (${how}), but the quiet watch did not prove it: ${cell(found.outcome ?? '?')}.${cut}${knocks}${seq}`,
          line`${strong('未经验证。')} 已切断（${how}），但静默观察未能证明：${cell(found.outcome ?? '?')}。${cut}${knocks}${seq}`,
        ),
      );
  }
}

const rungs: Readonly<Record<string, Text>> = {
  disabled: say('keys disabled', '密钥已禁用'),
  deleted: say('keys deleted', '密钥已删除'),
  denied: say('deny policy: what it names is refused', '拒绝策略：禁止其列出的操作'),
  limited: say('the key still works, from our addresses only', '密钥仍然有效，但只能从自有地址使用'),
  'denied+limited': say('the key still works, from our addresses only and without what attackers do', '密钥仍然有效，但只能从自有地址使用，且禁止高危操作'),
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
function deeds({ findings }: ReportModel, style: Style): Inline {
  const t = speaker(style);
  const grave = findings.filter(({ severity }) => severity === 'critical' || severity === 'high');
  const counted = [...Map.groupBy(grave, ({ what }) => what.en).values()];
  const shown = counted
    .slice(0, mostDeeds)
    .flatMap(([first, ...others]) => (first ? [line`${words(style, first.what, 120)}${others.length === 0 ? '' : ` ×${others.length + 1}`}`] : []));
  const rest = counted.length - shown.length;
  return together([...shown, ...(rest > 0 ? [t(say(`and ${rest} more findings`, `另有 ${rest} 条发现`))] : [])]);
}

/** How much nobody can speak for, and the first of it. */
function unseen({ notLooked, refusals }: ReportModel, style: Style): Inline {
  const t = speaker(style);
  const first = notLooked.slice(0, 2).map(({ what }) => words(style, what, 90));
  const rest = notLooked.length - first.length + refusals.length;
  return together([...first, ...(rest > 0 ? [t(say(`and ${rest} more, in “What was NOT looked at”`, `另有 ${rest} 项，见“未查看的内容”`))] : [])]);
}

function reach({ scope }: ReportModel, style: Style): Inline {
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

function state({ header }: ReportModel, style: Style): Inline {
  const t = speaker(style);
  const word = { open: say('open', '进行中'), closed: say('closed', '已结案'), aborted: say('ABORTED', '已中止') }[header.state];
  const ended =
    header.closedAt === undefined
      ? ''
      : t(say(` after ${span(seconds(header.openedAt, header.closedAt), 'en')}`, `，历时 ${span(seconds(header.openedAt, header.closedAt), 'zh')}`));
  const as = header.outcome === undefined ? '' : line` (${cell(header.outcome)})`;
  const reason = header.reason === undefined ? '' : line` — ${cell(header.reason, 300)}`;
  const follows = header.continues === undefined ? '' : line`, ${t(say('following the closed case', '接续已结案的'))} ${cell(header.continues.case)}`;
  return line`${t(word)}${as}${ended}${reason}; ${t(say('opened', '开案'))} ${when(header.openedAt)}${follows}; ${t(say('lead', '负责人'))} ${cell(header.lead)}`;
}

function seconds(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}
