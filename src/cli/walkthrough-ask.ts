// One question put to a person: which screen, and what the reply means. Decides nothing the engine decides.
import { giveAnswer, giveInput, jump, skip, waive, type Via } from '../engine/answer.ts';
import type { Stop } from '../engine/drive.ts';
import { misfit } from '../engine/formats.ts';
import { neededJobs, pendingOf, type Pending } from '../engine/pending.ts';
import { current, stepPath } from '../engine/frame.ts';
import { shortcuts } from '../runbook/shortcut.ts';
import { escapeTerminal } from '../text.ts';
import type { Asking } from './screen-layout.ts';
import { jobsLeaf } from './screen-jobs.ts';
import { byHandLeaf, callsLeaf, detailLeaf, helpLeaf, requestLeaf, waitingSheet } from './screen-pages.ts';
import { proposalAsking, proposalRows, proposedInputs, type Proposed } from './screen-proposals.ts';
import { offersFalseAlarm, sheetOf } from './screen.ts';
import { askReason, askSecond, read, show, tickHeld, type Asked } from './walkthrough-pages.ts';
import { asking, jobInTheWay, lookAgainAt, viewOf, type Walk } from './walkthrough-work.ts';

/** What to do next, under the drive lock. `again`: nothing was decided, or something else waits by now. */
export type Move = (() => Promise<void>) | 'quit' | 'again';

const minuteMs = 60_000;

/** Puts what waits to the person, while the jobs go on. */
export function askNext(walk: Walk, stop: Stop): Promise<Move> {
  const until = pendingOf(walk.session.run.state) !== null ? undefined : stop.state === 'watching' ? stop.until : lookAgainAt(walk);
  return asking(walk, until, (signal) => ask({ walk, signal }, until));
}

async function ask(asked: Asked, until: string | undefined): Promise<Move> {
  const { walk } = asked;
  const { run, shell } = walk.session;
  const pending = pendingOf(run.state);
  if (!pending) return until !== undefined || jobInTheWay(run.state) !== undefined ? waitHere(asked, until) : 'again';
  const watched = pending.kind === 'watch' ? pending.step : undefined;
  if (watched !== undefined && walk.waiting === watched) return waitHere(asked, undefined);
  if (watched !== undefined && walk.jumping === watched) return jumpOn(walk, watched);
  walk.waiting = undefined;
  walk.jumping = undefined;
  const proposed = proposedInputs(run.state, shell.lang, shell.by);
  if (walk.toCut && proposed.length > 0) return takeAll(walk, proposed);
  const ahead = walk.toCut ? towardsCut(walk) : walk.toFalseAlarm ? towardsFalseAlarm(walk, pending) : undefined;
  if (ahead) return ahead;
  return proposed.length > 0 ? askProposals(asked, proposed) : askPending(asked, pending);
}

async function askPending(asked: Asked, pending: Pending): Promise<Move> {
  const { walk } = asked;
  for (;;) {
    const sheet = sheetOf(viewOf(walk), pending);
    const reply = await show(asked, sheet);
    if (reply.kind === 'dropped') return 'again';
    if (reply.kind === 'key') {
      const move = await press(asked, pending, reply.key);
      if (move === undefined && !asked.signal.aborted) continue;
      return move ?? 'again';
    }
    if (pending.kind === 'watch' && reply.value === 'jump') return jumpOn(walk, pending.step);
    if (pending.kind === 'watch' && reply.value === 'wait') walk.waiting = pending.step;
    return answer(walk, pending, reply.value, sheet.place.kind === 'line' && reply.value === sheet.place.empty ? 'proposal' : 'terminal');
  }
}

function answer({ session }: Walk, { step }: Pending, value: string, via: Via = 'terminal'): Move {
  return () => giveAnswer(session.run, { step, value, via, lang: session.shell.lang });
}

/** A single key. Pages come back to the question (undefined); the rest moves the case, each with its reason on record. */
async function press(asked: Asked, pending: Pending, key: string): Promise<Move | undefined> {
  const { walk } = asked;
  const { words, session } = walk;
  const { run } = session;
  switch (key) {
    case 'q':
      return 'quit';
    case '?':
      return void (await read(asked, helpLeaf(words)));
    case 'c':
      return void (await read(asked, callsLeaf(words)));
    case 'd':
      return void (await read(asked, detailLeaf(words)));
    case 'h':
      return pending.kind === 'failed' && (pending.choices ?? []).includes('by-hand') ? answer(walk, pending, 'by-hand') : void (await read(asked, byHandLeaf(words)));
    case 'j':
      await read(asked, jobsLeaf(words));
      walk.seen = run.state.findings.length;
      return undefined;
    case 'v':
      return tickHeld(asked);
    case 's': {
      const reason = await askReason(asked, words.skipTitle, pending.step);
      return reason === undefined ? undefined : () => skip(run, pending.step, reason);
    }
    case 'p':
      return askSecond(asked, pending);
    case 'r':
      return void (await read(asked, requestLeaf(words)));
    case '+':
      return async () => session.range?.clock.jumpTo(new Date(pending.dueAt ?? session.clock.now()), words.second.ripen);
    case 'w': {
      const reason = await (pending.two ? askReason(asked, words.second.waiveTitle, pending.step, words.second.waiveHint) : askReason(asked, words.waiveTitle, pending.step));
      return reason === undefined ? undefined : () => waive(run, pending.step, reason);
    }
    case '!':
      walk.toCut = true;
      return 'again';
    case 'f':
      walk.toFalseAlarm = true;
      return 'again';
    default:
      return undefined;
  }
}

