// What a question says to someone who does not see the screens: the list to approve with its calls, whom to tell and what. Pure.
import type { Pending } from '../engine/pending.ts';
import { current, type Batch, type RunState } from '../engine/frame.ts';
import { contactsFor, noticeIn } from '../engine/notice.ts';
import { clip, type Lang, type Text } from '../text.ts';

/** More rows of a kind than this are counted. */
const mostRows = 8;

/** The question with everything one has to know before answering; foreign text in it is not yet escaped. */
export function questionOf(state: RunState, pending: Pending, lang: Lang): string {
  const frame = current(state);
  const { step, work } = frame;
  const rows = [pending.question[lang]];
  rows.push(...(pending.said ?? []).map((text) => text[lang]));
  if (pending.kind === 'approve' && work.batch?.act !== undefined) rows.push(...batchRows(work.batch, lang));
  if (pending.kind === 'notify' && step.kind === 'notify') {
    const { who, message } = noticeIn(state, frame, step);
    rows.push(`${lang === 'zh' ? '通知' : 'To'}: ${who[lang].trim()}`, ...few(contactsFor(state, step, { at: state.lastAt, lang }), lang), message[lang]);
  }
  return rows.join('\n');
}

function batchRows({ calls, held, warnings }: Batch, lang: Lang): readonly string[] {
  const zh = lang === 'zh';
  const counts = [...Map.groupBy(calls, ({ product, action }) => `${product}:${action}`)].map(([name, same]) => `${same.length} x ${name}`);
  return [
    ...(counts.length === 0 ? [] : [`${zh ? '调用' : 'Calls'}: ${counts.join(', ')}`]),
    ...few(
      (warnings ?? []).map((text) => `${zh ? '注意' : 'Note'}: ${(text as Text)[lang]}`),
      lang,
    ),
    ...few(
      held.map(({ id, why }) => `${zh ? '不在清单内' : 'Not in this list'}: ${id}: ${String(why[lang] ?? '')}`),
      lang,
    ),
  ];
}

function few(rows: readonly string[], lang: Lang): readonly string[] {
  const shown = rows.slice(0, mostRows).map((row) => clip(row, 300));
  return rows.length > mostRows ? [...shown, lang === 'zh' ? `…等 ${rows.length} 项` : `… ${rows.length} in all`] : shown;
}
