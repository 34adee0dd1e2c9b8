// The program itself, one process a command, against an account it has never seen: in time, killed between and during commands.
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { serveForeign, type ForeignOptions, type Served } from '../support/foreign-server.ts';
import { accountOf, type Effect, type World } from './account.ts';
import { aPlace, spawned, type Place, type Program as Spawned } from './place.ts';
import { play, type Command } from './player.ts';
import { aNight, childKey, env, event, secret, stolen } from './worlds.ts';

let served: Served;
let place: Place;
afterEach(async () => {
  await served.close();
  await place.end();
});

type Program = Spawned & { readonly effects: readonly Effect[] };

async function aProgram(world: World, options: Partial<ForeignOptions> = {}): Promise<Program> {
  const account = accountOf(world, { latencyMs: 80, lookupsPerSecond: 2, ...options });
  served = await serveForeign(account.options);
  place = await aPlace();
  return { ...spawned(place, env(served.url)), effects: account.effects };
}

const did = (effects: readonly Effect[], action: string): readonly string[] =>
  effects
    .filter((each) => each.action === action)
    .flatMap(({ targets }) => targets)
    .toSorted();

/** Every command to one of these steps is killed once, so many milliseconds after its start; `resume` comes after it. */
function dying(program: Program, afterMs: Readonly<Record<string, number>>): Command {
  const killed = new Set<string>();
  return async (...words) => {
    const step = words[0] === 'answer' ? (words[2] ?? '') : '';
    const ms = afterMs[step];
    if (ms === undefined || killed.has(step)) return program.command(...words);
    killed.add(step);
    await program.kill(ms, ...words);
    const { document } = await program.command('status', 'FOREIGN');
    expect(document.error).toBeUndefined();
    return program.command('resume', 'FOREIGN');
  };
}

async function nothingLeaks(program: Program): Promise<void> {
  const bytes = `${await place.text()}${program.output.join('\n')}`;
  expect(bytes.includes(secret)).toBe(false);
  expect(bytes).not.toMatch(/[?&]Signature=/);
}

describe('the program', () => {
  it('cuts within 20 s of machine time at 80 ms a call and two lookups a second, in four answers', async () => {
    const program = await aProgram(aNight());
    let spentMs = 0;
    const timed: Command = async (...words) => {
      const said = await program.command(...words);
      spentMs += said.ms;
      return said;
    };
    const { asked } = await play(timed, { 'input.accessKeyId': stolen }, 'approve-users');
    expect(did(program.effects, 'UpdateAccessKey')).toEqual([childKey, stolen].toSorted());
    expect(asked.map(({ step }) => step)).toEqual(['input.accessKeyId', 'confirm-account', 'approve-cut', 'approve-users']);
    expect(spentMs).toBeLessThan(20_000);
    expect((await program.command('abort', 'FOREIGN', 'end of the test')).exit).toBe(0);
    expect((await program.command('verify', 'FOREIGN')).exit).toBe(0);
    await nothingLeaks(program);
  }, 60_000);

  it('killed while it looks and while it cuts, an answer lost besides: every key once', async () => {
    const program = await aProgram(aNight(), { mishaps: [{ action: 'UpdateAccessKey', nth: 1, after: true, how: 'reset' }] });
    const { last } = await play(dying(program, { 'confirm-account': 1_500, 'approve-cut': 1_200, 'approve-users': 1_200 }), { 'input.accessKeyId': stolen }, 'notify-lead');
    expect(last.pending?.step).toBe('notify-lead');
    expect(did(program.effects, 'UpdateAccessKey')).toEqual([childKey, stolen].toSorted());
    expect(did(program.effects, 'AttachPolicyToUser')).toEqual(['svc-sync']);
    expect((await program.command('verify', 'FOREIGN', '--open')).exit).toBe(0);
    await nothingLeaks(program);
  }, 60_000);
});

// Minutes each: FIREBREAK_SLOW=1 npx vitest run test/foreign
describe.skipIf(process.env['FIREBREAK_SLOW'] === undefined)('the program, at length', () => {
  it('plays the whole night, killed at every step that acts', async () => {
    const program = await aProgram(aNight({ page: 2, slowMs: 1_500 }), { mishaps: [{ action: 'StopInstances', nth: 1, after: true, how: 'hang' }] });
    const { last } = await play(
      dying(program, { 'approve-cut': 2_200, 'approve-logging': 1_400, told: 1_500, 'approve-snapshots': 1_900, 'approve-stop': 2_000, 'lesson-actions': 2_500 }),
      { 'input.accessKeyId': stolen },
    );
    expect(last.outcome).toBe('closed');
    expect(did(program.effects, 'UpdateAccessKey')).toEqual([childKey, stolen].toSorted());
    expect(did(program.effects, 'CreateSnapshot')).toEqual(['d-theirs0001a', 'd-theirs0001b', 'd-theirs0002', 'd-theirs0003']);
    expect(did(program.effects, 'StopInstances')).toEqual(['i-theirs0001', 'i-theirs0002', 'i-theirs0003']);
    expect(did(program.effects, 'StartLogging')).toEqual(['audit']);
    expect((await program.command('verify', 'FOREIGN')).exit).toBe(0);
    await nothingLeaks(program);
  }, 400_000);

  it('reads a long history in portions of a minute, or leaves it with a reason', async () => {
    const world = aNight();
    for (let index = 0; index < 12_000; index += 1) world.events.push(event('GetBucketInfo', 120 + index * 8, { key: stolen, user: 'ci-pipeline' }));
    const program = await aProgram(world, { latencyMs: 100 });
    let resumed = 0;
    const patient: Command = async (...words) => {
      if (words[0] === 'resume' && (resumed += 1) > 1) return program.command('answer', 'FOREIGN', 'key-record', '--skip', 'Long enough for tonight.');
      const said = await program.command(...words);
      expect(said.ms, words.join(' ')).toBeLessThan(75_000);
      return said;
    };
    const { last } = await play(patient, { 'input.accessKeyId': stolen, 'approve-snapshots': 'no', 'approve-stop': 'no' });
    expect(resumed).toBeGreaterThan(1);
    expect(last.jobs.find(({ job }) => job === 'key-record')).toMatchObject({ status: 'finished', outcome: 'skipped' });
    expect(await readFile(last.report ?? '', 'utf8')).toContain('Long enough for tonight.');
    expect((await program.command('verify', 'FOREIGN')).exit).toBe(0);
  }, 400_000);

  it('waits out a region that takes every request and never answers', async () => {
    const program = await aProgram(aNight(), { deadRegions: { 'ap-southeast-1': 'hang' } });
    const { last, slowest } = await play(program.command, { 'input.accessKeyId': stolen });
    expect(slowest.ms, slowest.words).toBeLessThan(85_000);
    expect(did(program.effects, 'UpdateAccessKey')).toEqual([stolen]);
    expect(did(program.effects, 'StopInstances')).toEqual(['i-theirs0003']);
    expect(await readFile(last.report ?? '', 'utf8')).toContain('ap-southeast-1');
  }, 900_000);
});
