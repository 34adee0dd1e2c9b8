// The range behind the Cloud port without a wire: for walking every action over a real account in no time. What an answer means, the adapter's own table says.
import type { Action, Call, Context, Refusal, Refused, Reply, Target } from '../../src/actions/define.ts';
import { classify } from '../../src/adapters/alibaba/classify.ts';
import type { Cloud } from '../../src/engine/ports.ts';
import { buildWorld } from '../../src/range/build.ts';
import { advance, serve } from '../../src/range/gateway.ts';
import { WorldSeed, type WorldSeedInput } from '../../src/range/seed.ts';
import type { World } from '../../src/range/world.ts';
import { aReader } from './cloud.ts';

export type RangeCloud = Cloud & {
  readonly world: World;
  /** Every call sent, in order. */
  readonly sent: readonly Call[];
  now(): string;
  /** Moves scenario time. */
  wait(ms: number): void;
  /** From now on a call fails so. */
  refuse(operation: string, refusal: Refusal): void;
};

export function aRangeCloud(given: WorldSeedInput, accessKeyId: string): RangeCloud {
  const seed = WorldSeed.parse(given);
  const world = buildWorld(seed);
  const sent: Call[] = [];
  const refused = new Map<string, Refused>();
  let now = world.start;
  return {
    world,
    sent,
    settleMs: 0,
    endpoint: 'http://127.0.0.1:1',
    accessKeyId,
    source: 'profile:test',
    now: () => new Date(now).toISOString(),
    wait(ms) {
      now += ms;
      advance(world, now);
    },
    refuse(operation, refusal) {
      refused.set(operation, { ok: false, refusal, code: refusal, message: `${operation} refused`, retries: 0 });
    },
    async send(call): Promise<Reply> {
      await Promise.resolve();
      sent.push(call);
      const no = refused.get(`${call.product}:${call.action}`);
      if (no !== undefined) return no;
      advance(world, now);
      const { product, action, region, params } = call;
      const served = serve(world, { product, action, method: 'POST', region, params: { RegionId: region, ...params }, accessKeyId, ip: '192.0.2.77', agent: 'test/1.0' }, now);
      const text = JSON.stringify(served.body);
      const { status, requestId, error } = served;
      const answer = error === undefined ? ({ kind: 'body', status, text, requestId } as const) : ({ kind: 'error', status, text, requestId, ...error } as const);
      return { ...classify(call, answer, [], new Date(now)).reply, retries: 0 };
    },
    async close() {
      await Promise.resolve();
    },
  };
}

/** Sends what an action plans for these targets, stage after stage, and what it works out after that, as the engine does. Gives the calls. */
export async function carryOut(cloud: Cloud, action: Action, targets: readonly Target[], context: () => Context): Promise<readonly Call[]> {
  const done: Call[] = [];
  const reader = aReader(cloud);
  for (let calls = action.plan(targets, context()), round = 0; calls.length > 0; round += 1) {
    if (round > 20) throw new Error('it never comes to an end');
    for (const { call } of calls.toSorted((a, b) => (a.stage ?? 0) - (b.stage ?? 0))) {
      const reply = await cloud.send(call);
      if (!reply.ok) throw new Error(`${call.product}:${call.action}: ${reply.code} ${reply.message}`);
      done.push(call);
    }
    calls = (await action.next?.(reader, targets, context())) ?? [];
  }
  return done;
}
