// The page for the insurer: what it cost and how sure that is, what stood in the way before, what was done when. Pure; model in, blocks out.
import { shortCall } from './actions.ts';
import { cell, heading, line, list, paragraph, reader, speaker, strong, table, when, words, type Block, type Inline, type Style } from './layout.ts';
import { unrecorded } from './controls.ts';
import { periodOf } from './for-law.ts';
import type { ActionRow, CostRow } from './rows.ts';
import type { ReportModel } from './shape.ts';
import { outcomeWord, say } from './values.ts';

const bases = { billed: say('billed', '已出账'), estimated: say('estimated', '估算'), unknown: say('unknown', '未知') } as const;

export function forInsurer(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  return [
    reader(style, t(say('For the insurer', '致保险公司'))),
    paragraph(line`${t(say('From the first harm on record to the end of what is known: ', '自记录的首次危害至已知的结束：'))}${periodOf(model)}`),
    heading(style, 3, t(say('Cost, CNY', '费用（元）'))),
    table([say('What', '项目'), say('From', '起'), say('To', '止'), say('CNY', '元'), say('How sure', '依据')].map(t), costRows(model.costs, style), ''),
    paragraph(
      t(
        say(
          'Estimated is list price times time, not the bill. Unknown is not zero. Nothing was read from a bill; the final one is issued by Alibaba Cloud.',
          '估算为目录价乘以时长，并非账单。未知不等于零。本报告未读取任何账单；最终账单由阿里云出具。',
        ),
      ),
    ),
    heading(style, 3, t(say('In place before the incident, as far as recorded', '事发前已有的控制措施（以记录为限）'))),
    list(
      model.controls.map(({ what, seq }) => line`${words(style, what, 600)}${seq === undefined ? '' : ` (#${seq})`}`),
      t(say('The case recorded none.', '本案没有记录。')),
    ),
    paragraph(line`${strong(t(say('Not recorded:', '未记录：')))} ${unrecorded.map((text) => text[style.lang]).join(' ')}`),
    heading(style, 3, t(say('What was done, and when', '采取的措施与时间'))),
    table(
      [say('From', '起'), say('To', '止'), say('What', '措施'), say('On', '目标数'), say('Result', '结果')].map(t),
      deeds(model.actions, style),
      t(say('Nothing was changed.', '没有做任何更改。')),
    ),
  ];
}

/** Rows of one basis may be added up; an unknown part makes the sum a floor. */
function costRows(costs: readonly CostRow[], style: Style): readonly (readonly Inline[])[] {
  const t = speaker(style);
  const known = costs.filter(({ cny }) => cny !== null);
  const sum = Math.round(known.reduce((so, { cny }) => so + (cny ?? 0), 0) * 100) / 100;
  const rows = costs.map(({ what, from, to, cny, basis }) => [words(style, what), when(from), when(to), cny === null ? t(say('unknown', '未知')) : String(cny), t(bases[basis])]);
  if (known.length === 0) return rows;
  const total = known.length === costs.length ? String(sum) : t(say(`at least ${sum}`, `至少 ${sum}`));
  return [...rows, [strong(t(say('Sum of what is known', '已知部分合计'))), '', '', strong(total), t(say('estimated', '估算'))]];
}

/** One row a step and call: hundreds of targets are one deed. */
function deeds(actions: readonly ActionRow[], style: Style): readonly (readonly Inline[])[] {
  const t = speaker(style);
  return [...Map.groupBy(actions, (action) => `${action.step} ${shortCall(action)} ${action.result}`).values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const last = group.at(-1) ?? first;
    const result = t(outcomeWord(first.result === 'open' ? 'unfinished' : first.result));
    return [
      [
        when(first.at),
        when(last.finishedAt ?? last.at),
        line`${words(style, first.title, 80)}: ${cell(shortCall(first))}`,
        String(new Set(group.flatMap(({ targets }) => targets)).size),
        result,
      ],
    ];
  });
}
