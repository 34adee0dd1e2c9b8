// The sections on what people did: actions, undo cards, decisions, and what was left out or failed. Pure; model in, blocks out.
import { shortCall } from './actions.ts';
import { annex, cell, clock, code, heading, join, line, list, paragraph, span, speaker, strong, table, when, words, type Block, type Inline, type Style } from './layout.ts';
import type { ActionRow, HeldRow, UndoCard } from './rows.ts';
import type { ReportModel } from './shape.ts';
import { outcomeWord, say, some } from './values.ts';

const none = say('None.', '无。');

export function actions(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const early = model.metrics.find(({ id }) => id === 'r1-before-record')?.value ?? 0;
  const heads = [
    say('Entry', '条目'),
    say('When', '时间'),
    say('Step', '步骤'),
    say('Call', '调用'),
    say('On', '目标'),
    say('Region', '地域'),
    say('Result', '结果'),
    say('Request id', '请求 ID'),
    say('Read back', '读取确认'),
    say('Asked; approved', '发起；批准'),
    say('Undo', '撤销'),
  ];
  const rows = model.actions.map((action) => [
    `#${action.seq}`,
    when(action.at),
    words(style, action.title, 80),
    line`${cell(shortCall(action))} (${action.class})`,
    cell(some(action.targets), 400),
    cell(action.region),
    outcome(action, style),
    cell(action.requestId ?? ''),
    verification(action, style),
    approval(action, style),
    action.undo.length === 0 ? '' : `${t(say('card', '卡'))} ${action.undo.join(', ')}`,
  ]);
  const hands = model.byHand.map(
    ({ at, title, by, value, targets, seq }) =>
      line`${when(at)} ${words(style, title)}: ${t(outcomeWord(value))}, ${cell(by)}${targets.length === 0 ? '' : line`; ${t(say('then read back', '随后读取确认'))}: ${cell(some(targets))}`} (#${seq})`,
  );
  return [
    heading(style, 2, t(say('Actions', '操作'))),
    ...(early === 0
      ? []
      : [
          paragraph(
            t(
              say(
                `${early} reversible (R1) changes were made before the full record was complete. That is normal: cutting never waits for investigating.`,
                `有 ${early} 项可逆（R1）更改在完整记录收齐之前执行。这是正常的：切断从不等待调查。`,
              ),
            ),
          ),
        ]),
    table(heads.map(t), rows, t(say('Nothing was changed.', '没有做任何更改。'))),
    heading(style, 3, t(say('By hand', '手工操作'))),
    list(hands, t(none)),
    heading(style, 3, t(say('Held back and left alone', '排除与未处理的目标'))),
    table(
      [say('Target', '目标'), say('For', '操作'), say('How it stands', '状态'), say('Why', '原因'), say('Entry', '条目')].map(t),
      model.held.map((row) => heldRow(row, style)),
      t(none),
    ),
  ];
}

function outcome({ result, how, code: failure, message, repeats, toldBy }: ActionRow, style: Style): Inline {
  const t = speaker(style);
  const ways = {
    first: say('', ''),
    reconciled: say(', seen by reading', '，读取确认已发生'),
    redone: say(', sent again', '，已重发'),
    told: say(', by the word of', '，凭口述'),
  } as const;
  const word = result === 'open' || result === 'unknown' ? t(say(strong('not known'), strong('未知'))) : t(outcomeWord(result));
  const way = how === undefined ? '' : line`${t(ways[how])}${toldBy === undefined ? '' : line` ${cell(toldBy)}`}`;
  const again = repeats > 0 ? t(say(`, repeats: ${repeats}`, `，重发 ${repeats} 次`)) : '';
  return line`${word}${way}${again}${failure === undefined ? '' : line` ${cell(failure)}`}${message === undefined ? '' : line` ${cell(message, 200)}`}`;
}

function verification({ verified }: ActionRow, style: Style): Inline {
  const t = speaker(style);
  const groups = Map.groupBy(verified, ({ status, note }) => `${status}\n${note?.[style.lang] ?? ''}`);
  const parts = [...groups.values()].map((group): Inline => {
    const [first, ...others] = group;
    if (!first) return '';
    const last = others.at(-1) ?? first;
    const note = first.note === undefined ? '' : line` ${words(style, first.note, 200)}`;
    return line`${t(outcomeWord(first.status))}${others.length === 0 ? '' : ` ×${group.length}`}${note} ${cell(clock(last.at).slice(11))} #${last.seq}`;
  });
  return join(parts, '; ');
}

/** The approving text is our own ASCII by law; shown as it was typed. */
function approval({ askedBy, approved }: ActionRow, style: Style): Inline {
  const t = speaker(style);
  return line`${cell(askedBy)}; ${approved ? line`${cell(approved.by)} "${cell(approved.text, 40)}" #${approved.seq}` : t(say(strong('nobody approved'), strong('无人批准')))}`;
}

function heldRow({ target, label, title, status, by, why, seq }: HeldRow, style: Style): readonly Inline[] {
  const t = speaker(style);
  const ways = { list: say('not ticked in the list', '名单中未勾选'), act: say('dropped when its turn came', '执行时剔除') } as const;
  return [cell(label ?? target, 240), words(style, title, 80), `${t(outcomeWord(status))}, ${t(ways[by])}`, words(style, why), `#${seq}`];
}

