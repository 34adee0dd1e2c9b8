import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/casefile/entry.ts';
import { giveAnswer } from '../../src/engine/answer.ts';
import { pendingOf } from '../../src/engine/pending.ts';
import { Fault } from '../../src/errors.ts';
import { aRunbook, both } from '../support/runbooks.ts';
import { advanced, cutBook, inputsBook, oneStepBook } from '../support/screens.ts';
import { aTerminal, type Act } from '../support/terminal.ts';
import { aDeletingWorld, deletingBook } from '../support/two.ts';
import { aSession, walk } from '../support/walks.ts';
import { aRun, aToy, aWorld, type World } from '../support/world.ts';
import { walkthrough } from '../../src/cli/walkthrough.ts';

const approve: Act = (screen) => /Type {3}([a-z]+ \d+ [0-9a-f]{4}) {3}/.exec(screen)?.[1] ?? 'the screen names no text';
const key = (letter: string): Act => ({ key: letter });
const answers = ({ disk }: World): readonly (readonly [string, string, string])[] =>
  disk.entries.flatMap((entry) => (entry.type === 'answer.given' ? [[entry.step, entry.value, entry.via] as const] : []));
const types = ({ disk }: World): readonly Entry['type'][] => disk.entries.map(({ type }) => type);
const cutWorld = (...names: readonly string[]): World => aWorld(cutBook(), aToy(...(names.length === 0 ? ['a', 'b'] : names)));

describe('walking through what can not be undone', () => {
  const text = (screen: string): string => /(delete \d+ [0-9a-f]{4})/.exec(screen)?.[1] ?? 'the screen names no text';
  it('says who has approved, who is missing, and takes a second person at the same terminal', async () => {
    const world = aDeletingWorld(deletingBook(['quick']));
    const { terminal, run } = await walk(world, [text, key('p'), 'bo', 'delete 9 0000', text, 'done']);
    expect(terminal.screens.some((screen) => screen.includes('Approved first by tester'))).toBe(true);
    expect(terminal.screens.some((screen) => screen.includes('bo: type the text yourself'))).toBe(true);
    expect(world.disk.entries).toContainEqual(expect.objectContaining({ type: 'approval.seconded', how: 'named', second: 'bo', by: 'tester' }));
    expect(world.toy.flips).toHaveLength(2);
    expect(run.state.closed).toBeDefined();
  });

  it('refuses the same person twice, explains signing, and takes a waiver with who was tried', async () => {
    const world = aDeletingWorld(deletingBook(['quick']));
    const late = (): { readonly key: string } => {
      world.clock.jumpTo(new Date(world.clock.now().getTime() + 30 * 60_000).toISOString());
      return { key: 'd' };
    };
    const { terminal } = await walk(world, [
      text,
      text,
      key('p'),
      'Tester',
      text,
      key('r'),
      key('b'),
      key('w'),
      'Bo 03:12, Chen 03:14',
      late,
      key('b'),
      text,
      'done',
      'Bo; 2026-03-15',
    ]);
    const shown = terminal.screens.join('\n');
    expect(shown).toContain('tester has approved this already; a second person is missing.');
    expect(shown).toContain('Tester can not be the second person for their own');
    expect(shown).toContain('letter+Enter:  p second person  r sign request  w waive');
    expect(shown).toContain('firebreak approval case-1 agree');
    expect(shown).toContain('The second person was waived by tester');
    expect(shown).toContain('Who countersigns, and until when?');
    expect(world.toy.flips).toHaveLength(2);
    for (const frame of terminal.frames) expect(frame.rows.length).toBeLessThanOrEqual(24);
  });
});

