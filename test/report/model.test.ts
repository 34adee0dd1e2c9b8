import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/casefile/entry.ts';
import { verify } from '../../src/casefile/verify.ts';
import type { JsonObject } from '../../src/text.ts';
import { canonical } from '../../src/casefile/canonical.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { reportOf } from '../../src/report/model.ts';
import type { ReportModel } from '../../src/report/shape.ts';
import { aFinding, aHandledCase, aKey, aMachine } from '../support/cases.ts';
import { aStory, library, runbookSha256, witnessOf } from '../support/story.ts';

const fold = (entries: readonly Entry[]): ReportModel => reportOf(entries, { library, witness: witnessOf(entries) });
const metric = (model: ReportModel, id: string): number | null | undefined => model.metrics.find((each) => each.id === id)?.value;

describe('the page for the decider', () => {
  const model = fold(aHandledCase());

  it('says since when, from the earliest harmful event', () => {
    expect(model.decision.since).toMatchObject({ at: '2026-03-14T16:14:00Z', what: { en: 'Made the user backup-svc' } });
    expect(model.decision).toMatchObject({ detectedAt: '2026-03-14T19:02:00Z', detectedHow: { en: 'somebody outside' } });
  });

  it('keeps an unknown cost unknown, never 0', () => {
    expect(model.decision.cost).toMatchObject({ before: 30, after: null });
    expect(model.decision.open.some(({ what }) => what.en.includes('i-miner2 is Running'))).toBe(true);
  });

  it('takes the rate of the first look until the bill was read back, and nothing where nobody looked', () => {
    const { cost } = fold(
      aStory()
        .begin('rogue')
        .finish('rogue', 'all', { facts: { rogueSummary: { cnyPerHour: 12 } } })
        .entries(),
    ).decision;
    expect(cost).toEqual({ before: 12, notes: [] });
    expect(fold(aStory().entries()).decision.cost).toEqual({ notes: [] });
  });

  it('estimates what was spent until each machine stopped', () => {
    // Three machines at 10 CNY/h since 17:04; two stop near 19:06, one goes on to the end of the trail.
    expect(model.decision.cost.spent).toBeGreaterThan(60);
    expect(model.decision.cost.spent).toBeLessThan(75);
  });

  it('lists as open what failed, was declined, skipped, left alone, missed and outlives its key', () => {
    const open = model.decision.open.map(({ what }) => what.en).join('\n');
    for (const part of [
      'failed for i-miner2',
      'Declined: Snapshot the disks',
      'no permission to read the trails',
      'i-ours',
      'me-east-1',
      'AppRuntime',
      'Take it down',
      'it takes until morning',
      'Evidence was waived',
    ])
      expect(open).toContain(part);
  });

  it('says of an open case that it is open', () => {
    const open = fold(aHandledCase({ close: false }));
    expect(open.header.state).toBe('open');
    expect(open.decision.open[0]?.what.en).toBe('The case is still open.');
    expect(open.coverage.find(({ step }) => step === 'key-record')?.outcome).toBe('unfinished');
    expect(open.decision.open.some(({ what }) => what.en.endsWith('all regions: not finished.'))).toBe(true);
  });
});

describe('the scope', () => {
  const { scope } = fold(aHandledCase());

  it('names owner and leaked key first, then what the suspects made, held back machines as such', () => {
    expect(scope.identities).toMatchObject([{ id: 'ci-deploy' }, { id: 'backup-svc', made: true }]);
    expect(scope.keys.map(({ id }) => id)).toEqual(['LTAI5tEXAMPLEci00001', 'LTAI5tEXAMPLEbk00002']);
    expect(scope.instances.filter(({ held }) => held === true).map(({ id }) => id)).toEqual(['i-ours']);
    expect(scope).toMatchObject({ account: '1000000000000042', sources: [{ id: '203.0.113.66', note: { en: 'Ecs' } }] });
  });

  it('counts as touched only regions where something succeeded, once that is known', () => {
    expect(scope.regionsTouched).toEqual(['cn-hangzhou', 'us-west-1']);
    const refused = aFinding('r', '2026-03-14T17:00:00Z', 'Tried', { region: 'cn-beijing', severity: 'low' });
    const story = aStory()
      .begin('rogue')
      .finish('rogue', 'all', { findings: [refused], facts: { touchedRegions: ['cn-shanghai'] } });
    expect(fold(story.entries()).scope.regionsTouched).toEqual(['cn-shanghai']);
  });
});

