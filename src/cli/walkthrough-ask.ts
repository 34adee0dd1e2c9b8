// One question put to a person: its screen, its keys, and what the reply means. Decides nothing the engine decides.
import { giveAnswer, giveInput, jump, skip, tick, waive, type Via } from '../engine/answer.ts';
import type { Stop } from '../engine/drive.ts';
import { misfit, pendingOf, type Pending } from '../engine/pending.ts';
import { current, stepPath } from '../engine/state.ts';
import { shortcuts } from '../runbook/shortcut.ts';
import { escapeTerminal } from '../text.ts';
import { heldOf } from './screen-batch.ts';
import { askOf, layout, roomOf, type Asking, type Line } from './screen-layout.ts';
import { byHandLeaf, callsLeaf, detailLeaf, heldRows, helpLeaf, jobsLeaf, leafScreen, waitingKeys, waitingScreen, type Leaf } from './screen-pages.ts';
import { proposalAsking, proposalRows, proposedInputs, type Proposed } from './screen-proposals.ts';
import { offersFalseAlarm, pageOf, screenOf } from './screen.ts';
import { asking as askBetween, jobInTheWay, viewOf, type Walk } from './walkthrough-work.ts';
import type { Reply } from './terminal.ts';

/** What to do next, under the drive lock. `undefined`: nothing; look again at what waits. */
export type Move = (() => Promise<void>) | 'quit' | undefined;

const again: Move = undefined;

/** Puts what waits to the person. */
export async function askNext(walk: Walk, stop: Stop): Promise<Move> {
  const { state } = walk.session.run;
  const pending = pendingOf(state);
  if (!pending) return stop.state === 'watching' || jobInTheWay(state) !== undefined ? waitHere(walk, stop.state === 'watching' ? stop.until : undefined) : again;
  if (pending.kind === 'watch' && walk.waiting === pending.step) return waitHere(walk, undefined);
  if (pending.kind === 'watch' && walk.jumping === pending.step) return watchOn(walk, pending, 'jump');
  walk.waiting = undefined;
  walk.jumping = undefined;
  const proposed = proposedInputs(state, walk.session.shell.lang, walk.session.shell.by);
  if (walk.toCut && proposed.length > 0) return takeAll(walk, proposed);
  const ahead = walk.toCut ? towardsCut(walk) : walk.toFalseAlarm ? towardsFalseAlarm(walk, pending) : undefined;
  if (ahead) return ahead;
  return proposed.length > 0 ? askProposals(walk, proposed) : askPending(walk, pending);
}

async function askPending(walk: Walk, pending: Pending): Promise<Move> {
  const { asking, keys } = pageOf(viewOf(walk), pending, 80);
  const reply = await show(walk, asking, keys, (columns) => pageOf(viewOf(walk), pending, columns).screen);
  if (reply.kind === 'dropped') return again;
  if (reply.kind === 'key') return press(walk, pending, reply.key);
  if (pending.kind === 'watch') return watchOn(walk, pending, reply.value);
  if (pending.kind === 'failed' && reply.value === 'waive') return press(walk, pending, 'w');
  return answer(walk, pending, reply.value, asking.kind === 'line' && reply.value === asking.empty ? 'proposal' : 'terminal');
}

function answer(walk: Walk, { step }: Pending, value: string, via: Via = 'terminal'): Move {
  const { run, shell } = walk.session;
  return () => giveAnswer(run, { step, value, via, lang: shell.lang });
}

/** Shows one screen with its place to act, jobs going on behind it. */
async function show(walk: Walk, asking: Asking, keys: readonly string[], screen: (columns: number, rows: number) => ReturnType<typeof waitingScreen>, until?: string): Promise<Reply> {
  return askBetween(
    walk,
    (signal) => walk.terminal.prompt({ ask: askOf(asking), keys, signal, render: (size, typing) => layout(screen(roomOf(size), size.rows), asking, size, typing) }),
    until,
  );
}

