// The screen of the question that waits: one per kind of pending, built from the run alone. Pure.
import { acceptValue, type Pending } from '../engine/pending.ts';
import { current, type Frame } from '../engine/frame.ts';
import { contactsFor, noticeIn } from '../engine/notice.ts';
import { Fault } from '../errors.ts';
import { escapeTerminal, type Lang } from '../text.ts';
import { actOf, batchBody, callRows, heldOf } from './screen-batch.ts';
import { newFindings } from './screen-findings.ts';
import { layout, roomOf, type Asking, type Choice, type Line, type Screen } from './screen-layout.ts';
import { proposalFor } from './screen-proposals.ts';
import { clockOf, jobsRow, keysRow, span, statusRows, type View } from './screen-status.ts';
import { clip, width, wrap } from './screen-text.ts';
import { timerRow } from './screen-timers.ts';
import type { Frame as Painted, Size, Typing } from './terminal.ts';
import { wordsOf, type Words } from './words.ts';

/** One screen as it will be filled: what stands between the two rows above and the two below, and where the person acts. */
export type Sheet = {
  readonly title: string;
  /** At the right end of the title row. */
  readonly tag: string;
  readonly keys: readonly string[];
  readonly place: Asking;
  body(view: View, room: Size): readonly Line[];
  /** The last row, when it is not made of `keys`. */
  foot?(view: View, room: Size): string;
};

/** On the question's own screen; `d` lists them all. */
const mostContacts = 4;

/** The question with everything needed to answer it. */
export function sheetOf(view: View, pending: Pending): Sheet {
  const [title = '', ...paragraphs] = escapeTerminal(pending.question[view.lang], { lines: true }).split('\n');
  return {
    title,
    tag: pending.step,
    keys: keysFor(view, pending),
    place: placeOf(view, pending, wordsOf(view.lang)),
    // A title too long for its row is said in full below it.
    body: (now, room) => bodyOf(now, pending, width(title) > room.columns - width(pending.step) - 1 ? [title, '', ...paragraphs] : paragraphs, room),
  };
}

/** The sheet with the standing rows around it, in a window of any size; a notice comes first. */
export function frameOf(view: View, sheet: Sheet, size: Size, typing?: Typing): Painted {
  const words = wordsOf(view.lang);
  const columns = roomOf(size);
  const room = { columns, rows: size.rows };
  const notice: readonly Line[] =
    view.notice === undefined ? [] : [...wrap(escapeTerminal(view.notice), columns - 2).map((text): Line => ({ text: `  ${text}`, tone: 'strong' })), ''];
  const timers = timerRow(view, columns);
  const screen: Screen = {
    status: statusRows(view, columns),
    ...(timers === undefined ? {} : { timers: { text: timers.text, tone: timers.late ? 'strong' : 'plain' } }),
    title: sheet.title,
    tag: sheet.tag,
    body: [...notice, ...sheet.body(view, room)],
    jobs: jobsRow(view, columns),
    keys: sheet.foot?.(view, room) ?? keysRow(sheet.keys, sheet.place.kind === 'line' && sheet.keys.length > 0 ? words.letterEnter : '', columns, words),
    more: words.moreRows,
  };
  return layout(screen, sheet.place, size, typing);
}

/** Which single keys make sense here. */
function keysFor(view: View, pending: Pending): readonly string[] {
  const frame = current(view.state);
  const batch = pending.kind === 'approve' && frame.work.batch?.act !== undefined ? frame.work.batch : undefined;
  const keys: string[] = [];
  if (batch !== undefined && heldOf(view, batch).length > 0) keys.push('v');
  if (callsOf(view).length > 0) keys.push('c');
  keys.push('d');
  if (actOf(view)) keys.push('h');
  if (canSkip(view, pending)) keys.push('s');
  if (canWaive(view, pending)) keys.push('w');
  if (pending.two?.first !== undefined) keys.unshift('p', 'r', ...(pending.two.waivedBy === undefined ? ['w'] : view.jumps === true ? ['+'] : []));
  if (beforeCut(frame)) keys.push('!');
  if (offersFalseAlarm(view, pending)) keys.push('f');
  return [...keys, 'j', '?', 'q'];
}

