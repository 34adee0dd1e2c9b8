// The report as Markdown, English or Chinese: the page for the decider, then every section. Pure; judges nothing, hides nothing.
import type { Lang, Text } from '../text.ts';
import { say, shortCall } from './actions.ts';
import { some } from './contain.ts';
import { annex } from './annex.ts';
import { cell, code, heading, list, span, table, when, words, type Style } from './layout.ts';
import { renderPage } from './page.ts';
import type { ActionRow, Metric, ReportModel } from './shape.ts';

export function renderMarkdown(model: ReportModel, lang: Lang): string {
  const style: Style = { lang, exercise: model.header.origin === 'exercise' };
  const sections = [scope, metrics, timeline, actions, undo, decisions, gaps, coverage, findings, attack, lessons, score, ...annex];
  return [renderPage(model, style), ...sections.map((section) => section(model, style))].filter((text) => text !== '').join('\n');
}

type Section = (model: ReportModel, style: Style) => string;

const none = say('None.', '无。');

const scope: Section = ({ scope: found, header }, style) => {
  const t = (text: Text): string => text[style.lang];
  const rows = (['identities', 'keys', 'sessions', 'instances', 'trails', 'sources'] as const).map((part) => [
    t(scopeNames[part]),
    found[part].map(({ id, note }) => `${cell(id, 80)}${note === '' ? '' : ` (${cell(note, 100)})`}`).join('; '),
  ]);
  return [
    heading(style, 2, t(say('Scope', '范围'))),
    table(
      [t(say('What', '项目')), t(say('Which', '内容'))],
      [
        [t(say('Account', '账号')), cell(found.account ?? '')],
        [t(say('We acted as', '我们的身份')), cell(header.actor ?? '')],
        [t(say('Regions where they succeeded', '对方有成功操作的地域')), cell(found.regionsTouched.join(', '), 800)],
        [t(say('Regions we looked at', '我们查看过的地域')), cell(found.regionsLookedAt.join(', '), 800)],
        ...rows,
      ],
      '',
    ),
  ].join('\n');
};

const scopeNames = {
  identities: say('Identities', '身份'),
  keys: say('Keys', '密钥'),
  sessions: say('Sessions', '会话'),
  instances: say('Machines', '实例'),
  trails: say('Trails', '日志跟踪'),
  sources: say('Addresses they came from, ours among them', '来源地址（包括我们自己的）'),
} as const;

const metrics: Section = (model, style) => {
  const t = (text: Text): string => text[style.lang];
  const value = ({ unit, value: found, n }: Metric): string => {
    if (found === null) return t(say('nothing to measure', '无可度量'));
    if (unit === 'share') return `${Math.round(found * 100)} % (n=${n ?? 0})`;
    return unit === 'seconds' ? `${span(found, style.lang)}${n === undefined ? '' : ` (n=${n})`}` : String(found);
  };
  const rows = model.metrics.map((metric) => [t(metric.title), value(metric), t(metric.definition)]);
  return [heading(style, 2, t(say('Figures', '指标'))), table([t(say('Figure', '指标')), t(say('Value', '数值')), t(say('How it is measured', '定义'))], rows, t(none))].join('\n');
};

const lanes: Readonly<Record<string, Text>> = {
  attacker: say('**attacker**', '**攻击者**'),
  responder: say('responder', '响应'),
  approval: say('approval', '决定'),
  case: say('case', '案件'),
};

const timeline: Section = (model, style) => {
  const t = (text: Text): string => text[style.lang];
  const rows = model.timeline.map(({ at, lane, what, by, seq, region, requestId }) => [
    when(at),
    t(lanes[lane] ?? say(lane, lane)),
    words(style, what),
    cell(by ?? ''),
    cell(region ?? ''),
    `#${seq}${requestId === undefined ? '' : ` ${cell(requestId)}`}`,
  ]);
  return [
    heading(style, 2, t(say('Timeline, UTC', '时间线（UTC）'))),
    t(say('What they did stands at the time of the event, not at the time it was found.\n', '对方的行为按事件发生时间排列，而不是发现时间。\n')),
    table([t(say('When', '时间')), t(say('Who', '角色')), t(say('What', '事件')), t(say('By', '操作者')), t(say('Region', '地域')), t(say('Source', '来源'))], rows, t(none)),
  ].join('\n');
};

