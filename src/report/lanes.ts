// The timeline as a picture (SVG): what they did, what we did, who decided, the case; over real time in UTC. Pure.
import { escapeHtml, escapeTerminal, type Lang } from '../text.ts';
import { axisOf, type Axis } from './axis.ts';
import { clock, exerciseMark, span, speaker, type Style } from './layout.ts';
import type { Lane, TimelineRow } from './rows.ts';
import { laneWords, say } from './values.ts';

const order: readonly Lane[] = ['suspect', 'responder', 'approval', 'case'];
const [width, edge, laneHeight, axisHeight] = [960, 10, 94, 52] as const;
/** Events nearer than this are one mark with a number. */
const together = 22;
/** Rows of labels over a lane; the most and the least that one may take, in pixels. */
const labelRows = 3;
const [labelHeight, most, least] = [15, 200, 64] as const;
/** How many events the text of one mark names. */
const named = 10;

/** Events that fall together, at the place of the first. */
type Mark = { readonly x: number; readonly rows: readonly TimelineRow[] };
type Label = { readonly row: number; readonly text: string; readonly backwards: boolean };

/** Nothing where no row has a time that can be read: the table still has them all. */
export function renderLanes(rows: readonly TimelineRow[], style: Style): string {
  // Any other text would be read on the clock of this machine.
  const timed = rows.filter(({ at }) => /^\d{4}-.*Z$/.test(at) && !Number.isNaN(Date.parse(at))).toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  if (timed.length === 0) return '';
  const t = speaker(style);
  const mark = style.exercise ? exerciseMark : '';
  const axis = axisOf(
    timed.map(({ at }) => Date.parse(at)),
    edge,
    width - edge,
  );
  const [foot, height] = [order.length * laneHeight, order.length * laneHeight + axisHeight];
  const counts = order.map((lane) => `${t(laneWords[lane])} ${timed.filter((row) => row.lane === lane).length}`).join(', ');
  const title = `${mark}${t(say('Timeline, UTC', '时间线（UTC）'))}`;
  const window = `${clock(timed[0]?.at)} – ${clock(timed.at(-1)?.at)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="lanes-title lanes-window" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title id="lanes-title">${escapeHtml(title)}</title>`,
    `<desc id="lanes-window">${escapeHtml(`${window}: ${counts}. ${t(say('The table below says the same.', '下表内容相同。'))}`)}</desc>`,
    ...stretches(axis, foot, style),
    ...order.flatMap((lane, at) => laneOf(lane, at * laneHeight, { timed, axis, name: `${at === 0 ? mark : ''}${t(laneWords[lane])}`, lang: style.lang })),
    '</svg>',
  ].join('\n');
}

function stretches({ stretches: all, ticks }: Axis, foot: number, { lang }: Style): readonly string[] {
  const bands = all.map(({ left, right }) => `<rect class="band" x="${one(left)}" y="0" width="${one(right - left)}" height="${foot}"/>`);
  const starts = all.map(({ from, left }) => `<text class="day" x="${one(left + 2)}" y="${foot + 36}">${clock(new Date(from).toISOString()).slice(0, 16)}</text>`);
  const breaks = all.slice(1).map(({ from, left }, at) => {
    const before = all[at];
    const [middle, silence] = [((before?.right ?? left) + left) / 2, span((from - (before?.to ?? from)) / 1000, lang)];
    return `<text class="break" text-anchor="middle" x="${one(middle)}" y="${foot + 18}">${silence}</text><path class="fold" d="M${one(middle)} 0v${foot}"/>`;
  });
  const marks = ticks.map(
    ({ at, text }) => `<path class="tick" d="M${one(at)} 0v${foot + 5}"/><text class="time" text-anchor="middle" x="${one(at)}" y="${foot + 18}">${text}</text>`,
  );
  return [...bands, ...breaks, ...marks, ...starts];
}

