// One measured figure beside its floor and its bar.
export type Figure = {
  readonly name: string;
  readonly measured: string;
  readonly floor: string;
  readonly ratio?: number;
  readonly bar: string;
  readonly reached: boolean;
};

export type Bench = () => Promise<readonly Figure[]>;

export function renderFigure({ name, measured, floor, ratio, bar, reached }: Figure): string {
  const relation = ratio === undefined ? '' : `  ${ratio.toFixed(2)} x`;
  return `${reached ? 'reached' : 'NOT    '}  ${name}: ${measured}  (floor ${floor})${relation}  bar ${bar}`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Milliseconds `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Runs both in turn, so that a busy machine slows both alike; medians, milliseconds. */
export async function interleave(rounds: number, floor: () => unknown, measured: () => unknown): Promise<{ readonly floor: number; readonly measured: number }> {
  const floors: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    floors.push(await timed(floor));
    times.push(await timed(measured));
  }
  return { floor: median(floors), measured: median(times) };
}