const actions: Section = (model, style) => {
  const t = (text: Text): string => text[style.lang];
  const rows = model.actions.map((action) => [
    `#${action.seq}`,
    when(action.at),
    words(style, action.title, 80),
    `${cell(shortCall(action))} ${action.class}`,
    `${cell(some(action.targets), 300)} @ ${cell(action.region)}`.replace('@', String.raw`\@`),
    outcome(action, style),
    `${cell(action.askedBy)}; ${action.approved ? `${cell(action.approved.by)} \`${action.approved.text.replaceAll(/[^\x20-\x7e]|[`|]/g, '?')}\` #${action.approved.seq}` : t(say('nobody approved', '无人批准'))}`,
    cell(action.requestId ?? ''),
    verification(action, style),
    action.undo.map((card) => `${t(say('card', '卡'))} ${card}`).join(', '),
  ]);
  const heads = [
    say('Entry', '条目'),
    say('When', '时间'),
    say('Step', '步骤'),
    say('Call', '调用'),
    say('On', '目标'),
    say('Result', '结果'),
    say('Asked; approved', '发起；批准'),
    say('Request id', '请求 ID'),
    say('Read back', '读取确认'),
    say('Undo', '撤销'),
  ];
  const early = model.metrics.find(({ id }) => id === 'r1-before-record')?.value ?? 0;
  const held = model.held.map(({ target, label, title, status, by, why, seq }) => [
    cell(label ?? target, 200),
    words(style, title, 80),
    `${cell(status)} (${by === 'list' ? t(say('unticked', '未勾选')) : t(say('dropped when its turn came', '执行时剔除'))})`,
    words(style, why),
    `#${seq}`,
  ]);
  return [
    heading(style, 2, t(say('Actions', '操作'))),
    ...(early > 0
      ? [
          t(
            say(
              `${early} reversible (R1) changes were made before the full record was complete. That is normal: cutting never waits for investigating, and undoing is one call.\n`,
              `有 ${early} 项可逆（R1）更改在完整记录收齐之前执行。这是正常的：切断从不等待调查，撤销只需一次调用。\n`,
            ),
          ),
        ]
      : []),
    table(heads.map(t), rows, t(say('Nothing was changed.', '没有做任何更改。'))),
    ...(model.actions.length === 0 ? [] : [heading(style, 3, t(say('Exact calls', '完整调用'))), code(model.actions.map(({ seq, command }) => `#${seq} ${command}`))]),
    heading(style, 3, t(say('By hand', '手工操作'))),
    list(
      model.byHand.map(
        ({ at, title, by, value, targets, seq }) =>
          `${when(at)} ${words(style, title)}: ${cell(value)}, ${cell(by)}${targets.length === 0 ? '' : `, ${t(say('then read back', '随后读取确认'))}: ${cell(some(targets))}`} (#${seq})`,
      ),
      t(none),
    ),
    heading(style, 3, t(say('Held back and left alone', '排除与未处理的目标'))),
    table([say('Target', '目标'), say('For', '操作'), say('How it stands', '状态'), say('Why', '原因'), say('Entry', '条目')].map(t), held, t(none)),
  ].join('\n');
};

function outcome({ result, how, code: failure, message, repeats, toldBy }: ActionRow, { lang }: Style): string {
  const t = (text: Text): string => text[lang];
  const ways: Readonly<Record<string, Text>> = { reconciled: say('seen by reading', '读取确认已发生'), redone: say('sent again', '已重发'), told: say('told by', '口述') };
  const way = how === undefined || how === 'first' ? '' : `, ${t(ways[how] ?? say(how, how))}${toldBy === undefined ? '' : ` ${cell(toldBy)}`}`;
  const again = repeats > 0 ? t(say(`, repeats: ${repeats}`, `，重发 ${repeats} 次`)) : '';
  const word = result === 'open' ? t(say('**not known**', '**未知**')) : result;
  return `${word}${way}${again}${failure === undefined ? '' : ` ${cell(failure)}`}${message === undefined ? '' : ` ${cell(message, 200)}`}`;
}

