// The small pages of a walk: show one and take its reply, read a text, ask for a reason, tick what was held back.
import { giveAnswer, tick } from '../engine/answer.ts';
import { misfit } from '../engine/formats.ts';
import type { Pending } from '../engine/pending.ts';
import { current, stepPath } from '../engine/frame.ts';
import { escapeTerminal } from '../text.ts';
import { heldOf } from './screen-batch.ts';
import { askOf, type Asking } from './screen-layout.ts';
import type { Leaf } from './screen-jobs.ts';
import { heldRows, leafRoom, leafSheet, listRows, turns } from './screen-pages.ts';
import { frameOf, type Sheet } from './screen.ts';
import type { Reply } from './terminal.ts';
import { viewOf, type Walk } from './walkthrough-work.ts';

/** A question being asked: `signal` drops it when it no longer waits. */
export type Asked = { readonly walk: Walk; readonly signal: AbortSignal };

/** Shows a sheet and takes the reply. */
export async function show({ walk, signal }: Asked, sheet: Sheet): Promise<Reply> {
  const reply = await walk.terminal.prompt({ ask: askOf(sheet.place), keys: sheet.keys, signal, render: (size, typing) => frameOf(viewOf(walk), sheet, size, typing) });
  if (reply.kind !== 'dropped') walk.notice = undefined;
  return reply;
}

/** Shows a text, a window at a time, until it is left. */
export async function read(asked: Asked, leaf: Leaf): Promise<void> {
  const { walk } = asked;
  let offset = 0;
  let room = 1;
  let length = 0;
  const counted: Leaf = {
    title: leaf.title,
    rows: (view, columns) => {
      const rows = leaf.rows(view, columns);
      length = rows.length;
      return rows;
    },
  };
  const sheet = leafSheet(counted, () => offset);
  for (;;) {
    const reply = await show(asked, { ...sheet, body: (view, size) => ((room = leafRoom(size.rows)), sheet.body(view, size)) });
    if (reply.kind !== 'key' || (turns.leave as readonly string[]).includes(reply.key) || walk.session.run.state.closed) return;
    const by = reply.key === turns.up ? -1 : reply.key === turns.down ? 1 : (turns.backward as readonly string[]).includes(reply.key) ? -room : room;
    offset = Math.max(0, Math.min(length - room, offset + by));
  }
}

/** One line of reason; undefined when the person goes back. */
export async function askReason(asked: Asked, title: string, step: string, hint?: string): Promise<string | undefined> {
  const { words } = asked.walk;
  const place: Asking = { kind: 'line', hint: hint ?? words.reasonHint, empty: '', check: (value) => (misfit(value, 'line') === undefined ? undefined : words.empty) };
  const reply = await show(asked, { title, tag: step, keys: [], place, body: () => [] });
  return reply.kind === 'value' && reply.value !== '' ? reply.value : undefined;
}

/** A second person at this very terminal: their name, then the text by their own hand. Undefined: they went back. */
export async function askSecond(asked: Asked, pending: Pending): Promise<(() => Promise<void>) | undefined> {
  const { words, session } = asked.walk;
  const { step, expects } = pending;
  const text = expects?.text ?? '';
  const second = await askReason(asked, words.second.who, step, words.second.whoHint);
  if (second === undefined) return undefined;
  const place: Asking = {
    kind: 'line',
    tone: 'loss',
    hint: words.second.typesHint(text),
    empty: '',
    check: (value) => (value.trim() === text ? undefined : words.second.wrong(text)),
  };
  const reply = await show(asked, {
    title: words.second.types(escapeTerminal(second, { most: 64 })),
    tag: step,
    keys: [],
    place,
    body: (view, { columns }) => listRows(view, columns),
  });
  if (reply.kind !== 'value' || reply.value === '') return undefined;
  return () => giveAnswer(session.run, { step, value: text, via: 'terminal', lang: session.shell.lang, second });
}

/** Ticks and unticks held-back targets: the list and its text change, nothing is done. Undefined: nothing changed. */
export async function tickHeld(asked: Asked): Promise<(() => Promise<void>) | undefined> {
  const { walk } = asked;
  const { words, session } = walk;
  const { run } = session;
  const { batch } = current(run.state).work;
  if (!batch) return undefined;
  const held = heldOf(viewOf(walk), batch);
  const place: Asking = {
    kind: 'line',
    hint: words.tick.hint,
    empty: '',
    check: (value) => (value === 'b' || numbersIn(value, held.length).length > 0 ? undefined : words.tick.wrong),
  };
  const reply = await show(asked, { title: words.tick.title, tag: stepPath(current(run.state)), keys: [], place, body: (view, { columns }) => heldRows(view, columns) });
  if (reply.kind !== 'value' || reply.value === '' || reply.value === 'b') return undefined;
  const toggled = new Set(numbersIn(reply.value, held.length).map((nth) => held[nth - 1]?.id));
  const wanted = held.filter(({ id, ticked }) => ticked !== toggled.has(id)).map(({ id }) => id);
  return async () => {
    await tick(run, wanted);
    const fresh = current(run.state).work.batch;
    const refused = fresh === undefined ? [] : fresh.held.filter(({ id }) => wanted.includes(id)).map(({ id }) => id);
    walk.notice = refused.length > 0 ? `${escapeTerminal(refused.join(', '))}: ${words.tick.fixed}` : words.tick.changed(fresh?.text ?? '');
  };
}

/** `1 3-5` as numbers up to `most`; empty when any part is not one. */
function numbersIn(value: string, most: number): readonly number[] {
  const parts = value
    .normalize('NFKC')
    .split(/[\s,、]+/u)
    .filter((part) => part !== '');
  const found = parts.map((part) => {
    const [, from, to = from] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
    const [low, high] = [Number(from), Number(to)];
    return low >= 1 && high <= most && low <= high ? Array.from({ length: high - low + 1 }, (_, nth) => low + nth) : undefined;
  });
  return found.some((each) => each === undefined) ? [] : found.flatMap((each) => each ?? []);
}