describe('walking through a case', () => {
  it('drives, asks, answers and ends with the status and exit 0', async () => {
    const world = cutWorld();
    const { exit, terminal, run, said } = await walk(world, ['hi', approve]);
    expect(exit).toBe(0);
    expect(run.state.closed?.outcome).toBe('closed');
    expect(world.toy.on).toEqual({ a: false, b: false });
    expect(terminal.closed).toBe(true);
    expect(said.at(-1)).toMatch(/^report: /);
    expect(answers(world).map(([step, , via]) => [step, via])).toEqual([
      ['hello', 'terminal'],
      ['approve-cut', 'terminal'],
    ]);
  });

  it('does nothing on Enter or on a wrong text, says why, and stays', async () => {
    const world = cutWorld();
    const { terminal } = await walk(world, ['hi', '', 'yes', 'cut 2 0000', approve]);
    const shown = terminal.screens.filter((screen) => /approve-cut/.test(screen));
    expect(shown).toHaveLength(4);
    expect(shown.slice(1).every((screen) => screen.includes('Nothing was done. Only'))).toBe(true);
    expect(answers(world)).toHaveLength(2);
  });

  it('takes all proposals with one Enter, recorded as proposals', async () => {
    const world = aWorld(inputsBook());
    await walk(world, ['LTAI5tEXAMPLEci00001', '', 'done']);
    expect(answers(world)).toEqual([
      ['input.key', 'LTAI5tEXAMPLEci00001', 'terminal'],
      ['input.lead', 'tester', 'proposal'],
      ['input.severity', 'critical', 'proposal'],
      ['look', 'done', 'terminal'],
    ]);
  });

  it('lets a number change one proposal before Enter takes the rest', async () => {
    const world = aWorld(inputsBook());
    const { terminal } = await walk(world, ['LTAI5tEXAMPLEci00001', '2', 'low', '7', '', 'done']);
    expect(answers(world).slice(1, 3)).toEqual([
      ['input.severity', 'low', 'terminal'],
      ['input.lead', 'tester', 'proposal'],
    ]);
    expect(terminal.screens.some((screen) => screen.includes('low  as you said'))).toBe(true);
    expect(terminal.screens.some((screen) => screen.includes('1-2 changes one. Nothing was changed.'))).toBe(true);
  });

  it('accepts --input values before the first question', async () => {
    const world = aWorld(inputsBook());
    await walk(world, ['', 'done'], { inputs: ['key=LTAI5tEXAMPLEci00001'] });
    expect(answers(world)[0]).toEqual(['input.key', 'LTAI5tEXAMPLEci00001', 'input']);
  });

  it('skips with a reason on record, and goes back when none is given', async () => {
    const world = cutWorld();
    await walk(world, ['hi', key('s'), '', key('s'), 'nobody may cut today', 'false-alarm']);
    const skipped = world.disk.entries.find((entry) => entry.type === 'step.finished' && entry.outcome === 'skipped');
    expect(skipped).toMatchObject({ step: 'approve-cut', by: 'tester', reason: 'nobody may cut today' });
    expect(world.toy.flips).toEqual([]);
  });

  it('comes back to the question from every page, with nothing recorded', async () => {
    const world = cutWorld('a', 'b', 'ours-1');
    const back = key('b');
    const { terminal } = await walk(world, [
      'hi',
      key('?'),
      back,
      key('c'),
      key('return'),
      key('d'),
      key('space'),
      key('up'),
      back,
      key('h'),
      key('escape'),
      key('j'),
      back,
      key('v'),
      '',
      approve,
    ]);
    expect(terminal.screens.filter((screen) => /Help\n/.test(screen))).toHaveLength(1);
    expect(answers(world)).toHaveLength(2);
  });

  it('ticks a held-back target into a new list with a new text; the old text no longer counts', async () => {
    const world = cutWorld('a', 'ours-1');
    let old: string | undefined;
    const { terminal } = await walk(world, [
      'hi',
      (screen) => {
        old = /Type {3}(cut 1 [0-9a-f]{4})/.exec(screen)?.[1];
        return { key: 'v' };
      },
      '9',
      '1',
      () => old,
      approve,
    ]);
    expect(world.toy.on).toEqual({ a: false, 'ours-1': false });
    expect(terminal.screens.some((screen) => /A new list: approve it with {3}cut 2 [0-9a-f]{4}/.test(screen))).toBe(true);
    expect(terminal.screens.some((screen) => screen.includes('Give numbers from the list'))).toBe(true);
    expect(world.disk.entries.filter(({ type }) => type === 'batch.frozen')).toHaveLength(2);
  });

  it('answers a false alarm with one key from the approval on', async () => {
    const world = cutWorld();
    await walk(world, ['hi', key('f')]);
    expect(answers(world).slice(1)).toEqual([
      ['approve-cut', 'no', 'terminal'],
      ['not-cut', 'false-alarm', 'terminal'],
    ]);
  });

  it('goes straight to the cut with "!", taking proposals and jumping over questions, but never approving', async () => {
    const world = aWorld(cutBook({ inputs: { lead: { title: both('Who leads?'), format: 'line', propose: '$operator', example: 'me' } } }));
    const { terminal } = await walk(world, [key('!'), approve]);
    expect(types(world)).toContain('step.jumped');
    expect(terminal.screens.at(-1)).toContain('approve-cut');
    expect(answers(world).map(([step, , via]) => [step, via])).toEqual([
      ['input.lead', 'proposal'],
      ['approve-cut', 'terminal'],
    ]);
  });

  it('leaves witness lines at approvals and at the end of it, where they can be copied', async () => {
    const { terminal } = await walk(cutWorld(), ['hi', approve]);
    expect(terminal.left.map((line) => line.replace(/bytes=\d+ sha256=[0-9a-f]{64}$/, '…'))).toEqual(['witness (approved approve-cut): case-1 …', 'witness (close): case-1 …']);
  });

  it('speaks Chinese when asked to', async () => {
    const world = cutWorld();
    const { terminal } = await walk(world, ['hi', 'yes', (screen) => /输入 {3}(cut \d [0-9a-f]{4}) {3}执行/.exec(screen)?.[1] ?? ''], { lang: 'zh' });
    expect(terminal.screens.join('\n')).toContain('没有执行任何操作');
    expect(world.toy.flips).toHaveLength(2);
  });
});

