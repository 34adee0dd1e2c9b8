// A time axis whose long silences are folded away: where a moment stands, and what is written under it. Pure.
const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];
const steps = [1, 5, 15, 30]
  .map((n) => n * second)
  .concat([1, 2, 5, 10, 15, 30].map((n) => n * minute))
  .concat([1, 2, 3, 6, 12].map((n) => n * hour))
  .concat([1, 2, 7, 14, 30, 90, 365].map((n) => n * day));

const mostBreaks = 4;
/** A silence is folded when it would take this share of the axis, and is so many times as long as the others on the average. */
const [longSilence, muchLonger] = [1 / 4, 4] as const;
/** What a break, a stretch and the room of a label need, in the unit of the axis. */
const [breakWidth, leastWidth, tickWidth, inset] = [56, 110, 68, 12] as const;

/** A piece of the axis without a break: linear in time. */
export type Stretch = { readonly from: number; readonly to: number; readonly left: number; readonly right: number };
export type Tick = { readonly at: number; readonly text: string };
export type Axis = {
  readonly stretches: readonly Stretch[];
  /** Marks of round times inside the stretches. */
  readonly ticks: readonly Tick[];
  /** Where a moment (epoch ms) of one of the times stands. */
  readonly place: (at: number) => number;
};

/** `times`: epoch ms in order, at least one. */
export function axisOf(times: readonly number[], left: number, right: number): Axis {
  const spans = folded(times);
  const total = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  const room = right - left - spans.length * leastWidth - (spans.length - 1) * breakWidth;
  let next = left;
  const stretches = spans.map(({ from, to }): Stretch => {
    const share = total === 0 ? 1 / spans.length : (to - from) / total;
    const [start, end] = [next, next + leastWidth + room * share];
    next = end + breakWidth;
    return { from, to, left: start, right: end };
  });
  const place = (at: number): number => {
    const stretch = stretches.findLast(({ from }) => from <= at) ?? stretches[0];
    return stretch ? placeIn(stretch, at) : left;
  };
  return { stretches, ticks: stretches.flatMap(ticksOf), place };
}

function placeIn({ from, to, left, right }: Stretch, at: number): number {
  return to === from ? left + inset : left + inset + ((at - from) / (to - from)) * (right - left - 2 * inset);
}

/** The longest silence goes first, until none is long beside what is left. */
function folded(times: readonly number[]): readonly { readonly from: number; readonly to: number }[] {
  const [first = 0] = times;
  const gaps = times.flatMap((to, at) => (at === 0 ? [] : [{ from: times[at - 1] ?? to, to }])).toSorted((a, b) => b.to - b.from - (a.to - a.from));
  let left = (times.at(-1) ?? first) - first;
  const breaks = gaps.slice(0, mostBreaks).filter(({ from, to }, at) => {
    const [silence, others] = [to - from, gaps.length - 1 - at];
    if (others === 0 || silence < minute || silence < left * longSilence || silence < (muchLonger * (left - silence)) / others) return false;
    left -= silence;
    return true;
  });
  const edges = breaks.toSorted((a, b) => a.from - b.from);
  return [...edges, undefined].map((edge, at) => ({ from: edges[at - 1]?.to ?? first, to: edge?.from ?? times.at(-1) ?? first }));
}

function ticksOf(stretch: Stretch): readonly Tick[] {
  const { from, to, left, right } = stretch;
  const step = steps.find((each) => (each / (to - from)) * (right - left - 2 * inset) >= tickWidth);
  if (to === from || step === undefined) return [];
  const start = Math.ceil(from / step) * step;
  const times = Array.from({ length: Math.max(0, Math.floor((to - start) / step) + 1) }, (_, nth) => start + nth * step);
  // At its edges the length of the silence beside it is written.
  return times.flatMap((time): readonly Tick[] => {
    const [at, text] = [placeIn(stretch, time), new Date(time).toISOString()];
    if (at < left + 2 * inset || at > right - 2 * inset) return [];
    return [{ at, text: step >= day ? text.slice(0, 10) : text.slice(11, step < minute ? 19 : 16) }];
  });
}
