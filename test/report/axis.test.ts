import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisOf } from '../../src/report/axis.ts';

const at = (time: string): number => Date.parse(`2026-03-14T${time}Z`);

describe('the axis of a timeline', () => {
  it('is one stretch where nothing is silent for long', () => {
    const axis = axisOf([at('19:04:00'), at('19:05:00'), at('19:06:00'), at('19:07:00'), at('19:08:00'), at('19:09:00')], 0, 960);
    expect(axis.stretches).toHaveLength(1);
    expect(axis.ticks.map(({ text }) => text)).toEqual(['19:04:30', '19:05:00', '19:05:30', '19:06:00', '19:06:30', '19:07:00', '19:07:30', '19:08:00', '19:08:30']);
  });

  it('folds a long silence away, and goes on in real time', () => {
    const axis = axisOf([at('10:00:00'), at('10:05:00'), at('10:10:00'), at('19:00:00'), at('19:05:00'), at('19:10:00')], 0, 960);
    expect(axis.stretches.map(({ from, to }) => [from, to])).toEqual([
      [at('10:00:00'), at('10:10:00')],
      [at('19:00:00'), at('19:10:00')],
    ]);
    const [first, second] = [axis.place(at('10:05:00')) - axis.place(at('10:00:00')), axis.place(at('19:05:00')) - axis.place(at('19:00:00'))];
    expect(first).toBeCloseTo(second);
  });

  it('keeps every moment in its order and inside, whatever the times are', () => {
    const moments = fc.array(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(moments, (some) => {
        const times = some.toSorted((a, b) => a - b);
        const { stretches, ticks, place } = axisOf(times, 10, 950);
        const places = times.map(place);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        for (const x of [...places, ...ticks.map((tick) => tick.at)]) {
          expect(x).toBeGreaterThanOrEqual(10);
          expect(x).toBeLessThanOrEqual(950.001);
        }
        expect(stretches.length).toBeLessThanOrEqual(5);
        expect(ticks.length).toBeLessThan(15);
      }),
    );
  });
});