describe('what still stands', () => {
  it('lists disabled keys, users they made, changes nobody took back, stopped machines and snapshots', () => {
    const open = fold(aHandledCase()).decision.open.map(({ what }) => what.en);
    expect(open).toContainEqual('Disabled, not deleted: LTAI5tEXAMPLEci00001, LTAI5tEXAMPLEbk00002. Who may write RAM can enable them again.');
    expect(open).toContainEqual('Machines are stopped, not released: 2. Their disks cost on, and who may can start them again.');
    expect(open.join('\n')).toMatch(/The users they made still exist, with their rights: backup-svc\./);
  });

  it('takes a refused attempt for no change', () => {
    const at = '2026-03-14T17:00:00Z';
    const tried = aFinding('a', at, 'Tried and was refused (NoPermission): Made the role x', { severity: 'low', eventName: 'CreateRole' });
    const made = aFinding('b', at, 'Made the role y', { eventName: 'CreateRole' });
    const open = (finding: JsonObject): string =>
      fold(
        aStory()
          .begin('quick-look')
          .finish('quick-look', 'all', { findings: [finding] })
          .entries(),
      )
        .decision.open.map(({ what }) => what.en)
        .join('\n');
    expect(open(tried)).not.toContain('Made the role');
    expect(open(made)).toContain('nothing here takes it back: Made the role y');
  });
});