export function calls(model: ReportModel, style: Style): readonly Block[] {
  if (model.actions.length === 0) return [];
  return [annex(style, speaker(style)(say('The exact calls', '完整调用'))), code(model.actions.map(({ seq, command }) => `#${seq} ${command}`))];
}

export function undo(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  if (model.undo.length === 0) return [];
  return [
    annex(style, t(say('Undo cards', '撤销卡'))),
    paragraph(
      t(
        say(
          'These changes stand unless a card says who took it back; none is undone by itself. A card is the exact inverse, for a person who asks for it, the last one first. One that enables a key hands it back to whoever holds it.',
          '除卡上注明已撤销者外，以下更改仍然有效，不会自动撤销。每张卡是准确的反向操作，由人决定是否执行，从最后一张开始。重新启用密钥等于把它交还给持有者。',
        ),
      ),
    ),
    code(model.undo.flatMap((card) => cardLines(card, style))),
  ];
}

function cardLines({ card, target, calls, irreversible, incomplete, undone, seq }: UndoCard, style: Style): readonly string[] {
  const t = speaker(style);
  const note =
    undone !== undefined
      ? `${t(say('TAKEN BACK', '已撤销'))}: ${undone.by}, ${clock(undone.at)} #${undone.seq}`
      : irreversible !== undefined
        ? t(irreversible)
        : incomplete !== undefined
          ? `${t(say('UNDO INCOMPLETE', '撤销信息不完整'))}: ${incomplete}`
          : calls.length === 0
            ? t(say('it was so before: nothing to undo', '原本如此，无需撤销'))
            : '';
  return [`# ${t(say('card', '卡'))} ${card}  ${target}  #${seq}${note === '' ? '' : `  ${note}`}`, ...calls.map(({ command }) => command)];
}

export function decisions(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const rows = model.decisions.map(({ at, title, value, label, declined, others, by, via, reason, seconds, seq }) => [
    when(at),
    words(style, title, 120),
    line`${declined ? t(say(strong('declined'), strong('拒绝'))) : label ? words(style, label, 120) : cell(value)}${reason === undefined ? '' : line` — ${cell(reason, 400)}`}`,
    join(
      others.map((other) => words(style, other, 80)),
      '; ',
    ),
    line`${cell(by)}${via === '' ? '' : line` (${cell(via)})`}`,
    seconds === undefined ? '' : span(seconds, style.lang),
    `#${seq}`,
  ]);
  const told = model.notifications.map(({ at, title, who, outcome: end, by, seq }) => [
    when(at),
    words(style, title, 80),
    words(style, who),
    t(outcomeWord(end)),
    cell(by),
    `#${seq}`,
  ]);
  const inputs = model.inputs.map(({ title, label, proposed, by, seq }) => [
    words(style, title, 80),
    words(style, label),
    proposed ? t(say('proposed, not changed', '系统建议，未修改')) : t(say('answered', '填写')),
    cell(by),
    `#${seq}`,
  ]);
  return [
    annex(style, t(say('Decisions', '决定'))),
    table(
      [say('When', '时间'), say('Question', '问题'), say('Answer', '决定'), say('Not taken', '未采用'), say('By', '决定者'), say('Took', '用时'), say('Entry', '条目')].map(t),
      rows,
      t(none),
    ),
    heading(style, 3, t(say('Who was told', '通知'))),
    table(
      [say('When', '时间'), say('What', '内容'), say('Who', '对象'), say('Result', '结果'), say('By', '操作者'), say('Entry', '条目')].map(t),
      told,
      t(say('Nobody, as far as the trail says.', '记录中没有任何通知。')),
    ),
    heading(style, 3, t(say('What was entered', '输入'))),
    table([say('Question', '项目'), say('Value', '内容'), say('How', '方式'), say('By', '操作者'), say('Entry', '条目')].map(t), inputs, t(none)),
  ];
}

export function gaps(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const kinds = { job: say('job', '后台任务'), step: say('step', '步骤') } as const;
  const skips = model.skips.map(({ at, what, title, outcome: end, by, reason, seq }) => [
    when(at),
    t(kinds[what]),
    words(style, title, 120),
    t(outcomeWord(end)),
    cell(reason, 400),
    cell(by),
    `#${seq}`,
  ]);
  const waivers = model.waivers.map(({ at, step, target, reason, by, second, seq }) => [
    when(at),
    cell(target ?? step),
    cell(reason, 400),
    line`${cell(by)}${second === undefined ? '' : line` + ${cell(second)}`}`,
    `#${seq}`,
  ]);
  const failures = model.failures.map(({ at, title, code: failure, message, targets, next, seq }) => [
    when(at),
    words(style, title, 100),
    cell(failure),
    words(style, message),
    cell(some(targets), 400),
    words(style, next),
    `#${seq}`,
  ]);
  return [
    heading(style, 2, t(say('Left out, waived, failed', '跳过、豁免与失败'))),
    heading(style, 3, t(say('Left out', '跳过'))),
    table(
      [say('When', '时间'), say('Kind', '类型'), say('What', '内容'), say('Ended', '结果'), say('Reason', '原因'), say('By', '操作者'), say('Entry', '条目')].map(t),
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
  ];
}