/** The cut's approval was not reached yet. */
export function beforeCut({ runbook, visits }: Frame): boolean {
  return runbook.cut !== undefined && visits[runbook.cut] === undefined;
}

function isInput({ step }: Pending): boolean {
  return /(^|\/)input\./.test(step);
}

function canSkip(view: View, pending: Pending): boolean {
  const { step } = current(view.state);
  if (isInput(pending) || pending.kind === 'in-doubt' || step.kind === 'end') return false;
  return step.skip !== false;
}

/** Evidence that failed for some targets may be waived with a reason (law 4). */
function canWaive(view: View, pending: Pending): boolean {
  const { step } = current(view.state);
  return pending.kind === 'failed' && (pending.targets ?? []).length > 0 && (step.kind === 'collect' || step.kind === 'act');
}

/** The step where "no" leads, or this one, offers `false-alarm`. */
export function offersFalseAlarm(view: View, pending: Pending): boolean {
  const frame = current(view.state);
  if (pending.kind === 'decide') return (pending.choices ?? []).includes('false-alarm');
  if (pending.kind !== 'approve' || frame.step.kind !== 'approve') return false;
  const next = frame.steps.get(frame.step.on.declined);
  return next?.kind === 'decide' && next.choices['false-alarm'] !== undefined;
}

/** The calls this question would make, one readable row each. */
export function callsOf(view: View): readonly string[] {
  const { work } = current(view.state);
  return work.batch ? callRows(work.batch) : [];
}

function bodyOf(view: View, pending: Pending, paragraphs: readonly string[], room: Size): readonly Line[] {
  const { columns } = room;
  const words = wordsOf(view.lang);
  const frame = current(view.state);
  const prose = paragraphs.flatMap((text) => wrap(text, columns - 2)).map((text) => `  ${text}`);
  const { step, work } = frame;
  switch (pending.kind) {
    case 'approve':
      return [...saidRows(view, pending, columns), ...(work.batch ? batchBody(view, work.batch, paragraphs, room) : prose)];
    case 'notify':
      return [...saidRows(view, pending, columns), ...prose, ...(step.kind === 'notify' ? messageRows(view, columns) : [])];
    case 'watch':
      return [
        ...prose,
        '',
        ...dueRows(view, pending)
          .flatMap((text) => wrap(text, columns - 2))
          .map((text) => `  ${text}`),
      ];
    case 'failed':
    case 'in-doubt':
      return [...prose, '', ...(pending.targets ?? []).map((id) => `    ${escapeTerminal(id)}`)];
    case 'manual':
      return [...prose, ...(step.kind === 'act' ? ['', ...(pending.targets ?? []).map((id) => `    ${escapeTerminal(id)}`), '', ...consoleRows(view, columns)] : [])];
    default:
      return [...(isInput(pending) ? briefRows(view, columns) : []), ...prose, ...newFindings(view, words)];
  }
}

/** What has come of the question so far, before everything else: it is what has changed. */
function saidRows({ lang }: View, { said }: Pending, columns: number): readonly Line[] {
  return (said ?? []).flatMap((text) => wrap(escapeTerminal(text[lang]), columns - 2)).map((text): Line => ({ text: `  ${text}`, tone: 'strong' }));
}

function briefRows({ brief }: View, columns: number): readonly Line[] {
  return brief === undefined ? [] : [...wrap(escapeTerminal(brief.trim(), { lines: true }), columns - 2).map((text) => `  ${text}`), ''];
}