describe('"contained"', () => {
  it.each([
    ['quiet', 'contained'],
    ['active', 'active'],
    ['unverified', 'not-verified'],
    ['open', 'watching'],
    ['none', 'not-verified'],
  ] as const)('with a watch that ended "%s" is %s', (quiet, state) => {
    expect(fold(aHandledCase({ quiet })).decision.containment.state).toBe(state);
  });

  it('names the rung, the window and how late the log was', () => {
    expect(fold(aHandledCase()).decision.containment).toMatchObject({
      rung: 'disabled',
      cut: ['LTAI5tEXAMPLEci00001', 'LTAI5tEXAMPLEbk00002'],
      to: '2026-03-14T19:21:00Z',
      logDelayMs: 480_000,
      refusedAttempts: 3,
    });
  });

  it('is not proven for a region where they had been and nobody watched', () => {
    const story = aStory()
      .begin('rogue')
      .finish('rogue', 'all', { facts: { rogueSummary: { regions: ['us-west-1', 'cn-hangzhou'] } } })
      .begin('cut')
      .write('cut', { product: 'ram', action: 'UpdateAccessKey', targets: ['LTAI5tEXAMPLEci00001'], params: { Status: 'Inactive' } })
      .settle('cut', 'LTAI5tEXAMPLEci00001', 'done')
      .finish('cut', 'all')
      .begin('quiet')
      .tell({ type: 'job.started', job: 'quiet', visit: 1 })
      .finish('quiet', 'started')
      .tell({ type: 'job.finished', job: 'quiet', outcome: 'quiet', facts: { quiet: { regions: ['cn-hangzhou'] } } });
    expect(fold(story.entries()).decision.containment).toMatchObject({ state: 'not-verified', unwatched: ['us-west-1'] });
    expect(renderMarkdown(fold(story.entries()), 'zh')).toContain('对方活动过的 us-west-1 没有被监视');
  });

  it('is not proven by a watch that began before the last cut', () => {
    const key = aKey('LTAI5tEXAMPLEnew0009', 'sys-monitor');
    const story = aStory().begin('quiet').tell({ type: 'job.started', job: 'quiet', visit: 1 }).finish('quiet', 'started');
    story
      .approve('approve-cut', 'cut', [key])
      .begin('cut')
      .write('cut', { product: 'ram', action: 'UpdateAccessKey', targets: [key.id], params: { Status: 'Inactive' } });
    story.settle('cut', key.id, 'done').finish('cut', 'all').tell({ type: 'job.finished', job: 'quiet', outcome: 'quiet' });
    expect(fold(story.entries()).decision.containment).toMatchObject({ state: 'not-verified', outcome: 'cut again after the watch began' });
  });

  it('is not claimed where nothing was cut, and enabling a key is no cut', () => {
    expect(fold(aStory().entries()).decision.containment.state).toBe('not-cut');
    const enabled = aStory()
      .begin('x')
      .write('x', { product: 'ram', action: 'UpdateAccessKey', targets: ['LTAI5tEXAMPLEci00001'], params: { Status: 'Active' } })
      .settle('x', 'LTAI5tEXAMPLEci00001', 'done');
    expect(fold(enabled.entries()).decision.containment.state).toBe('not-cut');
  });

  it('says of a cut by hand that it rests on a word', () => {
    const story = aStory().begin('cut-by-hand').answer('cut-by-hand', 'done').finish('cut-by-hand', 'done');
    story.begin('quiet').tell({ type: 'job.started', job: 'quiet', visit: 1 }).finish('quiet', 'started').tell({ type: 'job.finished', job: 'quiet', outcome: 'quiet' });
    expect(fold(story.entries()).decision.containment).toMatchObject({ state: 'contained', rung: 'by-hand', cut: [] });
  });

  it('is denied loudly where a case was closed over grave findings', () => {
    const key = aKey('LTAI5tEXAMPLEci00001', 'ci-deploy');
    const story = aStory()
      .begin('quick-look')
      .finish('quick-look', 'all', { findings: [aFinding('a', '2026-03-14T17:00:00Z', 'Made a user')] })
      .approve('approve-cut', 'cut', [key], [], 'no');
    story.tell({ type: 'case.closed', outcome: 'closed', as: 'false-alarm', by: 'on-call' });
    const { containment, open } = fold(story.entries()).decision;
    expect(containment).toMatchObject({ state: 'not-cut', notCut: [key.id] });
    expect(open.map(({ what }) => what.en).join('\n')).toMatch(/Not cut: LTAI5tEXAMPLEci00001.*1 critical or high findings are on record, and nothing was cut/s);
  });

  it('lists a key that was held back as not cut', () => {
    const story = aStory().approve('approve-cut', 'cut', [aKey('LTAI5tEXAMPLEci00001', 'ci-deploy')], [{ id: 'LTAI5tEXAMPLEroot001', why: { en: 'root', zh: '主账号' } }]);
    story
      .begin('cut')
      .write('cut', { product: 'ram', action: 'UpdateAccessKey', targets: ['LTAI5tEXAMPLEci00001'], params: { Status: 'Inactive' } })
      .settle('cut', 'LTAI5tEXAMPLEci00001', 'done');
    expect(fold(story.entries()).decision.containment.notCut).toEqual(['LTAI5tEXAMPLEroot001']);
  });
});

