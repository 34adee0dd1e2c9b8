// The rows that never leave: mode, account, case, phase and clock; the state of the key; the jobs. Pure.
import type { Entry } from '../casefile/entry.ts';
import { fill } from '../engine/facts.ts';
import { heldKey } from '../engine/held-key.ts';
import type { Registry } from '../engine/run.ts';
import { current, type Frame, type Job, type RunState } from '../engine/frame.ts';
import { escapeTerminal, type Json, type JsonObject, type Lang } from '../text.ts';
import { ends, joined } from './screen-text.ts';
import { wordsOf, type Words } from './words.ts';

/** Everything a screen is made of. `now` is scenario time. */
export type View = {
  readonly state: RunState;
  readonly entries: readonly Entry[];
  readonly operations: Registry;
  readonly lang: Lang;
  readonly now: string;
  /** How many findings the person has looked at. */
  readonly seen: number;
  /** Said once, above the question. */
  readonly notice?: string;
  /** What the player of a drill was told before the first step. */
  readonly brief?: string;
  /** A drill whose clock a person may move to the next look of a watch. */
  readonly jumps?: boolean;
};

/** Two rows of at most `columns`. What matters least gives way first. */
export function statusRows(view: View, columns: number): readonly [string, string] {
  const words = wordsOf(view.lang);
  const { state } = view;
  const { origin, mode } = state.opened;
  const banner = origin === 'exercise' ? words.mode.EXERCISE : words.mode.LIVE;
  const left = joined(
    [mode === 'rehearse' ? `${banner} ${words.rehearse}` : banner, accountOf(view, words), escapeTerminal(state.opened.case), phaseOf(state, view.lang)],
    '  ',
    columns - 15,
  );
  return [ends(left, `${clockOf(view.now)} UTC+8`, columns), joined(keyRow(view, words), ' | ', columns)];
}

function accountOf({ state }: View, words: Words): string {
  const sure = state.identity?.account;
  const account = sure ?? textOf(current(state).facts['account']) ?? textOf(state.frames[0]?.facts['account']);
  if (account === undefined) return '';
  return `****${escapeTerminal(account).slice(-4)}${sure === undefined ? ` ${words.unconfirmed}` : ''}`;
}

/** `CONTAIN 2/9`, counted in the runbook that holds the cursor. */
export function phaseOf(state: RunState, lang: Lang): string {
  const { runbook, step } = current(state);
  const nth = runbook.phases.findIndex(({ id }) => id === step.phase);
  const title = runbook.phases[nth]?.title[lang] ?? step.phase;
  return `${lang === 'en' ? title.toUpperCase() : title} ${nth + 1}/${runbook.phases.length}`;
}

/** In reading order; on a narrow window the state of the key outlasts the rest. */
function keyRow(view: View, words: Words): Parameters<typeof joined>[0] {
  const { state, now } = view;
  const root = state.frames[0] as Frame;
  const detected = textOf(root.facts['detectedAt']);
  const open = Object.keys(state.openCalls).length;
  const [key = '', seen = ''] = keyState(view, root, words);
  return [
    { rank: 0, text: open > 0 ? words.inDoubt(open) : '' },
    { rank: 3, text: detected === undefined || Number.isNaN(Date.parse(detected)) ? '' : words.detected(span(now, detected, words)) },
    { rank: 1, text: key },
    { rank: 5, text: seen },
    ...state.frames.flatMap((frame) => quietOf(frame, words)).map((text) => ({ rank: 2, text })),
    { rank: 4, text: burningOf(state, words) },
  ];
}

/** Is the key in question still usable, and within which limits? */
function keyState({ state, entries, now }: View, root: Frame, words: Words): readonly string[] {
  const key = textOf(current(state).facts['accessKeyId']) ?? textOf(root.facts['accessKeyId']);
  if (key === undefined) return [];
  const held = heldKey(state, entries, key);
  if (held?.state === 'inactive') return [words.inactive(shortKey(key))];
  if (held !== undefined) return [words.held[held.state](span(now, held.at, words))];
  const seen = textOf(root.facts['lastSeen']);
  return [words.active(shortKey(key)), seen === undefined ? '' : words.lastSeen(span(now, seen, words))];
}