/** All proposed inputs on one screen: Enter takes them as shown. */
async function askProposals(asked: Asked, proposed: readonly Proposed[]): Promise<Move> {
  const { walk } = asked;
  const { words, session } = walk;
  const frame = current(session.run.state);
  const tag = stepPath(frame, 'input');
  const view = viewOf(walk);
  const keys = frame.runbook.cut === undefined ? ['d', '?', 'q'] : ['d', '!', '?', 'q'];
  for (;;) {
    const reply = await show(asked, { title: words.proposals.title, tag, keys, place: proposalAsking(view, proposed), body: (now) => proposalRows(now, proposed) });
    if (reply.kind === 'dropped') return 'again';
    if (reply.kind === 'value') return reply.value === 'all' ? takeAll(walk, proposed) : changeOne(asked, proposed[Number(reply.value) - 1]);
    const move = await press(asked, { step: tag, kind: 'ask', question: { en: '', zh: '' }, visit: 1 }, reply.key);
    if (move !== undefined) return move;
  }
}

function takeAll({ session }: Walk, proposed: readonly Proposed[]): Move {
  return async () => {
    for (const { name, value, given } of proposed) if (!given) await giveInput(session.run, name, value, 'proposal');
  };
}

async function changeOne(asked: Asked, one: Proposed | undefined): Promise<Move> {
  const { words, session } = asked.walk;
  const input = current(session.run.state).runbook.inputs[one?.name ?? ''];
  if (!one || !input) return 'again';
  const place: Asking = input.choices
    ? {
        kind: 'choice',
        choices: Object.entries(input.choices).map(([value, label]) => ({ value, label: label[session.run.state.opened.lang === 'zh' ? 'zh' : 'en'] })),
        unpicked: words.unpicked,
        hint: words.choose,
      }
    : {
        kind: 'line',
        hint: words.lineHint(input.example),
        initial: one.value,
        check: (value) => (misfit(value, input.format) === undefined ? undefined : words.misfit(escapeTerminal(value.slice(0, 40)), input.example)),
      };
  const reply = await show(asked, { title: escapeTerminal(one.title), tag: `input.${one.name}`, keys: [], place, body: () => [] });
  return reply.kind === 'value' ? () => giveInput(session.run, one.name, reply.value, 'terminal') : 'again';
}

/** A drill's clock goes to the end this watch now foresees, and on, until it ends. */
function jumpOn(walk: Walk, watched: string): Move {
  const { run, range, clock } = walk.session;
  walk.jumping = watched;
  return async () => {
    const due = pendingOf(run.state)?.dueAt;
    if (due === undefined) return;
    const { progress } = neededJobs(current(run.state)).find(({ status }) => status === 'running') ?? {};
    const foreseen = clock.now().getTime() + 1000 * (Number(progress?.['total'] ?? 0) - Number(progress?.['done'] ?? 0));
    await range?.clock.jumpTo(new Date(Math.max(Date.parse(due), foreseen)), `jumped to the end of ${watched}`);
  };
}

function aheadBy({ session }: Walk, ms: number): Move {
  return async () => session.range?.clock.jumpTo(new Date(session.clock.now().getTime() + ms), 'moved on by a person');
}

/** Waits without a question: the jobs go on, the time comes, or the person leaves. */
async function waitHere(asked: Asked, until: string | undefined): Promise<Move> {
  const { walk } = asked;
  const { run } = walk.session;
  const due = (): string | undefined => until ?? pendingOf(run.state)?.dueAt;
  for (;;) {
    const reply = await show(asked, waitingSheet(viewOf(walk), due));
    if (reply.kind !== 'key') return 'again';
    if (reply.key === 'b') {
      walk.waiting = undefined;
      return 'again';
    }
    if (reply.key === '+') return aheadBy(walk, minuteMs);
    const step = stepPath(current(run.state), jobInTheWay(run.state));
    const move = await press(asked, { step, kind: 'watch', question: { en: '', zh: '' }, visit: 1 }, reply.key);
    if (move !== undefined || asked.signal.aborted) return move ?? 'again';
  }
}

/** One step nearer to the cut; undefined when this very question stands in the way. */
function towardsCut(walk: Walk): Move | undefined {
  const { session, words } = walk;
  const { run } = session;
  const frame = current(run.state);
  const { cut } = frame.runbook;
  if (cut === undefined || frame.visits[cut] !== undefined) {
    walk.toCut = false;
    if (frame.step.id !== cut) walk.notice = words.noCut;
    return undefined;
  }
  const to = pendingOf(run.state)?.step === stepPath(frame) ? shortcuts(frame.runbook).get(frame.step.id) : undefined;
  if (to !== undefined) return () => jump(run, stepPath(frame, to), words.cutReason);
  walk.notice = words.cutStops;
  return undefined;
}

function towardsFalseAlarm(walk: Walk, pending: Pending): Move | undefined {
  const leads = offersFalseAlarm(viewOf(walk), pending);
  if (!leads || pending.kind === 'decide') walk.toFalseAlarm = false;
  return leads ? answer(walk, pending, pending.kind === 'decide' ? 'false-alarm' : 'no') : undefined;
}
