// The sections on what is known and how far: evidence, coverage, gaps, findings, techniques. Pure; model in, blocks out.
import { annex, between, cell, heading, join, line, list, mono, paragraph, size, speaker, strong, table, when, words, type Block, type Style, type Inline } from './layout.ts';
import type { CoverageRow, FindingAnswer, FindingRow } from './rows.ts';
import type { ReportModel } from './shape.ts';
import { outcomeWord, say, severityWord } from './values.ts';

const none = say('None.', '无。');

export function evidence(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const kinds = [...Map.groupBy(model.evidence, ({ kind }) => kind)].map(([kind, rows]) => {
    const sensitive = rows.filter((row) => row.sensitive).length;
    return [cell(kind), String(rows.length), size(rows.reduce((sum, { bytes }) => sum + bytes, 0)), sensitive === 0 ? '' : String(sensitive)];
  });
  return [
    heading(style, 2, t(say('Evidence', '证据'))),
    paragraph(
      t(
        say(
          line`Each artefact lies in ${mono('objects/')} under its SHA-256, as received; the inventory is the last annex. What is sensitive was taken from the attacked system: it is kept, and never shown.`,
          line`每件证据按其 SHA-256 存放于 ${mono('objects/')}，内容与收到时一致；清单见最后的附录。敏感内容取自被攻击的系统：已保存，但从不显示。`,
        ),
      ),
    ),
    table([say('Kind', '类型'), say('Artefacts', '件数'), say('Size', '大小'), say('Sensitive', '敏感')].map(t), kinds, t(say('Nothing was sealed.', '没有封存任何证据。'))),
  ];
}

export function coverage(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const rows = model.coverage.map((row) => [
    words(style, row.title, 100),
    t(outcomeWord(row.outcome)),
    between(row.from, row.to),
    row.regionsDone.length === 0 ? '' : String(row.regionsDone.length),
    join(
      row.regionsMissed.map(({ region, why }) => line`${strong(cell(region))} ${words(style, why, 200)}`),
      '; ',
    ),
    amount(row, style),
    `#${row.seq}`,
  ]);
  const heads = [
    say('Step', '步骤'),
    say('Ended', '结果'),
    say('Window', '时间窗口'),
    say('Regions', '地域数'),
    say('Regions missed', '遗漏地域'),
    say('How much', '数量'),
    say('Entry', '条目'),
  ];
  return [annex(style, t(say('What was looked at', '查看过的内容'))), table(heads.map(t), rows, t(none))];
}

function amount({ pages, throttles, sealed }: CoverageRow, style: Style): string {
  const t = speaker(style);
  const parts = [
    pages === undefined ? [] : [say(`pages: ${pages}`, `${pages} 页`)],
    throttles === undefined || throttles === 0 ? [] : [say(`throttled: ${throttles}`, `限流 ${throttles} 次`)],
    sealed === 0 ? [] : [say(`sealed: ${sealed}`, `封存 ${sealed} 件`)],
  ];
  return parts.flat().map(t).join(', ');
}