describe('actions', () => {
  const model = fold(aHandledCase());

  it('carry who asked, who approved with which text, the exact call, the answer and what reading showed', () => {
    expect(model.actions[0]).toMatchObject({
      askedBy: 'on-call',
      approved: { by: 'on-call', text: 'do 2 7f3a' },
      command: 'aliyun ram UpdateAccessKey --region cn-hangzhou --UserName ci-deploy --UserAccessKeyId LTAI5tEXAMPLEci00001 --Status Inactive',
      result: 'done',
      requestId: 'REQ-1',
      verified: [{ target: 'LTAI5tEXAMPLEci00001', status: 'done' }],
      undo: [1],
    });
    expect(model.actions[1]).toMatchObject({ how: 'reconciled', undo: [] });
  });

  it('name the one who resumed as the one who asked from then on', () => {
    const story = aStory()
      .tell({ type: 'case.resumed', by: 'second', via: 'resume', host: 'laptop', pid: 7 })
      .write('cut', { product: 'ram', action: 'UpdateAccessKey', targets: ['k'] });
    expect(fold(story.entries()).actions[0]?.askedBy).toBe('second');
  });

  it('without an outcome are open, and so is the report about them', () => {
    const model = fold(
      aStory()
        .write('cut', { product: 'ram', action: 'UpdateAccessKey', targets: ['k'], result: 'open' })
        .entries(),
    );
    expect(model.actions[0]?.result).toBe('open');
    expect(model.decision.open.some(({ what }) => what.en.includes('Nobody knows whether this happened'))).toBe(true);
  });

  it('leave a target out of the held ones once it was acted on after all', () => {
    const why = { en: 'looks alike', zh: '相似' };
    const story = aStory().approve('approve-stop', 'stop-rogue', [aMachine('i-a', 'a')], [{ id: 'i-b', why }]);
    expect(fold(story.entries()).held).toMatchObject([{ target: 'i-b', step: 'stop-rogue', status: 'held', by: 'list', why }]);
    story.write('stop-rogue', { product: 'ecs', action: 'StopInstances', targets: ['i-a', 'i-b'], class: 'R2' });
    expect(fold(story.entries()).held).toEqual([]);
  });

  it('that failed and were tried again are each judged by what was read after them', () => {
    const write = { product: 'ecs', action: 'StopInstances', targets: ['i-a'], class: 'R2' };
    const story = aStory()
      .begin('stop-rogue')
      .write('stop-rogue', { ...write, result: 'denied' })
      .settle('stop-rogue', 'i-a', 'failed')
      .write('stop-rogue', write)
      .settle('stop-rogue', 'i-a', 'done');
    const { actions, decision } = fold(story.entries());
    expect(actions.map(({ verified }) => verified.map(({ status }) => status))).toEqual([['failed'], ['done']]);
    expect(decision.open.some(({ what }) => what.en.includes('failed for i-a'))).toBe(false);
  });

  it('dropped at their turn are held back with the reason', () => {
    const story = aStory()
      .approve('approve-stop', 'stop-rogue', [aMachine('i-a', 'a')])
      .begin('stop-rogue')
      .settle('stop-rogue', 'i-a', 'held', { note: { en: 'Changed since.', zh: '已变化。' } });
    expect(fold(story.entries()).held).toMatchObject([{ target: 'i-a', by: 'act', why: { en: 'Changed since.' } }]);
  });
});

describe('figures', () => {
  const model = fold(aHandledCase());

  it('time the cut from the opening to what reading showed', () => {
    // 20 s for the account, 5 s to look, 20 s to approve, 2 s for two calls.
    expect(metric(model, 'first-cut')).toBe(47);
    expect(metric(model, 'found-to-opened')).toBe(120);
  });

  it('time decisions from the question to its answer', () => {
    expect(metric(model, 'decision-longest')).toBe(40);
    expect(metric(model, 'decision-median')).toBe(20);
  });

  it('time a failure from when it was shown, not from when its step began', () => {
    const story = aStory()
      .begin('volatile')
      .after(300)
      .tell({ type: 'step.failed', step: 'volatile', visit: 1, code: 'E_EVIDENCE', message: {}, targets: [] })
      .after(9)
      .answer('volatile', 'retry', { kind: 'failed' });
    expect(fold(story.entries()).decisions[0]).toMatchObject({ kind: 'failed', value: 'retry', seconds: 9 });
  });

  it('count as evidence first only what was sealed before the call', () => {
    // i-miner1 was sealed, i-miner3 waived; the refused i-miner2 lost nothing.
    expect(metric(model, 'evidence-first')).toBe(0.5);
  });

  it('count reversible cuts before the full record and call them normal', () => {
    const early = model.metrics.find(({ id }) => id === 'r1-before-record');
    expect(early).toMatchObject({ value: 2, definition: { en: expect.stringContaining('meant to be') as string } });
  });

  it('are null where there is nothing to measure', () => {
    const empty = fold(aStory().entries());
    expect(metric(empty, 'first-cut')).toBeNull();
    expect(metric(empty, 'evidence-first')).toBeNull();
    expect(metric(empty, 'decision-median')).toBeNull();
  });
});

