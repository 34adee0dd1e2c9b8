// One screen to hand a case over with: 80 columns, 24 rows with the prompt, whatever the case holds. Pure.
import type { JsonObject, Lang } from '../text.ts';
import type { Brief } from './brief-known.ts';
import { clip, ends, joined, pad, width } from './screen-text.ts';
import { shortKey } from './screen-status.ts';
import { stateWords } from './status.ts';
import { wordsOf, type Words } from './words.ts';

const columns = 80;
/** The prompt that follows takes the last of 24. */
const rows = 23;
const labelColumns = 8;
const room = columns - labelColumns;

/** Rows under one label. `least`: as many are always shown; the rest as there is room, in the order of `rank`. */
type Section = { readonly label: string; readonly lines: readonly string[]; readonly least: number; readonly rank: number };

/** The hand-over, at most 80 columns and 23 rows; what finds no room is counted. Only a command too long for a row is never cut. */
export function renderBrief(brief: Brief, lang: Lang): string {
  const words = wordsOf(lang);
  const t = words.brief;
  const rule = '-'.repeat(columns);
  const foot = [...labelled(t.witness, witnessLines(brief.witness)), ...labelled(brief.state === 'closed' ? t.read : t.goOn, commandLines(brief.next))];
  const taken = foot.reduce((sum, row) => sum + Math.max(1, Math.ceil(width(row) / columns)), 0);
  const sections: readonly Section[] = [
    { label: t.stands, lines: stands(brief, words, lang), least: 2, rank: 1 },
    { label: t.known, lines: known(brief, words), least: 5, rank: 3 },
    { label: t.done, lines: done(brief, words), least: 1, rank: 4 },
    { label: t.runs, lines: flow(brief.running.length === 0 ? [t.nothing] : brief.running, ' | '), least: 1, rank: 6 },
    { label: t.open, lines: brief.open.length === 0 ? [t.nothing] : brief.open, least: 3, rank: 2 },
    { label: t.told, lines: flow(brief.told.length === 0 ? [t.nobody] : told(brief, words), '; '), least: 1, rank: 5 },
    { label: t.notes, lines: brief.notes.map(({ at, by, text }) => `${stamp(at, brief.upTo)} ${by}: ${text}`), least: 1, rank: 7 },
  ];
  return [...head(brief, words), rule, ...fit(sections, rows - 4 - taken, words), rule, ...foot].map((row) => row.trimEnd()).join('\n');
}

function head(brief: Brief, words: Words): readonly string[] {
  const t = words.brief;
  const banner = brief.origin === 'exercise' ? words.mode.EXERCISE : words.mode.LIVE;
  const account = brief.account === undefined ? '' : t.account(`****${brief.account.slice(-4)}${brief.confirmed ? '' : ` ${words.unconfirmed}`}`);
  const title = `${brief.title} (${brief.runbook}${brief.version === undefined ? '' : ` ${brief.version}`})`;
  return [
    ends(joined([brief.mode === 'rehearse' ? `${banner} ${words.rehearse}` : banner, t.title, brief.case, account], '  ', columns - 23), `${stamp(brief.upTo)} UTC+8`, columns),
    joined(
      [title, words.severity[brief.severity] ?? brief.severity, t.lead(clip(brief.lead, 24)), t.opened(stamp(brief.openedAt, brief.upTo), clip(brief.openedBy, 24))],
      ' | ',
      columns,
    ),
  ];
}

function stands(brief: Brief, words: Words, lang: Lang): readonly string[] {
  const t = words.brief;
  const state = brief.outcome === 'aborted' ? t.aborted : stateWords[brief.state][lang];
  const since = brief.askedAt === undefined ? '' : t.since(stamp(brief.askedAt, brief.upTo));
  const { pending } = brief;
  const where = joined([`${brief.where}  ${t.step} ${brief.step}`, state, since], ' | ', room);
  if (pending === null) return [where];
  const [title = ''] = String(pending['question']).split('\n');
  const targets = (pending['targets'] as readonly string[] | undefined)?.length ?? 0;
  const step = pending['step'] === brief.step ? '' : `${String(pending['step'])}: `;
  return [where, `${step}${title}`, joined([takesOf(pending, words), targets > 1 ? t.targets(targets) : ''], ' | ', room)];
}

/** What an open question takes for an answer. */
export function takesOf(pending: JsonObject, { brief: t }: Words): string {
  const expects = pending['expects'] as JsonObject | undefined;
  const choices = pending['choices'] as readonly string[] | undefined;
  if (choices) return t.takes(choices.join(' | '));
  return typeof expects?.['text'] === 'string' ? t.approves(expects['text']) : t.like(String(expects?.['example'] ?? ''));
}

