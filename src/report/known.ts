// The sections on what is known and how far: evidence, coverage, gaps, findings, techniques. Pure; model in, blocks out.
import { annex, between, cell, heading, join, line, list, mono, paragraph, size, speaker, strong, table, when, words, type Block, type Style } from './layout.ts';
import type { CoverageRow } from './rows.ts';
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
  const rows = model.findings.map(({ at, severity, what, principal, region, attack: techniques, requestId, seq }) => [
    when(at),
    severity === 'critical' ? strong(words(style, severityWord(severity))) : words(style, severityWord(severity)),
    words(style, what),
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
    say('By', '身份'),
    say('Region', '地域'),
    say('Technique', '技术'),
    say('Request id', '请求 ID'),
    say('Entry', '条目'),
  ];
  return [heading(style, 2, t(say('Findings', '发现'))), table(heads.map(t), rows, t(say('None. See what was not looked at.', '无。请看“未查看的内容”。')))];
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