describe('the timeline', () => {
  const { timeline, findings } = fold(aHandledCase());

  it('runs forward, and puts what they did at the time it happened', () => {
    expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).toSorted());
    expect(timeline[0]).toMatchObject({ lane: 'suspect', at: findings[0]?.at, requestId: 'EVENT-e1' });
  });

  it('holds approvals, refusals, skips, waivers, jobs and the end', () => {
    const told = timeline.map(({ lane, what }) => `${lane} ${what.en}`).join('\n');
    for (const part of [
      'approval Approved "do 2 7f3a"',
      'approval Declined: Snapshot',
      'responder ecs:StopInstances · i-miner2 · not permitted',
      'responder Left out the step: Is logging intact?',
      'approval Evidence of i-miner3 waived',
      'responder Quiet window: quiet',
      'case Case closed (handled)',
    ])
      expect(told).toContain(part);
  });
});

describe('what was looked at', () => {
  const model = fold(aHandledCase());

  it('names every region missed, every statement of a gap, and every step never begun', () => {
    const gaps = model.notLooked.map(({ what, title }) => `${title?.en ?? ''} ${what.en}`).join('\n');
    for (const part of ['me-east-1: no permission', 'Containers and functions.', 'Regions where the suspects were never seen.', 'Events of the last ten minutes.', 'Skipped.'])
      expect(gaps).toContain(part);
    expect(fold(aStory().entries()).notLooked.filter(({ what }) => what.en === 'Never begun.').length).toBeGreaterThan(4);
  });

  it('counts refusals by call and region, and takes a dry run for an answer', () => {
    const story = aStory()
      .read('rogue', 'ecs', 'DescribeInstances', 'cn-beijing', 'denied', 'Forbidden.RAM')
      .read('rogue', 'ecs', 'DescribeInstances', 'me-east-1', 'denied', 'Forbidden.RAM');
    story.read('rogue', 'ecs', 'DescribeInstances', 'cn-hangzhou', 'failed', 'DryRunOperation');
    expect(fold(story.entries()).refusals).toMatchObject([{ api: 'ecs:DescribeInstances', regions: ['cn-beijing', 'me-east-1'], count: 2 }]);
  });

  it('keeps each finding once, by event time, and counts techniques the runbook expects but nobody saw', () => {
    const twice = [aFinding('b', '2026-03-14T18:00:00Z', 'B'), aFinding('a', '2026-03-14T17:00:00Z', 'A')];
    const story = aStory().begin('logging').finish('logging', 'all', { findings: twice }).begin('rogue').finish('rogue', 'all', { findings: twice });
    const { findings, attack } = fold(story.entries());
    expect(findings.map(({ id, seq }) => [id, seq])).toEqual([
      ['a', 2],
      ['b', 2],
    ]);
    expect(attack.find(({ technique }) => technique === 'T1136.003')).toMatchObject({ count: 2, example: { en: 'A' } });
    expect(attack.find(({ technique }) => technique === 'T1552.001')).toMatchObject({ count: 0, named: true });
  });

  it('inventories evidence with its custody and never its content', () => {
    const exhibit = model.evidence.find(({ target }) => target === 'i-miner1');
    expect(exhibit).toMatchObject({ kind: 'volatile', api: 'ecs:DescribeInstances', bytes: 512, sensitive: true, redactions: ['SecurityToken'], by: 'on-call' });
  });
});