/** A single key. Pages come back to the question; the rest moves the case, each with its reason on record. */
async function press(walk: Walk, pending: Pending, key: string): Promise<Move> {
  const { words, session } = walk;
  const { run } = session;
  switch (key) {
    case 'q':
      return 'quit';
    case '?':
      return read(walk, helpLeaf(words));
    case 'c':
      return read(walk, callsLeaf(words));
    case 'd':
      return read(walk, detailLeaf(words));
    case 'h':
      return pending.kind === 'failed' && (pending.choices ?? []).includes('by-hand') ? answer(walk, pending, 'by-hand') : read(walk, byHandLeaf(words));
    case 'j': {
      const move = await read(walk, jobsLeaf(words));
      walk.seen = run.state.findings.length;
      return move;
    }
    case 'v':
      return tickHeld(walk);
    case 's': {
      const reason = await askReason(walk, words.skipTitle, pending.step);
      return reason === undefined ? again : () => skip(run, pending.step, reason);
    }
    case 'w': {
      const reason = await askReason(walk, words.waiveTitle, pending.step);
      return reason === undefined ? again : () => waive(run, pending.step, reason);
    }
    case '!':
      walk.toCut = true;
      return again;
    case 'f':
      walk.toFalseAlarm = true;
      return again;
    default:
      return again;
  }
}

/** Shows a text a window at a time until it is left. */
async function read(walk: Walk, leaf: Leaf): Promise<Move> {
  let offset = 0;
  let room = 16;
  for (;;) {
    const reply = await show(walk, { kind: 'key' }, ['b', 'q', 'return', 'escape', 'space', 'up', 'down', 'pageup', 'pagedown', 'left', 'right'], (columns, rows) => {
      room = Math.max(3, rows - 8);
      return leafScreen(viewOf(walk), leaf, { columns, rows: room, offset });
    });
    if (reply.kind !== 'key' || ['b', 'q', 'return', 'escape'].includes(reply.key)) return again;
    const by = { up: -1, down: 1, pageup: -room, left: -room }[reply.key] ?? room;
    const most = Math.max(0, leaf.rows(viewOf(walk), 80).length - room);
    offset = Math.max(0, Math.min(most, offset + by));
  }
}

async function askReason(walk: Walk, title: string, step: string): Promise<string | undefined> {
  const { words } = walk;
  const asking: Asking = { kind: 'line', hint: words.reasonHint, empty: '', check: (value) => (misfit(value, 'line') === undefined ? undefined : words.empty) };
  const reply = await show(walk, asking, [], (columns) => screenOf(viewOf(walk), { title, tag: step, body: [], keys: [], asking }, columns));
  return reply.kind === 'value' && reply.value !== '' ? reply.value : undefined;
}

/** Ticks and unticks held-back targets: the list and its text change, nothing is done. */
async function tickHeld(walk: Walk): Promise<Move> {
  const { words, session } = walk;
  const { run } = session;
  const batch = current(run.state).work.batch;
  if (!batch) return again;
  const held = heldOf(viewOf(walk), batch);
  const asking: Asking = { kind: 'line', hint: words.tick.hint, empty: '', check: (value) => (numbersIn(value, held.length).length > 0 ? undefined : words.tick.wrong) };
  const reply = await show(walk, asking, [], (columns) => screenOf(viewOf(walk), { title: words.tick.title, tag: stepPath(current(run.state)), body: heldRows(viewOf(walk), columns), keys: [], asking }, columns));
  if (reply.kind !== 'value' || reply.value === '') return again;
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
  const parts = value.normalize('NFKC').split(/[\s,，、]+/u).filter((part) => part !== '');
  const found = parts.map((part) => {
    const [, from, to = from] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
    const [low, high] = [Number(from), Number(to)];
    return low >= 1 && high <= most && low <= high ? Array.from({ length: high - low + 1 }, (_, nth) => low + nth) : undefined;
  });
  return found.some((each) => each === undefined) ? [] : found.flatMap((each) => each ?? []);
}

async function askProposals(walk: Walk, proposed: readonly Proposed[]): Promise<Move> {
  const { words, session } = walk;
  const frame = current(session.run.state);
  const asking = proposalAsking(viewOf(walk), proposed);
  const keys = frame.runbook.cut === undefined ? ['?', 'q'] : ['!', '?', 'q'];
  const tag = stepPath(frame, 'input');
  const reply = await show(walk, asking, keys, (columns) => screenOf(viewOf(walk), { title: words.proposals.title, tag, body: proposalRows(viewOf(walk), proposed), keys, asking }, columns));
  if (reply.kind === 'dropped') return again;
  if (reply.kind === 'key') return reply.key === '?' ? read(walk, helpLeaf(words)) : reply.key === 'q' ? 'quit' : press(walk, { step: tag } as Pending, reply.key);
  return reply.value === 'all' ? takeAll(walk, proposed) : changeOne(walk, proposed[Number(reply.value) - 1]);
}