describe('leaving and being interrupted', () => {
  it('quits with a pause and a witness on record, the case open: exit 75', async () => {
    const world = cutWorld();
    const { exit, run, terminal } = await walk(world, ['hi', key('q')]);
    expect(exit).toBe(75);
    expect(run.state.closed).toBeUndefined();
    expect(types(world).slice(-2)).toEqual(['witness.given', 'case.paused']);
    expect(terminal.left.at(-1)).toMatch(/^witness \(pause\)/);
  });

  it('turns Ctrl-C at a prompt into E_INTERRUPTED, with the pause on record and the terminal given back', async () => {
    const world = cutWorld();
    const terminal = aTerminal([
      () => {
        throw new Fault('E_INTERRUPTED', 'Ctrl-C');
      },
    ]);
    await expect(walk(world, [], { terminal })).rejects.toMatchObject({ code: 'E_INTERRUPTED', hint: expect.stringContaining('firebreak resume case-1') as string });
    expect(terminal.closed).toBe(true);
    expect(types(world).at(-1)).toBe('case.paused');
  });

  it('goes on after an interruption where it stopped', async () => {
    const world = cutWorld();
    await walk(world, ['hi', key('q')]);
    const { exit } = await walk(world, [approve]);
    expect(exit).toBe(0);
    expect(world.toy.flips).toHaveLength(2);
  });
});

describe('somebody else at work', () => {
  const elsewhere = async (world: World, value: string): Promise<void> => {
    const other = aRun(world);
    await advanced(other);
    await giveAnswer(other, { step: pendingOf(other.state)?.step ?? '', value, via: 'answer', lang: 'en' });
  };

  it('drops a question that another terminal answered, says so and shows what waits now', async () => {
    const world = cutWorld();
    const { terminal } = await walk(world, [
      () => {
        void elsewhere(world, 'hi from the other side');
        return undefined;
      },
      approve,
    ]);
    expect(terminal.screens.at(-1)).toContain('tester answered hello: hi from the other side. This waits now.');
    expect(terminal.screens.at(-1)).toContain('approve-cut');
  });

  it('refuses a stale answer without a second record', async () => {
    const world = cutWorld();
    let first = true;
    const terminal = aTerminal(['hi', key('q')]);
    const session = aSession(world, terminal);
    const drive = session.store.drive.bind(session.store);
    session.store.drive = async (work) => {
      // Between the reply and its recording, the other terminal is faster.
      if (terminal.screens.length === 1 && first) {
        first = false;
        await elsewhere(world, 'first');
      }
      return drive(work);
    };
    await walkthrough(session, []);
    expect(answers(world).map(([, value]) => value)).toEqual(['first']);
    expect(terminal.screens.at(-1)).toMatch(/answered hello: first/);
  });

  it('waits for a terminal that holds the case instead of failing', async () => {
    const world = cutWorld();
    const terminal = aTerminal(['hi', approve]);
    const session = aSession(world, terminal);
    const drive = session.store.drive.bind(session.store);
    let busy = 3;
    session.store.drive = async (work) => {
      busy -= 1;
      if (busy > 0) throw new Fault('E_BUSY', 'held');
      return drive(work);
    };
    expect(await walkthrough(session, [])).toBe(0);
  });
});

