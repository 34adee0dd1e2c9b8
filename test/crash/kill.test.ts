// Real processes, really killed: at random moments, with a change on its way, hung, side by side, on a full disk. The account's own record judges.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playOn } from '../../src/cli/play.ts';
import { openSession } from '../../src/cli/session.ts';
import { loadScenario } from '../../src/cli/shipped.ts';
import { openWorld } from '../../src/drill/world.ts';
import { aCli, until, type Cli } from '../support/cli.ts';
import { openLightCloud } from '../support/crash-cloud.ts';
import { again, aNight, changes, id, writesIn, type Night } from '../support/crash-night.ts';
import { aShell, runbook, scenario } from '../support/crash-shell.ts';

const onItsWay = async (cli: Cli): Promise<boolean> => [...writesIn(await cli.entries(id)).values()].some((outcomes) => outcomes.length === 0);
const cuts = (night: Night): readonly string[] => changes(night.range.effects()).filter((change) => change.includes('UpdateAccessKey'));

/** The case is open and sound, and both keys were cut exactly once. */
async function expectCutOnce(night: Night): Promise<void> {
  const { cli } = night;
  const { out, status } = await cli.call(['verify', id, '--open']);
  expect(status, out).toBe(0);
  expect([...writesIn(await cli.entries(id)).values()].map((outcomes) => outcomes.length)).toEqual([1, 1]);
  expect(cuts(night).map((change) => /LTAI5tEXAMPLE\w+/.exec(change)?.[0])).toEqual(expect.arrayContaining(['LTAI5tEXAMPLEci00001', 'LTAI5tEXAMPLEbk00002']));
  expect(cuts(night)).toHaveLength(2);
}

// Mostly waiting: side by side they wait once.
describe.concurrent('a live case', () => {
  let night: Night;
  beforeAll(async () => {
    night = await aNight();
  }, 60_000);
  afterAll(() => night.end());

  it('killed with a change on its way waits until it can no longer land, then reads instead of sending again', async () => {
    const mine = await again(night, { faults: [{ match: { action: 'UpdateAccessKey' }, do: 'delay', delayMs: 1_500 }], settleMs: 3_000 });
    try {
      const { cli } = mine;
      const first = cli.start(['answer', id, 'approve-cut', mine.text]);
      await until(() => onItsWay(cli));
      await sleep(300);
      first.child.kill('SIGKILL');
      await first.ended;
      expect(cuts(mine)).toEqual([]);
      expect((await cli.run(['resume', id])).status).toBe(75);
      expect([...writesIn(await cli.entries(id)).values()]).toEqual([['reconciled'], ['reconciled']]);
      await expectCutOnce(mine);
    } finally {
      await mine.end();
    }
  }, 60_000);

  it('killed before its request was taken sends it again, and the record says so', async () => {
    const mine = await again(night, { faults: [{ match: { action: 'UpdateAccessKey', nth: 1 }, do: 'reset' }], settleMs: 300 });
    try {
      const { cli } = mine;
      const first = cli.start(['answer', id, 'approve-cut', mine.text]);
      await until(() => onItsWay(cli));
      first.child.kill('SIGKILL');
      await first.ended;
      await sleep(300);
      expect((await cli.run(['resume', id])).status).toBe(75);
      expect([...writesIn(await cli.entries(id)).values()].flat()).toContain('redone');
      await expectCutOnce(mine);
    } finally {
      await mine.end();
    }
  }, 60_000);

  it('hung in the middle of a change is taken over, and writes nothing when it wakes', async () => {
    const mine = await again(night, { faults: [{ match: { action: 'UpdateAccessKey' }, do: 'hang-after-effect', delayMs: 1_000 }], settleMs: 2_000 });
    try {
      const { cli } = mine;
      const hung = cli.start(['answer', id, 'approve-cut', mine.text]);
      await until(() => onItsWay(cli));
      await sleep(300);
      hung.child.kill('SIGSTOP');
      expect((await cli.run(['resume', id])).err).toContain('E_BUSY');
      expect((await cli.run(['resume', id, '--take-over', 'the first terminal hangs'])).status).toBe(75);
      const taken = await cli.entries(id);
      expect(taken).toContainEqual(expect.objectContaining({ type: 'lock.taken-over', lock: 'drive', reason: 'the first terminal hangs' }));
      hung.child.kill('SIGCONT');
      const { status, err } = await hung.ended;
      expect(err).toContain('took this case over');
      expect(status).toBe(75);
      expect(await cli.entries(id)).toHaveLength(taken.length);
      await expectCutOnce(mine);
    } finally {
      await mine.end();
    }
  }, 60_000);

  it('takes one of two answers given at the same time, and tells the other', async () => {
    const mine = await again(night);
    try {
      const { cli } = mine;
      const both = await Promise.all([0, 1].map(() => cli.start(['answer', id, 'approve-cut', mine.text]).ended));
      const told = both.filter(({ err }) => err !== '');
      expect(told).toHaveLength(1);
      // It came too late, or it waited in vain for the other to be done.
      expect(told[0]?.err).toMatch(/E_STALE|E_BUSY/);
      expect((await cli.entries(id)).filter(({ type, step }) => type === 'answer.given' && step === 'approve-cut')).toHaveLength(1);
      await expectCutOnce(mine);
    } finally {
      await mine.end();
    }
  }, 60_000);

  it('lets a second terminal answer once the first has come to a question', async () => {
    const mine = await again(night);
    try {
      const { cli } = mine;
      const first = cli.start(['answer', id, 'approve-cut', mine.text]);
      await until(() => onItsWay(cli));
      const second = await cli.run(['answer', id, 'approve-users', 'no']);
      expect((await first.ended).status).toBe(75);
      expect([65, 75]).toContain(second.status);
      if (second.status === 65) expect((await cli.run(['answer', id, 'approve-users', 'no'])).status).toBe(75);
      expect((await cli.entries(id)).filter(({ type, step }) => type === 'answer.given' && step === 'approve-users')).toHaveLength(1);
      await expectCutOnce(mine);
    } finally {
      await mine.end();
    }
  }, 60_000);

  it.skipIf(noMount())(
    'says on a full disk what is recorded and what is not, and goes on when there is room',
    async () => {
      const mine = await again(night);
      const disk = join(mine.cli.folder, 'disk');
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
      try {
        const { cli } = mine;
        cpSync(cli.vault, join(disk, 'vault'), { recursive: true });
        rmSync(cli.vault, { recursive: true });
        execFileSync('ln', ['-s', join(disk, 'vault'), cli.vault]);
        const filler = join(disk, 'filler');
        // A little more room each time, so that the disk is full at one place after another.
        let filled = 0;
        for (let pages = 0, words = ['answer', id, 'approve-cut', mine.text]; ; pages += 2) {
          const { bfree, bsize } = statfsSync(disk);
          writeFileSync(filler, Buffer.alloc((bfree - pages) * bsize));
          const { status, err } = await cli.call(words);
          const before = (await cli.trail(id)).length;
          rmSync(filler);
          expect(before).toBe(statSync(join(cli.vault, id, 'trail.jsonl')).size);
          if (status === 75) break;
          filled += 1;
          expect(status, err).toBe(74);
          expect(err).toMatch(/recorded/i);
          expect(err).toContain('ENOSPC');
          expect((await cli.json(['verify', id, '--open'])).document).toMatchObject({ intact: true });
          if ((await cli.entries(id)).some(({ type, step }) => type === 'answer.given' && step === 'approve-cut')) words = ['resume', id];
        }
        expect(filled).toBeGreaterThan(1);
        await expectCutOnce(mine);
      } finally {
        execFileSync('umount', ['-l', disk]);
        await mine.end();
      }
    },
    120_000,
  );
});