function messageRows(view: View, columns: number): readonly Line[] {
  const words = wordsOf(view.lang);
  const frame = current(view.state);
  const { step } = frame;
  if (step.kind !== 'notify') return [];
  const notice = noticeIn(view.state, frame, step);
  const message = escapeTerminal(notice.message[view.lang], { lines: true });
  const contacts = contactsFor(view.state, step, { at: view.now, lang: view.lang }).map((text) => clip(escapeTerminal(text), columns - 4));
  return [
    '',
    ...wrap(words.to(escapeTerminal(notice.who[view.lang])), columns - 2, 4).map((text) => `  ${text}`),
    ...contacts.slice(0, mostContacts).map((text) => `    ${text}`),
    ...(contacts.length > mostContacts ? [`    ${words.moreContacts(contacts.length - mostContacts)}`] : []),
    '',
    `  ${words.toCopy}`,
    ...message
      .split('\n')
      .flatMap((line) => wrap(line, columns - 4))
      .map((text): Line => ({ text: `    ${text}`, tone: 'strong' })),
  ];
}

function consoleRows(view: View, columns: number): readonly Line[] {
  const acting = actOf(view);
  if (!acting) return [];
  return wrap(wordsOf(view.lang).consolePath(acting.action.console[view.lang]), columns - 2, 2).map((text) => `  ${text}`);
}

function dueRows(view: View, { dueAt }: Pending): readonly string[] {
  const words = wordsOf(view.lang);
  const when = dueAt === undefined ? words.watching.now : dueAt <= view.now ? words.watching.now : words.watching.due(`${clockOf(dueAt)} UTC+8`, span(dueAt, view.now, words));
  return [...watchNotes(view), when, words.watching.text];
}

/** What the watches say of themselves. */
function watchNotes(view: View): readonly string[] {
  return view.state.frames.flatMap((frame) =>
    Object.values(frame.jobs).flatMap((job) => {
      const note = frame.steps.get(job.job)?.kind === 'watch' && job.status === 'running' ? (job.progress?.['note'] as Readonly<Record<Lang, string>> | undefined) : undefined;
      return note === undefined ? [] : [escapeTerminal(note[view.lang])];
    }),
  );
}

function placeOf(view: View, pending: Pending, words: Words): Asking {
  const { step, work } = current(view.state);
  if (pending.kind === 'approve') {
    const text = pending.expects?.text ?? '';
    const acting = work.batch?.act !== undefined;
    return {
      kind: 'line',
      tone: actOf(view)?.action.class === 'R1' || !acting ? 'strong' : 'loss',
      hint: acting ? words.approve(text) : words.confirm(text.length),
      check: (value) => fits(pending, value, view.lang, acting ? words.notApproved(text) : words.notConfirmed),
    };
  }
  if (pending.choices) {
    const said = words.choices[pending.kind] ?? {};
    const values = pending.kind === 'watch' && view.jumps === true ? pending.choices.flatMap((value) => (value === 'wait' ? [value, 'jump'] : [value])) : pending.choices;
    const choices = values.map((value): Choice => {
      const note = step.kind === 'decide' ? step.choices[value]?.note?.[view.lang] : undefined;
      return { value, label: escapeTerminal(pending.labels?.[value]?.[view.lang] ?? said[value] ?? value), ...(note === undefined ? {} : { note: escapeTerminal(note) }) };
    });
    const closed = (pending.closed ?? []).map(({ choice, why }): Choice => ({
      value: choice,
      label: escapeTerminal(pending.labels?.[choice]?.[view.lang] ?? choice),
      closed: escapeTerminal(why[view.lang]),
    }));
    return { kind: 'choice', choices: [...choices, ...closed], unpicked: words.unpicked, hint: words.choose };
  }
  const example = pending.expects?.example ?? '';
  const proposal = proposalFor(view.state, pending);
  return {
    kind: 'line',
    hint: proposal === undefined ? words.lineHint(example) : words.proposes(escapeTerminal(proposal)),
    ...(proposal === undefined ? {} : { empty: proposal }),
    check: (value) => (value === '' ? words.empty : fits(pending, value, view.lang, words.misfit(escapeTerminal(value.slice(0, 40)), example))),
  };
}

/** Undefined when the engine would take the value; otherwise why not, in the person's language. */
function fits(pending: Pending, value: string, lang: Lang, why: string): string | undefined {
  try {
    acceptValue(pending, value, lang);
    return undefined;
  } catch (cause) {
    if (cause instanceof Fault) return why;
    throw cause;
  }
}