export function notLooked(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const items = model.notLooked.map(
    ({ what, title, seq }) => line`${title === undefined ? '' : line`${strong(words(style, title, 100))}: `}${words(style, what)}${seq === undefined ? '' : ` (#${seq})`}`,
  );
  const refused = model.refusals.map(({ api, regions, result, code, count, seq }) => [
    cell(api),
    cell(regions.join(', '), 800),
    cell(result),
    cell(code),
    String(count),
    `#${seq}`,
  ]);
  return [
    heading(style, 2, t(say('What was NOT looked at', '未查看的内容'))),
    paragraph(t(say('Nothing in this report says anything about the following. Empty is not clean.', '本报告对以下内容不作任何结论。没有发现不等于没有问题。'))),
    list(items, t(none)),
    heading(style, 3, t(say('Calls the cloud refused or could not answer', '被拒绝或无法应答的调用'))),
    table([say('Call', '调用'), say('Regions', '地域'), say('Result', '结果'), say('Code', '代码'), say('How often', '次数'), say('First', '首次')].map(t), refused, t(none)),
  ];
}

export function findings(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const rows = model.findings.map(({ at, severity, what, principal, region, attack: techniques, requestId, answer, seq }) => [
    when(at),
    severity === 'critical' ? strong(words(style, severityWord(severity))) : words(style, severityWord(severity)),
    words(style, what),
    answer === undefined ? '' : standing(answer, style),
    cell(principal ?? ''),
    cell(region ?? ''),
    cell(techniques.join(' ')),
    cell(requestId ?? ''),
    `#${seq}`,
  ]);
  const heads = [
    say('When', '时间'),
    say('Severity', '严重度'),
    say('What', '内容'),
    say('Answer', '应对'),
    say('By', '身份'),
    say('Region', '地域'),
    say('Technique', '技术'),
    say('Request id', '请求 ID'),
    say('Entry', '条目'),
  ];
  return [
    heading(style, 2, t(say('Findings', '发现'))),
    table(heads.map(t), rows, t(say('None. See what was not looked at.', '无。请看“未查看的内容”。'))),
    ...(model.counted.length === 0
      ? []
      : [
          paragraph(
            line`${t(say('Looks around, and what programs do in bulk, are counted here and kept one by one in the sealed log: ', '查看类操作及程序批量操作在此计数，逐条内容见封存的日志：'))}${cell(
              model.counted.map(({ name, count }) => `${name} ${count}`).join(', '),
              800,
            )}`,
          ),
        ]),
    ...unanswered(model.findings, style),
  ];
}

function standing({ standing: how, reached = 0, targets }: FindingAnswer, style: Style): Inline {
  const t = speaker(style);
  switch (how) {
    case 'answered':
      return t(say('answered', '已应对'));
    case 'in-part':
      return strong(t(say(`in part: ${reached} of ${targets.length}`, `部分：${reached}/${targets.length}`)));
    case 'open':
      return strong(t(say('open', '未应对')));
    case 'by-hand':
      return t(say('by hand', '需人工处理'));
    case 'watch':
      return t(say('watch', '观察'));
  }
}

/** Each answer that is not known to be done, once, with the findings it is for, in their order. */
function unanswered(all: readonly FindingRow[], style: Style): readonly Block[] {
  const t = speaker(style);
  const open = all.filter(({ answer }) => answer !== undefined && ['open', 'in-part', 'by-hand'].includes(answer.standing));
  const groups = [...Map.groupBy(open, ({ answer }) => `${answer?.text.en} ${answer?.command ?? ''}`).values()];
  const rows = groups.flatMap((group) => {
    const [first] = group;
    if (first?.answer === undefined) return [];
    const { kind, text, command } = first.answer;
    const targets = [...new Set(group.flatMap(({ answer }) => answer?.targets ?? []))];
    return [
      [
        kind === 'manual' ? t(say('by hand', '人工')) : t(say('here', '在此执行')),
        words(style, text),
        command === undefined ? cell(targets.join(', '), 800) : mono(command),
        group.map(({ seq }) => `#${seq}`).join(' '),
      ],
    ];
  });
  const heads = [say('How', '方式'), say('What to do', '做什么'), say('On what, or the command', '对象或命令'), say('For the findings of', '对应条目')];
  return [
    heading(style, 3, t(say('What still answers them', '仍需应对'))),
    paragraph(
      t(say('Not known from this trail to be done. Words in capitals in a command are for you to fill in.', '本案记录不能证明以下各项已完成。命令中的大写单词需自行填写。')),
    ),
    table(heads.map(t), rows, t(none)),
  ];
}

export function attack(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const rows = model.attack.map(({ technique, count, named, first, example, seq }) => [
    cell(technique),
    count === 0 ? t(say('not seen', '未发现')) : String(count),
    named ? t(say('yes', '是')) : '',
    when(first),
    example === undefined ? '' : words(style, example, 160),
    seq === undefined ? '' : `#${seq}`,
  ]);
  const heads = [
    say('Technique', '技术'),
    say('Findings', '发现数'),
    say('Expected by the runbook', '手册预期'),
    say('First', '首次'),
    say('Example', '示例'),
    say('Entry', '条目'),
  ];
  return [annex(style, t(say('ATT&CK techniques', 'ATT&CK 技术'))), table(heads.map(t), rows, t(none))];
}
