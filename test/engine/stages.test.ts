// Several calls for one target: in order, worked out from what is read, resumed anywhere.
import { expect, it } from 'vitest';
import type { Action, Call, Planned, Reader } from '../../src/actions/define.ts';
import { toyOperations, aBreaker, aRun, aToy, aWorld, Crash, type Toy } from '../support/world.ts';
import { answered, cutBook, advanced } from '../support/screens.ts';

const set = (name: string, on: boolean): Call => ({
  product: 'ram',
  version: '2015-05-01',
  action: 'SetSwitch',
  params: { Name: name, On: String(on) },
  region: 'cn-hangzhou',
  effect: 'write',
});
const isOn = async (reader: Reader, name: string): Promise<boolean> => {
  const reply = await reader.read({ ...set(name, true), action: 'GetSwitch', params: { Name: name }, effect: 'read' });
  return reply.ok && reply.body['On'] === true;
};
const aPlan = (name: string, on: boolean, target: string, stage?: number): Planned => ({ call: set(name, on), targets: [target], ...(stage === undefined ? {} : { stage }) });

/** Off, then a guard up in two stages, then what only the cloud can tell: a seal. */
const off = toyOperations['toy.off'] as Action;
const staged: Action = {
  ...off,
  plan: (targets) => targets.flatMap(({ id }) => [aPlan(`${id}-guard`, true, id, 1), aPlan(id, false, id)]),
  next: async (reader, targets) => {
    const open = await Promise.all(
      targets.map(async ({ id }) => ((await isOn(reader, `${id}-guard`)) && !(await isOn(reader, `${id}-seal`)) ? [aPlan(`${id}-seal`, true, id)] : [])),
    );
    return open.flat();
  },
  holds: async (reader, { id }, _context, call) => {
    if (call) return { status: String(await isOn(reader, call.params['Name'] ?? '')) === call.params['On'] ? 'yes' : 'no' };
    return { status: (await isOn(reader, `${id}-seal`)) ? 'yes' : 'no' };
  },
};
const registry = { ...toyOperations, 'toy.off': staged };
const order = (toy: Toy, id: string): readonly string[] => toy.flips.filter((flip) => flip.startsWith(id));

it('finishes a stage before the next and asks the cloud what follows', async () => {
  const world = aWorld(cutBook(), aToy('a', 'b'), registry);
  const run = await answered(aRun(world), 'hi', 'approve');
  expect(order(world.toy, 'a')).toEqual(['a=false', 'a-guard=true', 'a-seal=true']);
  expect(order(world.toy, 'b')).toEqual(['b=false', 'b-guard=true', 'b-seal=true']);
  const planned = run.ports.store.entries().flatMap((entry) => (entry.type === 'act.planned' ? entry.calls : []));
  expect(new Set(planned.map(({ call }) => call)).size).toBe(planned.length);
  expect(planned.map(({ stage = 0 }) => stage).toSorted((a, b) => a - b)).toEqual([0, 0, 1, 1, 2, 2]);
});

it('makes no later call for a target that failed', async () => {
  const toy = aToy('a', 'b');
  toy.refuse = (call) =>
    call.action === 'SetSwitch' && call.params['Name'] === 'a' ? { ok: false, refusal: 'denied', code: 'NoPermission', message: 'no', retries: 0 } : undefined;
  const run = await answered(aRun(aWorld(cutBook(), toy, registry)), 'hi', 'approve');
  expect(order(toy, 'a')).toEqual([]);
  expect(order(toy, 'b')).toEqual(['b=false', 'b-guard=true', 'b-seal=true']);
  expect(run.state.frames[0]?.work.failed?.targets).toEqual(['a']);
});

it('goes on where it was killed, at every boundary, each call made once', async () => {
  const dry = aBreaker();
  await answered(aRun(aWorld(cutBook(), aToy('a'), registry), dry), 'hi', 'approve');
  const first = dry.names.findIndex((name) => name.includes('act.planned'));
  expect(first).toBeGreaterThan(0);
  for (let boundary = first; boundary < dry.names.length; boundary += 1) {
    const world = aWorld(cutBook(), aToy('a'), registry);
    await expect(answered(aRun(world, aBreaker(boundary)), 'hi', 'approve')).rejects.toThrow(Crash);
    const resumed = await advanced(aRun(world));
    expect(resumed.state.openCalls, dry.names[boundary]).toEqual({});
    expect(order(world.toy, 'a'), dry.names[boundary]).toEqual(['a=false', 'a-guard=true', 'a-seal=true']);
  }
});
