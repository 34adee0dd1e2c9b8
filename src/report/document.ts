// The report as blocks, English or Chinese: a page for each reader, the record, the annexes. Pure; judges nothing, hides nothing.
import type { Lang } from '../text.ts';
import { integrity, inventory, labels } from './annex.ts';
import { actions, calls, decisions, gaps, undo } from './done.ts';
import { forEngineers } from './for-engineers.ts';
import { forInsurer } from './for-insurer.ts';
import { forLaw } from './for-law.ts';
import { forSupport } from './for-support.ts';
import { attack, coverage, evidence, findings, notLooked } from './known.ts';
import { annex, cell, heading, join, line, list, paragraph, span, speaker, strong, table, when, words, type Block, type Inline, type Style } from './layout.ts';
import { page } from './page.ts';
import type { Metric, Named, ReportModel } from './shape.ts';
import { laneWords, say } from './values.ts';

type Section = (model: ReportModel, style: Style) => readonly Block[];

/** What every piece of this report needs to know. */
export function styleOf(model: ReportModel, lang: Lang): Style {
  return { lang, exercise: model.header.origin === 'exercise' };
}

export function blocksOf(model: ReportModel, style: Style): readonly Block[] {
  const readers: readonly Section[] = [page, forLaw, forInsurer, forEngineers, forSupport];
  const record: readonly Section[] = [scope, timeline, actions, gaps, evidence, notLooked, findings, lessons, score];
  const annexes: readonly Section[] = [metrics, calls, undo, decisions, coverage, attack, integrity, labels, inventory];
  const sections = [...readers, ...record, ...annexes];
  return sections.flatMap((section) => section(model, style));
}

const scopeNames = {
  identities: say('Identities', '身份'),
  keys: say('Keys', '密钥'),
  sessions: say('Sessions', '会话'),
  instances: say('Machines', '实例'),
  trails: say('Trails', '日志跟踪'),
  sources: say('Addresses seen with these keys, ours among them', '使用过这些密钥的地址（包括我们自己的）'),
} as const;

function scope({ scope: found, header }: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const parts = ['identities', 'keys', 'sessions', 'instances', 'trails', 'sources'] as const;
  const rows = [
    [t(say('Account', '账号')), cell(found.account ?? '')],
    [t(say('We acted as', '我们的身份')), cell(header.actor ?? '')],
    [t(say('Regions where they succeeded', '对方有成功操作的地域')), cell(found.regionsTouched.join(', '), 800)],
    [t(say('Regions looked at', '查看过的地域')), cell(found.regionsLookedAt.join(', '), 800)],
    ...parts.map((part) => [t(scopeNames[part]), named(found[part], style)]),
  ];
  return [heading(style, 2, t(say('Scope', '范围'))), table([t(say('What', '项目')), t(say('Which', '内容'))], rows, '')];
}

function named(all: readonly Named[], style: Style): Inline {
  return join(
    all.map(({ id, note }) => line`${cell(id, 80)}${note.en === '' ? '' : line` (${words(style, note)})`}`),
    '; ',
  );
}

function metrics(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const value = ({ unit, value: found, n }: Metric): string => {
    const of = n === undefined ? '' : ` (n=${n})`;
    if (found === null) return t(say('nothing to measure', '无可度量'));
    if (unit === 'share') return `${Math.round(found * 100)} %${of}`;
    return unit === 'seconds' ? `${span(found, style.lang)}${of}` : String(found);
  };
  const rows = model.metrics.map((metric) => [t(metric.title), value(metric), t(metric.definition)]);
  return [annex(style, t(say('Figures', '指标'))), table([t(say('Figure', '指标')), t(say('Value', '数值')), t(say('How it is measured', '定义'))], rows, '')];
}

function timeline(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const rows = model.timeline.map(({ at, lane, what, by, seq, region }) => [
    when(at),
    lane === 'suspect' ? strong(t(laneWords[lane])) : t(laneWords[lane]),
    words(style, what),
    cell(by ?? ''),
    cell(region ?? ''),
    `#${seq}`,
  ]);
  const heads = [say('When', '时间'), say('Who', '角色'), say('What', '事件'), say('By', '操作者'), say('Region', '地域'), say('Entry', '条目')];
  return [
    heading(style, 2, t(say('Timeline, UTC', '时间线（UTC）'))),
    paragraph(t(say('What they did stands at the time it happened, not at the time it was found.', '对方的行为按发生时间排列，而不是发现时间。'))),
    { kind: 'lanes', rows: model.timeline },
    table(heads.map(t), rows, ''),
  ];
}

function lessons(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const texts = model.lessons.flatMap(({ title, value, by, seq }) => {
    const lines = value.split(/\r?\n/).filter((line) => line.trim() !== '');
    return [
      paragraph(line`${strong(words(style, title))} (${cell(by)}, #${seq})`),
      list(
        lines.map((line) => cell(line, 2000)),
        '',
      ),
    ];
  });
  const items = model.actionItems.map(({ what, owner, due, seq }) => [
    cell(what, 400),
    owner === '' ? t(say(strong('nobody'), strong('无人'))) : cell(owner),
    due === '' ? t(say(strong('no date'), strong('无日期'))) : cell(due),
    `#${seq}`,
  ]);
  return [
    heading(style, 2, t(say('Lessons', '总结'))),
    ...(texts.length === 0 ? [paragraph(t(say('None was written down.', '没有记录。')))] : texts),
    heading(style, 2, t(say('Action items', '改进措施'))),
    table([say('What', '措施'), say('Owner', '负责人'), say('Due', '日期'), say('Entry', '条目')].map(t), items, t(say('None was written down.', '没有记录。'))),
  ];
}

function score({ score: found }: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  if (!found) return [];
  const rows = found.results.map(({ text, points, must, reached, at, why }) => [
    words(style, text),
    reached ? t(say('yes', '是')) : t(say(strong('no'), strong('否'))),
    `${reached ? points : 0}/${points}${must ? t(say(' (must)', '（必须）')) : ''}`,
    when(at),
    words(style, why),
  ]);
  return [
    heading(style, 2, t(say('Score', '得分'))),
    paragraph(
      line`${found.passed ? t(say('Passed', '通过')) : t(say(strong('Not passed'), strong('未通过')))}: ${found.points}/${found.of} (${t(say('needed', '及格'))} ${found.passPoints}).`,
    ),
    table([say('Objective', '目标'), say('Reached', '达成'), say('Points', '得分'), say('When', '时间'), say('Why', '说明')].map(t), rows, ''),
  ];
}
