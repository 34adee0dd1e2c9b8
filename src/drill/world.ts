// The simulated account of a drill: opened on its journal, with its responder's credential. The only door to range/.
import { Fault } from '../errors.ts';
import { secretOf, WorldSeed } from '../range/seed.ts';
import { openRange, type Range, type RangeOptions } from '../range/server.ts';

export type { Range, RangeOptions };

export type World = {
  readonly seed: WorldSeed;
  /** Scenario time the drill begins at. */
  readonly start: Date;
  /** The responder's own credential in the simulated account: plainly fake. */
  readonly credential: { readonly accessKeyId: string; readonly accessKeySecret: string; readonly source: 'drill' };
};

/** Reads the `world:` part of a drill. @throws Fault E_SCENARIO naming each part that does not fit. */
export function readWorld(value: unknown, file: string): World {
  const parsed = WorldSeed.safeParse(value, { jitless: true });
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({ code: 'E_SCENARIO', message: `world.${path.join('.')}: ${message}`, where: { file } }));
    throw new Fault('E_SCENARIO', `The simulated account in ${file} has ${problems.length} problem(s).`, { where: file, problems });
  }
  const seed = parsed.data;
  const key = seed.users.find(({ name }) => name === seed.responder)?.keys[0];
  if (!key) throw new Fault('E_SCENARIO', `The responder "${seed.responder}" has no key in ${file}.`, { where: file });
  return { seed, start: new Date(seed.start), credential: { accessKeyId: key.id, accessKeySecret: secretOf(key), source: 'drill' } };
}

/** Serves the account on loopback; its journal is the whole of its memory. */
export function openWorld(world: World, options: Omit<RangeOptions, 'seed'>): Promise<Range> {
  return openRange({ ...options, seed: world.seed });
}