describe('the record of people', () => {
  const model = fold(aHandledCase());

  it('keeps declined lists, choices not taken and reasons', () => {
    expect(model.decisions.find(({ step }) => step === 'approve-snapshots')).toMatchObject({ declined: true, seconds: 20 });
    expect(model.decisions.find(({ step }) => step === 'contained')?.others.map(({ en }) => en)).toContain('Not verified. Go on all the same');
    expect(model.skips.map(({ step, what }) => `${what} ${step}`)).toEqual(['step logging', 'step stop-rogue', 'job key-record']);
    expect(model.waivers).toMatchObject([{ target: 'i-miner3', by: 'on-call', second: 'duty' }]);
  });

  it('says of a failure what came of it', () => {
    expect(model.failures.find(({ step, what }) => step === 'volatile' && what === 'step')?.next.en).toBe('waived by on-call');
  });

  it('tells proposed inputs from given ones, and action items with owner and date', () => {
    expect(model.inputs.map(({ name, proposed }) => [name, proposed])).toContainEqual(['lead', true]);
    expect(model.inputs.map(({ name, proposed }) => [name, proposed])).toContainEqual(['detectedHow', false]);
    expect(model.actionItems).toMatchObject([
      { owner: 'platform team', due: '2026-04-01' },
      { what: 'A role instead of the key', owner: '', due: '' },
    ]);
  });
});

describe('a child case', () => {
  const entries = aStory()
    .begin('quiet')
    .tell({ type: 'job.started', job: 'quiet', visit: 1 })
    .tell({
      type: 'frame.opened',
      frame: 'second-key',
      runbook: 'leaked-access-key',
      runbookSha256,
      parent: '',
      step: 'second-key',
      inputs: { accessKeyId: 'LTAI5tEXAMPLEnew0009' },
    })
    .tell({ type: 'step.started', frame: 'second-key', step: 'cut', visit: 1, kind: 'act', phase: 'contain' })
    .tell({ type: 'undo.saved', frame: 'second-key', card: 1, step: 'cut', target: 'LTAI5tEXAMPLEnew0009', calls: [] })
    .tell({
      type: 'call.intended',
      frame: 'second-key',
      call: 'second-key/cut#1.1.1',
      step: 'cut',
      visit: 1,
      targets: ['LTAI5tEXAMPLEnew0009'],
      sentAt: '2026-03-14T19:04:00Z',
      class: 'R1',
      product: 'ram',
      version: '2015-05-01',
      action: 'UpdateAccessKey',
      region: 'cn-hangzhou',
      params: { Status: 'Inactive' },
    })
    .tell({ type: 'target.settled', frame: 'second-key', step: 'cut', visit: 1, target: 'LTAI5tEXAMPLEnew0009', status: 'done' })
    .tell({ type: 'step.finished', frame: 'second-key', step: 'cut', visit: 1, outcome: 'skipped', by: 'on-call', reason: 'elsewhere' })
    .tell({ type: 'job.finished', job: 'quiet', outcome: 'quiet' })
    .entries();
  const model = fold(entries);

  it('keeps its steps apart from those of its parent, with the words of its own runbook', () => {
    expect(model.actions).toMatchObject([{ step: 'second-key/cut', title: { en: 'Disable the keys' }, undo: [1], verified: [{ status: 'done' }] }]);
    expect(model.skips).toMatchObject([{ step: 'second-key/cut' }]);
  });

  it('counts its cut: a watch of the parent that began before does not prove it', () => {
    expect(model.decision.containment).toMatchObject({ cut: ['LTAI5tEXAMPLEnew0009'], state: 'not-verified' });
  });
});

describe('integrity', () => {
  it('gives a head and a closing line that the verifier accepts', () => {
    const entries = aHandledCase();
    const { integrity } = fold(entries);
    const trail = Buffer.from(entries.map((entry) => `${canonical(entry)}\n`).join(''));
    const verdict = verify(trail, new Map(), { witnesses: [integrity.closing.line], key: integrity.fingerprint });
    expect(verdict).toMatchObject({ coverage: { head: integrity.head, entries: integrity.entries }, witnesses: [{ holds: true }] });
  });

  it('survives JSON', () => {
    const model = fold(aHandledCase());
    expect(JSON.parse(JSON.stringify(model))).toEqual(model);
  });

  it('goes by step ids where the runbook can not be read', () => {
    const entries = aHandledCase();
    const model = reportOf(entries, { library: () => undefined, witness: witnessOf(entries) });
    expect(model.actions[0]?.title.en).toBe('cut');
    expect(model.decision.containment.rung).toBe('disabled');
  });
});