function takeAll({ session }: Walk, proposed: readonly Proposed[]): Move {
  return async () => {
    for (const { name, value, given } of proposed) if (!given) await giveInput(session.run, name, value, 'proposal');
  };
}

async function changeOne(walk: Walk, one: Proposed | undefined): Promise<Move> {
  const { words, session } = walk;
  const input = current(session.run.state).runbook.inputs[one?.name ?? ''];
  if (!one || !input) return again;
  const asking: Asking = input.choices
    ? { kind: 'choice', choices: input.choices.map((value) => ({ value, label: value })), unpicked: words.unpicked, hint: words.choose }
    : {
        kind: 'line',
        hint: words.lineHint(input.example),
        initial: one.value,
        check: (value) => (misfit(value, input.format) === undefined ? undefined : words.misfit(escapeTerminal(value.slice(0, 40)), input.example)),
      };
  const body: readonly Line[] = [];
  const reply = await show(walk, asking, [], (columns) => screenOf(viewOf(walk), { title: escapeTerminal(one.title), tag: `input.${one.name}`, body, keys: [], asking }, columns));
  return reply.kind === 'value' ? () => giveInput(session.run, one.name, reply.value, 'terminal') : again;
}

/** A watch: it looks by itself when due; in a drill the clock may jump from look to look until it ends. */
function watchOn(walk: Walk, pending: Pending, value: string): Move {
  if (value !== 'jump') {
    if (value === 'wait') walk.waiting = pending.step;
    return answer(walk, pending, value);
  }
  const { session } = walk;
  walk.jumping = pending.step;
  return async () => {
    const due = pendingOf(session.run.state)?.dueAt;
    if (due === undefined || !session.range) return;
    await session.range.clock.jumpTo(new Date(due), `jumped to the next look of ${pending.step}`);
  };
}

/** Waits without a question: the jobs go on, the time comes, or the person leaves. */
async function waitHere(walk: Walk, until: string | undefined): Promise<Move> {
  const { session, words } = walk;
  const { state } = session.run;
  const job = jobInTheWay(state);
  const due = (): string | undefined => until ?? pendingOf(session.run.state)?.dueAt;
  const reply = await show(walk, { kind: 'key' }, waitingKeys(current(state)), (columns) => waitingScreen(viewOf(walk), due(), columns), until);
  if (reply.kind !== 'key') return again;
  if (reply.key === 'b') walk.waiting = undefined;
  if (reply.key === 's' && job !== undefined) {
    const step = stepPath(current(state), job);
    const reason = await askReason(walk, words.skipTitle, step);
    return reason === undefined ? again : () => skip(session.run, step, reason);
  }
  return reply.key === 'q' || reply.key === 'j' || reply.key === '?' ? press(walk, { step: '' } as Pending, reply.key) : again;
}

/** One step nearer to the cut; undefined when this very question stands in the way. */
function towardsCut(walk: Walk): Move {
  const { session, words } = walk;
  const { run } = session;
  const frame = current(run.state);
  const { cut } = frame.runbook;
  if (cut === undefined || frame.visits[cut] !== undefined) {
    walk.toCut = false;
    walk.notice = frame.step.id === cut ? undefined : words.noCut;
    return undefined;
  }
  const to = frame.work.started || frame.visits[frame.step.id] !== undefined ? shortcuts(frame.runbook).get(frame.step.id) : undefined;
  if (to === undefined) {
    walk.notice = words.cutStops;
    return undefined;
  }
  return () => jump(run, stepPath(frame, to), words.cutReason);
}

function towardsFalseAlarm(walk: Walk, pending: Pending): Move {
  const leads = offersFalseAlarm(viewOf(walk), pending);
  if (!leads || pending.kind === 'decide') walk.toFalseAlarm = false;
  if (!leads) return undefined;
  return answer(walk, pending, pending.kind === 'decide' ? 'false-alarm' : 'no');
}