type Ground = { readonly timed: readonly TimelineRow[]; readonly axis: Axis; readonly name: string; readonly lang: Lang };

function laneOf(lane: Lane, top: number, { timed, axis, name, lang }: Ground): readonly string[] {
  const marks = gather(
    timed.filter((row) => row.lane === lane),
    axis,
  );
  const line = top + laneHeight - 18;
  const free: number[] = Array.from({ length: labelRows }, () => 0);
  // The name is said again every now and then: on a small screen only a part of the picture is seen.
  const names = [0, 1, 2].map((nth) => `<text class="lane" x="${edge + 4 + (nth * width) / 3}" y="${top + 14}">${escapeHtml(name)}</text>`);
  return [
    `<g class="${lane}">`,
    `<path class="rule" d="M${edge} ${top + laneHeight}h${width - 2 * edge}"/>`,
    ...names,
    ...marks.map((mark) => markOf(mark, line, { label: labelOf(mark, free, lang), lang })),
    '</g>',
  ];
}

/** Neighbours fall together as seen from the first of them, so that a mark never takes in what is far from it. */
function gather(rows: readonly TimelineRow[], axis: Axis): readonly Mark[] {
  const marks: { readonly x: number; readonly rows: TimelineRow[] }[] = [];
  for (const row of rows) {
    const [x, last] = [axis.place(Date.parse(row.at)), marks.at(-1)];
    if (last && x - last.x < together) last.rows.push(row);
    else marks.push({ x, rows: [row] });
  }
  return marks;
}

/** What the first event of a mark was, in the lowest row with room; near the right edge it may stand to the left. `free`: where each row ends so far. */
function labelOf({ rows, x }: Mark, free: number[], lang: Lang): Label | undefined {
  const what = escapeTerminal(rows[0]?.what[lang] ?? '', { most });
  const [wanted, room] = [Math.min(widthOf(what), most), width - edge - x];
  const backwards = room < wanted && free.some((end) => end <= x - wanted);
  const row = free.findIndex((end) => end <= (backwards ? x - wanted : x - 2));
  if (row === -1 || (!backwards && room < least)) return undefined;
  const text = fit(what, backwards ? wanted : Math.min(wanted, room));
  free[row] = backwards ? x + 2 : x + widthOf(text) + 10;
  return { row, text, backwards };
}

function markOf({ rows, x }: Mark, line: number, { label, lang }: { readonly label: Label | undefined; readonly lang: Lang }): string {
  const all = rows.slice(0, named).map(({ at, what }) => `${escapeHtml(clock(at))} ${escapeHtml(what[lang], { most })}`);
  const more = rows.length > named ? [`… +${rows.length - named}`] : [];
  const half = rows.length > 1 ? 9 : 6;
  const y = label === undefined ? line : line - 16 - label.row * labelHeight;
  return [
    `<g><title>${[...all, ...more].join('\n')}</title>`,
    label === undefined
      ? ''
      : `<path class="lead" d="M${one(x)} ${line - half}V${y + 3}"/><text class="what"${label.backwards ? ' text-anchor="end"' : ''} x="${one(x)}" y="${y}">${escapeHtml(label.text)}</text>`,
    `<circle class="dot" cx="${one(x)}" cy="${line}" r="${half}"/>`,
    rows.length > 1 ? `<text class="count" text-anchor="middle" x="${one(x)}" y="${line + 4}">${rows.length}</text>` : '',
    '</g>',
  ].join('');
}

/** As much of a text as so many pixels hold, at 11 pixels a line. */
function fit(text: string, room: number): string {
  if (widthOf(text) <= room) return text;
  let kept = '';
  for (const character of text) {
    if (widthOf(`${kept}${character}…`) > room) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

function widthOf(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + ((character.codePointAt(0) ?? 0) > 0x10ff ? 11 : 5.8), 0);
}

function one(value: number): string {
  return String(Math.round(value * 10) / 10);
}