describe('jobs and watches', () => {
  const book = aRunbook({
    steps: [
      { id: 'record', kind: 'collect', use: 'toy.record', with: { pages: 4 }, background: true, on: { started: 'hello' } },
      { id: 'hello', kind: 'ask', fact: 'hello', on: { answered: 'quiet' } },
      { id: 'quiet', kind: 'watch', use: 'toy.quiet', background: true, on: { started: 'over' } },
      {
        id: 'over',
        kind: 'decide',
        needs: ['quiet'],
        choices: { yes: { label: both('Yes'), when: { job: 'quiet', is: ['quiet'] } }, no: { label: both('No') } },
        on: { yes: 'close', no: 'close' },
      },
      { id: 'close', kind: 'end', as: 'done', needs: ['record'] },
    ],
  });

  it('advances jobs while a person thinks, with the drive lock free in between', async () => {
    const world = aWorld(book);
    let held = 0;
    let most = 0;
    const thinking = aTerminal(function* () {
      // Thinks until the record is complete.
      for (;;) {
        const finished = world.disk.entries.some((entry) => entry.type === 'job.finished' && entry.job === 'record');
        if (finished) break;
        yield 'x'.repeat(501);
      }
      yield 'hi';
      yield 'unverified';
      yield 'no';
    });
    const session = aSession(world, thinking);
    const drive = session.store.drive.bind(session.store);
    session.store.drive = async (work) => {
      held += 1;
      most = Math.max(most, held);
      try {
        return await drive(work);
      } finally {
        held -= 1;
      }
    };
    expect(await walkthrough(session, [])).toBe(0);
    expect(most).toBe(1);
  });

  it('waits for a watch, looks by itself when it is due, and goes on when it has ended', async () => {
    const world = aWorld(book);
    const { terminal } = await walk(world, [
      'hi',
      'wait',
      () => {
        world.clock.jumpTo('2026-03-14T20:00:00.000Z');
        return undefined;
      },
      'yes',
    ]);
    expect(terminal.screens.some((screen) => /Waiting: over/.test(screen))).toBe(true);
    expect(world.disk.entries.find((entry) => entry.type === 'job.finished' && entry.job === 'quiet')).toMatchObject({ outcome: 'quiet' });
  });

  it('offers to move the clock in a drill only', async () => {
    const world = aWorld(book);
    const jumps: string[] = [];
    const range = {
      clock: { ...world.clock, jumpTo: async (at: Date, why: string) => (jumps.push(why), world.clock.jumpTo(at.toISOString()), Promise.resolve()) },
      refresh: async () => Promise.resolve(),
    };
    await walk(world, ['hi', 'jump', 'yes'], { session: { range: range as never } });
    expect(jumps).toEqual(['jumped to the end of quiet']);
    const live = aWorld(book);
    const { terminal } = await walk(live, ['hi', 'unverified', 'no']);
    expect(terminal.screens.join('\n')).not.toContain('exercise only');
  });
});

describe('what fails', () => {
  const denied = { ok: false, refusal: 'denied', code: 'NoPermission', message: 'no', retries: 0 } as const;

  it('lets a person do it by hand, and verifies by reading', async () => {
    const world = cutWorld();
    world.toy.refuse = (call) => (call.action === 'SetSwitch' ? denied : undefined);
    await walk(world, [
      'hi',
      approve,
      key('h'),
      () => {
        for (const name of Object.keys(world.toy.on)) world.toy.on[name] = false;
        return 'done';
      },
    ]);
    expect(world.disk.entries.filter((entry) => entry.type === 'target.settled' && entry.status === 'done')).toHaveLength(2);
  });

  it('asks again when what was said to be done by hand does not hold', async () => {
    const world = cutWorld();
    world.toy.refuse = (call) => (call.action === 'SetSwitch' ? denied : undefined);
    const { terminal } = await walk(world, ['hi', approve, key('h'), 'done', key('q')]);
    expect(terminal.screens.at(-1)).toMatch(/2 of 2 not done/);
  });

  it('asks a reason before evidence is waived', async () => {
    const world = cutWorld();
    world.toy.refuse = (call) => (call.action === 'GetSwitch' && ['a', 'b'].includes(call.params['Name'] ?? '') ? denied : undefined);
    await walk(world, ['hi', key('w'), 'the disk is gone', approve, key('q')]);
    expect(world.disk.entries.filter((entry) => entry.type === 'waiver.given')).toMatchObject([{ reason: 'the disk is gone' }, { reason: 'the disk is gone' }]);
  });

  it('ends at once on what is neither an answer nor a refusal', async () => {
    const world = aWorld(oneStepBook({ id: 'look', kind: 'manual', on: { done: 'close', failed: 'close' } }));
    const terminal = aTerminal(['done']);
    const session = aSession(world, terminal);
    session.store.append = async () => Promise.reject(new Fault('E_VAULT_WRITE', 'the disk is full'));
    await expect(walkthrough(session, [])).rejects.toMatchObject({ code: 'E_VAULT_WRITE' });
    expect(terminal.closed).toBe(true);
  });
});