function verification({ verified }: ActionRow, style: Style): string {
  const groups = Map.groupBy(verified, ({ status, note }) => `${status}\n${note?.[style.lang] ?? ''}`);
  return [...groups.values()]
    .map((group) => {
      const [first] = group;
      const last = group.at(-1);
      if (!first || !last) return '';
      const note = first.note === undefined ? '' : ` ${words(style, first.note, 200)}`;
      return `${cell(first.status)} ×${group.length}${note} ${when(last.at).slice(11)} #${last.seq}`;
    })
    .join('; ');
}

const undo: Section = (model, style) => {
  const t = (text: Text): string => text[style.lang];
  const cards = model.undo.map(({ card, target, calls, irreversible, incomplete, seq }) => {
    const note = irreversible
      ? `${t(say('can not be undone', '无法撤销'))}: ${irreversible[style.lang]}`
      : incomplete !== undefined
        ? `${t(say('undo incomplete', '撤销信息不完整'))}: ${incomplete}`
        : calls.length === 0
          ? t(say('nothing to undo', '无需撤销'))
          : '';
    return [`# ${t(say('card', '卡'))} ${card}  ${target}  #${seq}${note === '' ? '' : `  ${note}`}`, ...calls.map(({ command }) => command)];
  });
  if (cards.length === 0) return '';
  return [
    heading(style, 2, t(say('Undo cards', '撤销卡'))),
    t(say('Nothing is undone by itself. Each card is the exact inverse, for a person who asks for it.\n', '不会自动撤销。每张卡是准确的反向操作，由人决定是否执行。\n')),
    code(cards.flat()),
  ].join('\n');
};

const decisions: Section = (model, style) => {
  const t = (text: Text): string => text[style.lang];
  const rows = model.decisions.map(({ at, title, kind, value, label, declined, others, by, via, reason, seconds, seq }) => [
    when(at),
    words(style, title, 120),
    `${declined ? t(say('**declined**', '**拒绝**')) : label ? words(style, label, 120) : cell(value)}${reason === undefined ? '' : ` — ${cell(reason, 300)}`}`,
    others.map((other) => words(style, other, 80)).join('; '),
    `${cell(by)}${via === '' ? '' : ` (${via})`}`,
    seconds === undefined ? '' : span(seconds, style.lang),
    `#${seq} ${kind}`,
  ]);
  const notified = model.notifications.map(({ at, title, who, outcome: end, by, seq }) => [when(at), words(style, title, 80), words(style, who), cell(end), cell(by), `#${seq}`]);
  const inputs = model.inputs.map(({ title, value, proposed, by, seq }) => [
    words(style, title, 80),
    cell(value),
    proposed ? t(say('proposed, nobody changed it', '系统建议，未修改')) : t(say('given', '填写')),
    cell(by),
    `#${seq}`,
  ]);
  return [
    heading(style, 2, t(say('Decisions', '决定'))),
    table(
      [say('When', '时间'), say('Question', '问题'), say('Answer', '决定'), say('Not taken', '未采用'), say('By', '决定者'), say('Took', '用时'), say('Entry', '条目')].map(t),
      rows,
      t(none),
    ),
    heading(style, 3, t(say('Who was told', '通知'))),
    table(
      [say('When', '时间'), say('What', '内容'), say('Who', '对象'), say('Result', '结果'), say('By', '操作者'), say('Entry', '条目')].map(t),
      notified,
      t(say('Nobody, as far as the trail says.', '记录中没有任何通知。')),
    ),
    heading(style, 3, t(say('What was entered', '输入'))),
    table([say('Question', '项目'), say('Value', '内容'), say('How', '方式'), say('By', '操作者'), say('Entry', '条目')].map(t), inputs, t(none)),
  ].join('\n');
};