/** First six and last four: enough to tell keys apart on one row. */
export function shortKey(key: string): string {
  const plain = escapeTerminal(key);
  return plain.length > 14 ? `${plain.slice(0, 6)}..${plain.slice(-4)}` : plain;
}

function quietOf(frame: Frame, words: Words): readonly string[] {
  return Object.values(frame.jobs).flatMap((job) => {
    if (frame.steps.get(job.job)?.kind !== 'watch') return [];
    if (job.outcome !== undefined) return [words.quietIs[job.outcome] ?? ''];
    const [done, total] = minutesOf(job);
    return total > 0 ? [words.quiet(done, total)] : [];
  });
}

/** A watch counts seconds. */
function minutesOf({ progress }: Job): readonly [number, number] {
  return [Math.floor(Number(progress?.['done'] ?? 0) / 60), Math.ceil(Number(progress?.['total'] ?? 0) / 60)];
}

/** The newest figure known; what is not known is not shown as 0. */
function burningOf({ frames }: RunState, words: Words): string {
  const facts = frames[0]?.facts ?? {};
  const figure = facts['burnAfter'] ?? facts['burnBefore'] ?? (facts['rogueSummary'] as JsonObject | undefined)?.['cnyPerHour'];
  return typeof figure === 'number' ? words.burning(figure.toLocaleString('en-US', { maximumFractionDigits: 2 })) : '';
}

/** Jobs with their progress, then what is new. */
export function jobsRow(view: View, columns: number): string {
  const words = wordsOf(view.lang);
  const jobs = view.state.frames.flatMap((frame) => Object.values(frame.jobs).map((job) => `${job.job} ${jobState(job, frame, words)}`));
  const fresh = view.state.findings.length - view.seen;
  const news = fresh > 0 ? [words.newFindings(fresh)] : [];
  return joined([`${words.jobs}  ${news[0] ?? jobs[0] ?? words.noJobs}`, ...(news.length > 0 ? jobs : jobs.slice(1))], ' | ', columns);
}

/** How far a job is, in a few characters. */
export function jobState(job: Job, frame: Frame, words: Words): string {
  if (job.status === 'failed') return words.jobIs['failed'] ?? '';
  if (job.status === 'finished') return words.jobIs[job.outcome ?? ''] ?? job.outcome ?? '';
  const total = Number(job.progress?.['total'] ?? 0);
  if (total === 0) return words.jobIs['running'] ?? '';
  if (frame.steps.get(job.job)?.kind === 'watch') return `${minutesOf(job).join('/')} ${words.minutes}`;
  return `${Math.floor((100 * Number(job.progress?.['done'] ?? 0)) / total)}%`;
}

/** The keys that work here; `?` and `q` always stand at the end, `j` stands on the jobs row. */
export function keysRow(keys: readonly string[], lead: string, columns: number, words: Words): string {
  const named = (key: string): string => `${key} ${words.keys[key] ?? ''}`;
  const last = keys
    .filter((key) => key === '?' || key === 'q')
    .map(named)
    .join('  ');
  const rest = keys.filter((key) => key !== '?' && key !== 'q' && key !== 'j' && words.keys[key] !== undefined).map(named);
  const room = columns - last.length - 2;
  const fitted = joined([lead, ...rest], '  ', room);
  return [fitted, last].filter((part) => part !== '').join('  ');
}

/** `03:14:22` at UTC+8. */
export function clockOf(at: string): string {
  return new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(11, 19);
}

/** The time between two instants, coarse; never negative. */
export function span(later: string, earlier: string, words: Words): string {
  const seconds = Math.max(0, Math.floor((Date.parse(later) - Date.parse(earlier)) / 1000));
  const minutes = Math.floor(seconds / 60);
  if (seconds < 90) return words.seconds(seconds);
  if (minutes < 60) return words.shortMinutes(minutes);
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? words.hours(hours, String(minutes % 60).padStart(2, '0')) : words.days(Math.floor(hours / 24), hours % 24);
}

/** A non-empty text, or undefined. */
export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A step's title with its facts filled in. */
export function titleOf(frame: Frame, step: string, { lang }: View): string {
  const title = frame.steps.get(step)?.title;
  return title === undefined ? '' : escapeTerminal(fill(title, frame.facts)[lang]);
}