describe('a drill', () => {
  it('killed at random moments goes on each time and does everything exactly once', async () => {
    const cli = await aCli();
    const shell = aShell({ root: cli.folder, open: (options) => openLightCloud(options, 'test') });
    try {
      const { scenario: played, world } = await loadScenario(shell, runbook, scenario);
      const answers = join(cli.folder, 'answers.yaml');
      writeFileSync(answers, JSON.stringify(played.answers));
      const log: string[] = [];
      let words = ['drill', `${runbook}/${scenario}`, '--case', id, '--answers', answers];
      for (let kills = 0; kills < 3; kills += 1) {
        const running = cli.start(words);
        const stopAt = (await cli.trail(id)).length + Math.round(20_000 + Math.random() * 400_000);
        let over = false;
        void running.ended.then(() => (over = true));
        await until(async () => over || (await cli.trail(id)).length >= stopAt);
        running.child.kill('SIGKILL');
        const { status } = await running.ended;
        log.push(`killed at ${(await cli.trail(id)).length} bytes, ${status ?? 'signal'}`);
        words = ['resume', id, '--answers', answers];
      }
      const resumed = await cli.run(words);
      expect(resumed.status, `${log.join('; ')}\n${resumed.err}`).toBe(75);
      // What is left are looks at the quiet window, one a command: a drill that nobody plays makes them in one go.
      const session = await openSession(shell, id, { time: { kind: 'virtual' } });
      const { state } = await playOn(session, { answers: played.answers, jump: true });
      await session.close();
      expect(state, log.join('; ')).toBe('closed');
      const { out, status } = await cli.run(['verify', id]);
      expect(status, `${log.join('; ')}\n${out}`).toBe(0);
      const range = await openWorld(world, { journal: join(cli.vault, id, 'world.jsonl'), time: { kind: 'virtual' } });
      const done = changes(range.effects());
      await range.close();
      expect(done, log.join('; ')).toHaveLength(new Set(done).size);
      const count = (action: string): number => done.filter((change) => change.includes(action)).length;
      expect(['UpdateAccessKey', 'AttachPolicyToUser', 'StartLogging', 'CreateSnapshot', 'StopInstances', 'LockSnapshot'].map(count)).toEqual([2, 1, 1, 11, 3, 11]);
    } finally {
      await cli.end();
    }
  }, 120_000);
});

/** A small disk of its own takes root and a Linux that lets it mount. */
function noMount(): boolean {
  const probe = join(process.cwd(), 'node_modules');
  try {
    if (process.getuid?.() !== 0) throw new Error('not root');
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', probe], { stdio: 'ignore' });
    return false;
  } catch (error) {
    process.stdout.write(`skipped: a full disk, for no small disk can be mounted here (${(error as Error).message.split('\n')[0]})\n`);
    return true;
  }
}