const gaps: Section = (model, style) => {
  const t = (text: Text): string => text[style.lang];
  const skips = model.skips.map(({ at, what, title, outcome: end, by, reason, seq }) => [
    when(at),
    what === 'job' ? t(say('job', '后台任务')) : t(say('step', '步骤')),
    words(style, title, 120),
    cell(end),
    cell(reason, 400),
    cell(by),
    `#${seq}`,
  ]);
  const waivers = model.waivers.map(({ at, step, target, reason, by, second, seq }) => [
    when(at),
    cell(target ?? step),
    cell(reason, 400),
    `${cell(by)}${second === undefined ? '' : ` + ${cell(second)}`}`,
    `#${seq}`,
  ]);
  const failures = model.failures.map(({ at, title, code: failure, message, targets, next, seq }) => [
    when(at),
    words(style, title, 100),
    cell(failure),
    words(style, message),
    cell(some(targets), 300),
    words(style, next),
    `#${seq}`,
  ]);
  return [
    heading(style, 2, t(say('Left out, waived, failed', '跳过、豁免与失败'))),
    heading(style, 3, t(say('Left out', '跳过'))),
    table(
      [say('When', '时间'), say('Kind', '类型'), say('What', '内容'), say('Ended as', '结果'), say('Reason', '原因'), say('By', '操作者'), say('Entry', '条目')].map(t),
      skips,
      t(none),
    ),
    heading(style, 3, t(say('Evidence waived', '豁免取证'))),
    table([say('When', '时间'), say('For', '目标'), say('Reason', '原因'), say('By', '操作者'), say('Entry', '条目')].map(t), waivers, t(none)),
    heading(style, 3, t(say('Failed', '失败'))),
    table(
      [say('When', '时间'), say('Step', '步骤'), say('Code', '代码'), say('What it said', '信息'), say('Targets', '目标'), say('Then', '后续'), say('Entry', '条目')].map(t),
      failures,
      t(none),
    ),
  ].join('\n');
};

