// What instances cost an hour. Unknown is null, never 0: a bill nobody could read is not a small bill.
import type { Reader } from './define.ts';
import { describePrice, hourlyPrice } from './ecs.ts';
import { pool } from './wire.ts';

type Priced = { readonly region: string; readonly type: string };
export type Prices = ReadonlyMap<string, number | null>;

/** One question per type and region; a refused one is unknown. */
export async function readPrices(reader: Reader, instances: readonly Priced[]): Promise<Prices> {
  const wanted = [...new Map(instances.map((each) => [keyOf(each), each])).values()];
  const prices = await pool(wanted, 8, async ({ region, type }) => {
    const reply = await reader.read(describePrice(region, type), { kind: 'price' });
    return reply.ok ? hourlyPrice(reply.body) : null;
  });
  return new Map(wanted.map((each, index) => [keyOf(each), prices[index] ?? null]));
}

export function priceOf(prices: Prices, instance: Priced): number | null {
  return prices.get(keyOf(instance)) ?? null;
}

type Billed = { readonly charge: string; readonly status: string; readonly stoppedMode: string };

/** Does its computing power cost money by the hour right now? A prepaid one is paid for already. */
export function runsUp({ charge, status, stoppedMode }: Billed): boolean {
  return charge !== 'PrePaid' && !(status === 'Stopped' && stoppedMode === 'StopCharging');
}

/** CNY an hour for all; null as soon as one is unknown. */
export function total(rates: readonly (number | null)[]): number | null {
  const sum = rates.reduce<number | null>((so, rate) => (so === null || rate === null ? null : so + rate), 0);
  return sum === null ? null : Math.round(sum * 10_000) / 10_000;
}

function keyOf({ region, type }: Priced): string {
  return `${region} ${type}`;
}
