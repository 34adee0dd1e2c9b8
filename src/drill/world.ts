// The simulated account of a drill: opened on its journal, with its responder's credential. The only door to range/.
import { Fault, type Where } from '../errors.ts';
import { secretOf, WorldSeed } from '../range/seed.ts';
import { openRange, type Range, type RangeOptions } from '../range/server.ts';
import { whereOf, type Scenario } from './scenario.ts';

export type { Range, RangeOptions };

export type World = {
  readonly seed: WorldSeed;
  /** Scenario time the drill begins at. */
  readonly start: Date;
  /** The responder's own credential in the simulated account: plainly fake. */
  readonly credential: { readonly accessKeyId: string; readonly accessKeySecret: string; readonly source: 'drill' };
};

/** Reads the `world:` part of a drill. @throws Fault E_SCENARIO naming each part that does not fit, and its place. */
export function readWorld(scenario: Scenario, file: string): World {
  const parsed = WorldSeed.safeParse(scenario.world, { jitless: true });
  const place = (path: readonly PropertyKey[]): Where => whereOf(scenario, ['world', ...path]) ?? { file };
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({ code: 'E_SCENARIO', message: `world.${path.join('.')}: ${message}`, where: place(path) }));
    throw new Fault('E_SCENARIO', `The simulated account in ${file} has ${problems.length} problem(s).`, { where: file, problems });
  }
  const seed = parsed.data;
  const key = seed.users.find(({ name }) => name === seed.responder)?.keys[0];
  if (!key) {
    const problems = [{ code: 'E_SCENARIO', message: `The responder "${seed.responder}" has no key.`, where: place(['responder']) }];
    throw new Fault('E_SCENARIO', `The simulated account in ${file} has a problem.`, { where: file, problems });
  }
  return { seed, start: new Date(seed.start), credential: { accessKeyId: key.id, accessKeySecret: secretOf(key), source: 'drill' } };
}

/** Serves the account on loopback; its journal is the whole of its memory. */
export function openWorld(world: World, options: Omit<RangeOptions, 'seed'>): Promise<Range> {
  return openRange({ ...options, seed: world.seed });
}