const coverage: Section = (model, style) => {
  const t = (text: Text): string => text[style.lang];
  const rows = model.coverage.map((row) => [
    words(style, row.title, 100),
    cell(row.outcome),
    row.from === undefined && row.to === undefined ? '' : `${when(row.from)} – ${when(row.to)}`,
    row.regionsDone.length === 0 ? '' : String(row.regionsDone.length),
    row.regionsMissed.map(({ region, why }) => `**${cell(region)}** ${cell(why, 200)}`).join('; '),
    [
      row.pages === undefined ? '' : `${row.pages} ${t(say('pages', '页'))}`,
      row.throttles === undefined || row.throttles === 0 ? '' : `${row.throttles} ${t(say('throttles', '次限流'))}`,
      `${row.sealed} ${t(say('sealed', '件封存'))}`,
    ]
      .filter((part) => part !== '')
      .join(', '),
    `#${row.seq}`,
  ]);
  const refused = model.refusals.map(({ api, region, result, code: failure, count, seq }) => [cell(api), cell(region), cell(result), cell(failure), String(count), `#${seq}`]);
  return [
    heading(style, 2, t(say('What was looked at', '查看过的内容'))),
    table(
      [
        say('Step', '步骤'),
        say('Ended as', '结果'),
        say('Window', '时间窗口'),
        say('Regions', '地域数'),
        say('Regions missed', '遗漏地域'),
        say('How much', '数量'),
        say('Entry', '条目'),
      ].map(t),
      rows,
      t(none),
    ),
    heading(style, 2, t(say('What was NOT looked at', '未查看的内容'))),
    t(say('Nothing in this report says anything about the following. Empty is not clean.\n', '本报告对以下内容不作任何结论。没有发现不等于没有问题。\n')),
    list(
      model.notLooked.map(({ what, seq }) => `${words(style, what)}${seq === undefined ? '' : ` (#${seq})`}`),
      t(none),
    ),
    heading(style, 3, t(say('Calls the cloud refused or could not answer', '被拒绝或无法应答的调用'))),
    table([say('Call', '调用'), say('Region', '地域'), say('Result', '结果'), say('Code', '代码'), say('How often', '次数'), say('First', '首次')].map(t), refused, t(none)),
  ].join('\n');
};

const findings: Section = (model, style) => {
  const t = (text: Text): string => text[style.lang];
  const rows = model.findings.map(({ at, severity, what, principal, region, attack: techniques, requestId, seq }) => [
    when(at),
    cell(severity),
    words(style, what),
    cell(principal ?? ''),
    cell(region ?? ''),
    cell(techniques.join(' ')),
    cell(requestId ?? ''),
    `#${seq}`,
  ]);
  return [
    heading(style, 2, t(say('Findings', '发现'))),
    table(
      [
        say('When', '时间'),
        say('Severity', '严重度'),
        say('What', '内容'),
        say('By', '身份'),
        say('Region', '地域'),
        say('ATT&CK', 'ATT&CK'),
        say('Request id', '请求 ID'),
        say('Entry', '条目'),
      ].map((text) => t(text).replace('&', '&amp;')),
      rows,
      t(none),
    ),
  ].join('\n');
};

const attack: Section = (model, style) => {
  const t = (text: Text): string => text[style.lang];
  const rows = model.attack.map(({ technique, count, named, first, example, seq }) => [
    cell(technique),
    count === 0 ? t(say('not seen', '未发现')) : String(count),
    named ? t(say('yes', '是')) : '',
    when(first),
    example === undefined ? '' : words(style, example, 160),
    seq === undefined ? '' : `#${seq}`,
  ]);
  return [
    heading(style, 2, 'ATT&amp;CK'),
    table(
      [say('Technique', '技术'), say('Findings', '发现数'), say('Expected by the runbook', '手册预期'), say('First', '首次'), say('Example', '示例'), say('Entry', '条目')].map(t),
      rows,
      t(none),
    ),
  ].join('\n');
};

const lessons: Section = (model, style) => {
  const t = (text: Text): string => text[style.lang];
  const texts = model.lessons.flatMap(({ title, value, by, seq }) => [
    `**${words(style, title)}** (${cell(by)}, #${seq})\n`,
    ...value
      .trim()
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .map((line) => `- ${cell(line, 2000)}`),
    '',
  ]);
  const items = model.actionItems.map(({ what, owner, due, seq }) => [
    cell(what, 400),
    owner === '' ? t(say('**nobody**', '**无**')) : cell(owner),
    due === '' ? t(say('**no date**', '**未定**')) : cell(due),
    `#${seq}`,
  ]);
  return [
    heading(style, 2, t(say('Lessons', '总结'))),
    texts.length === 0 ? `${t(none)}\n` : texts.join('\n'),
    heading(style, 2, t(say('Action items', '改进措施'))),
    table([say('What', '措施'), say('Owner', '负责人'), say('Due', '日期'), say('Entry', '条目')].map(t), items, t(say('None was written down.', '没有记录。'))),
  ].join('\n');
};

const score: Section = ({ score: found }, style) => {
  const t = (text: Text): string => text[style.lang];
  if (!found) return '';
  const rows = found.results.map(({ text, points, must, reached, at, why }) => [
    words(style, text),
    reached ? t(say('yes', '是')) : t(say('**no**', '**否**')),
    `${reached ? points : 0}/${points}${must ? t(say(' (must)', '（必须）')) : ''}`,
    when(at),
    words(style, why),
  ]);
  return [
    heading(style, 2, t(say('Score', '得分'))),
    `${found.passed ? t(say('Passed', '通过')) : t(say('**Not passed**', '**未通过**'))}: ${found.points}/${found.of}, ${t(say('needed', '及格'))} ${found.passPoints}.\n`,
    table([say('Objective', '目标'), say('Reached', '达成'), say('Points', '得分'), say('When', '时间'), say('Why', '说明')].map(t), rows, ''),
  ].join('\n');
};