function known(brief: Brief, words: Words): readonly string[] {
  const t = words.brief;
  const { key, containment, machines, cost, since, answers } = brief;
  const at = key?.at === undefined ? '' : stamp(key.at, brief.upTo);
  const keyRow =
    key === undefined
      ? t.noKey
      : joined(
          [key.state === 'active' ? words.active(shortKey(key.id)) : t.key[key.state](shortKey(key.id), at), t.cut(containment.cut.length, containment.notCut.length)],
          ' | ',
          room,
        );
  const money = joined([cost.before === undefined ? '' : t.before(figure(cost.before, words)), cost.after === undefined ? '' : t.after(figure(cost.after, words))], ', ', room);
  const counts = Object.entries(brief.findings).map(([severity, n]) => `${n} ${words.severity[severity] ?? severity}`);
  return [
    keyRow,
    joined([t.contained[containment.state] ?? containment.state, containment.to === undefined ? '' : t.until(stamp(containment.to, brief.upTo))], ' ', room),
    joined([machines.theirs + machines.held === 0 ? t.noMachines : t.machines(machines.theirs, machines.held), money], ' | ', room),
    joined(
      [
        counts.length === 0 ? t.noFindings : `${t.findings}: ${counts.join(', ')}`,
        answers.open + answers.byHand === 0 ? '' : t.answers(answers.open, answers.byHand),
        machines.regions.length === 0 ? '' : t.regions(machines.regions.length),
      ],
      ' | ',
      room,
    ),
    ...(since === undefined ? [] : [`${t.began(stamp(since.at, brief.upTo))}: ${since.what}`]),
  ];
}

function figure(cny: number | null, words: Words): string {
  return cny === null ? words.brief.unknown : `${cny.toLocaleString('en-US', { maximumFractionDigits: 2 })} CNY/h`;
}

function done({ done: { changes, calls, notDone, evidence, decisions, undo } }: Brief, { brief: t }: Words): readonly string[] {
  return [
    t.counts({ calls, notDone, evidence, decisions, undo }),
    ...flow(
      changes.map(({ title, reached, of }) => `${title} ${reached}/${of}`),
      '; ',
    ),
  ];
}

function told({ told: list, upTo }: Brief, { brief: t }: Words): readonly string[] {
  return list.map(({ who, outcome, at }) => `${clip(who, 40)} (${t.toldAs[outcome] ?? outcome} ${stamp(at, upTo)})`);
}

/** Parts one after the other, in as many rows as they need. */
function flow(parts: readonly string[], separator: string): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + width(separator) + width(part) <= room) lines[lines.length - 1] = `${last}${separator}${part}`;
    else lines.push(part);
  }
  return lines;
}

/** Gives each section what it needs at least, then the rest by rank, one row at a time. */
function fit(sections: readonly Section[], space: number, words: Words): readonly string[] {
  const shown = sections.map(({ lines, least }) => Math.min(lines.length, least));
  let left = space - shown.reduce((sum, n) => sum + n, 0);
  const byRank = sections.map((section, nth) => ({ ...section, nth })).toSorted((a, b) => a.rank - b.rank);
  // A command of many rows takes theirs from what matters least.
  for (const { nth } of byRank.toReversed()) {
    const given = Math.min(Math.max(0, -left), shown[nth] ?? 0);
    shown[nth] = (shown[nth] ?? 0) - given;
    left += given;
  }
  for (let moved = true; left > 0 && moved;) {
    moved = false;
    for (const { nth, lines } of byRank) {
      if (left === 0 || (shown[nth] ?? 0) >= lines.length) continue;
      shown[nth] = (shown[nth] ?? 0) + 1;
      left -= 1;
      moved = true;
    }
  }
  return sections.flatMap(({ label, lines }, nth) => {
    const n = shown[nth] ?? 0;
    const kept = lines.slice(0, n);
    const hidden = lines.length - n;
    if (hidden > 0 && n > 0) kept[n - 1] = n === 1 ? ends(clip(kept[0] ?? '', room - 12), words.brief.more(hidden), room) : words.brief.more(hidden + 1);
    return labelled(
      label,
      kept.map((line) => clip(line, room)),
    );
  });
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, nth) => `${pad(nth === 0 ? label : '', labelColumns)}${line}`);
}

/** On two rows: it must be readable to the last digit. Without the case where that has no room: the line holds all the same. */
function witnessLines(line: string): readonly string[] {
  const [, name = '', bytes = '', sha = line] = /^(\S+) (bytes=\d+) (sha256=\S+)$/.exec(line) ?? [];
  const first = `${name} ${bytes}`;
  return [width(first) > room ? bytes : first, sha];
}

/** In two rows at most: broken anywhere else, or inside a path, it would be another command. */
function commandLines(command: string): readonly string[] {
  const at = command.indexOf(' --vault ');
  return width(command) <= room || at < 0 ? [command] : [`${command.slice(0, at)} \\`, command.slice(at + 1)];
}

/** `03-15 03:14` at UTC+8; only the time on the day of `day`; with the year when there is none to compare with. */
function stamp(at: string, day?: string): string {
  const local = (time: string): string => new Date(Date.parse(time) + 8 * 3_600_000).toISOString().replace('T', ' ');
  if (Number.isNaN(Date.parse(at))) return at.slice(0, 16);
  const [own, other] = [local(at), day === undefined ? '' : local(day)];
  if (other === '') return own.slice(0, 16);
  return own.slice(0, 10) === other.slice(0, 10) ? own.slice(11, 16) : own.slice(own.slice(0, 4) === other.slice(0, 4) ? 5 : 0, 16);
}
