// Whole cases as trails: one handled with every kind of trouble on the way, told with `story.ts`.
import type { Entry, RecordedTarget } from '../../src/casefile/entry.ts';
import type { JsonObject } from '../../src/text.ts';
import { aStory, both, type Opening } from './story.ts';

export type Turns = Opening & {
  /** How the quiet watch ends; `open`: it has not; `none`: it was never begun. */
  readonly quiet?: 'quiet' | 'active' | 'unverified' | 'open' | 'none';
  /** The name of one of the attacker's machines and of one of our own, and the reasons and notes people write. */
  readonly name?: string;
  readonly close?: boolean;
};

const account = '1000000000000042';
const leaked = 'LTAI5tEXAMPLEci00001';
const child = 'LTAI5tEXAMPLEbk00002';

export function aKey(id: string, userName: string): RecordedTarget {
  return { id, kind: 'access-key', label: `${id} ${userName}`, data: { userName, accessKeyId: id } };
}

export function aMachine(id: string, name: string, region = 'cn-hangzhou'): RecordedTarget {
  return { id, kind: 'instance', region, label: `${id} ${region} ecs.g6.large`, data: { instanceId: id, name, region, created: '2026-03-14T17:04:00Z', cnyPerHour: 10 } };
}

export function aFinding(id: string, at: string, what: string, more: JsonObject = {}): JsonObject {
  return {
    id,
    at,
    severity: 'critical',
    what: both(what),
    attack: ['T1136.003'],
    principal: leaked,
    region: 'cn-hangzhou',
    eventName: 'CreateUser',
    requestId: `EVENT-${id}`,
    ...more,
  };
}

/**
 * A leaked key handled from the first prompt to the end, with every kind of trouble on the way: a look-alike held back, a write
 * settled by reading, one that failed, evidence waived, a step skipped, a list declined, a region denied, a job given up.
 */
export function aHandledCase({ quiet = 'quiet', name = 'worker-01', close = true, ...opening }: Turns = {}): readonly Entry[] {
  const story = aStory(opening);
  const miners = [aMachine('i-miner1', name), aMachine('i-miner2', 'worker-02', 'us-west-1'), aMachine('i-miner3', 'worker-03')];
  const ours = { ...aMachine('i-ours', `ours ${name}`), held: both(`Runs the same image, made by somebody else (${name}). Probably yours.`) };
  const look: JsonObject = {
    suspects: [aKey(leaked, 'ci-deploy'), aKey(child, 'backup-svc')],
    suspectUsers: [{ userName: 'backup-svc', made: true }],
    sessions: [{ id: 'STS.EXAMPLE', role: 'AppRuntime', until: '2026-03-15T06:00:00Z' }],
    owner: { userName: 'ci-deploy' },
    sources: [{ ip: '203.0.113.66', products: ['Ecs'] }],
    notKnown: [both('Events of the last ten minutes.')],
  };
  story
    .tell({ type: 'witness.given', why: 'opening', bytes: 100, sha256: 'a'.repeat(64) })
    .answer('input.lead', 'on-call', { via: 'proposal' })
    .answer('input.severity', 'critical', { via: 'proposal' })
    .answer('input.detectedHow', 'outsider')
    .answer('input.detectedAt', '2026-03-14T19:02:00Z')
    .answer('input.accessKeyId', leaked)
    .begin('who-am-i')
    .seal('identity', 'who-am-i')
    .finish('who-am-i', 'all', { facts: { account, identity: { arn: `acs:ram::${account}:user/ir-oncall` } } })
    .begin('confirm-account')
    .after(20)
    .answer('confirm-account', '000042')
    .tell({
      type: 'identity.pinned',
      account,
      arn: `acs:ram::${account}:user/ir-oncall`,
      kind: 'RAMUser',
      principal: '2000',
      accessKeyId: 'LTAI5tEXAMPLEir00009',
      source: 'profile:ir',
    })
    .finish('confirm-account', 'approved')
    .begin('key-record')
    .tell({ type: 'job.started', job: 'key-record', visit: 1 })
    .finish('key-record', 'started')
    .begin('quick-look')
    .after(5)
    .seal('quick-look', 'quick-look')
    .finish('quick-look', 'some', {
      facts: look,
      findings: [aFinding('e1', '2026-03-14T16:14:00Z', 'Made the user backup-svc')],
      coverage: { regionsDone: ['cn-hangzhou'], regionsMissed: [], pages: 3, from: '2026-02-12T19:04:00Z', to: '2026-03-14T19:04:00Z' },
    })
    .approve('approve-cut', 'cut', [aKey(leaked, 'ci-deploy'), aKey(child, 'backup-svc')])
    .begin('cut')
    .seal('before', 'cut', leaked)
    .seal('before', 'cut', child)
    .tell({
      type: 'undo.saved',
      card: 1,
      step: 'cut',
      target: leaked,
      calls: [
        { product: 'ram', version: '2015-05-01', action: 'UpdateAccessKey', region: 'cn-hangzhou', params: { UserName: 'ci-deploy', UserAccessKeyId: leaked, Status: 'Active' } },
      ],
    })
    .write('cut', { product: 'ram', action: 'UpdateAccessKey', targets: [leaked], params: { UserName: 'ci-deploy', UserAccessKeyId: leaked, Status: 'Inactive' } })
    .write('cut', {
      product: 'ram',
      action: 'UpdateAccessKey',
      targets: [child],
      params: { UserName: 'backup-svc', UserAccessKeyId: child, Status: 'Inactive' },
      how: 'reconciled',
    })
    .settle('cut', leaked, 'done')
    .settle('cut', child, 'done')
    .finish('cut', 'all');
  if (quiet !== 'none') story.begin('quiet').tell({ type: 'job.started', job: 'quiet', visit: 1 }).finish('quiet', 'started');
  story
    .begin('notify-lead')
    .after(30)
    .answer('notify-lead', 'done')
    .finish('notify-lead', 'done')
    .begin('told')
    .answer('told', `the duty manager, by phone (${name})`)
    .finish('told', 'answered', { facts: { told: 'x' } })
    .begin('logging')
    .read('logging', 'actiontrail', 'DescribeTrails', 'cn-hangzhou', 'denied', 'NoPermission')
    .finish('logging', 'skipped', { by: 'on-call', reason: `no permission to read the trails ${name}` })
    .begin('rogue')
    .read('rogue', 'ecs', 'DescribeInstances', 'me-east-1', 'denied', 'Forbidden.RAM')
    .seal('inventory', 'rogue', undefined, { region: 'us-west-1' })
    .finish('rogue', 'some', {
      facts: { rogue: [...miners, ours], rogueSummary: { cnyPerHour: 30, regions: ['cn-hangzhou', 'us-west-1'] } },
      coverage: {
        regionsDone: ['cn-hangzhou', 'us-west-1'],
        regionsMissed: [{ region: 'me-east-1', why: 'no permission (Forbidden.RAM)' }],
        notLooked: [both('Containers and functions.')],
      },
    })
    .begin('volatile');
  for (const { id } of miners.slice(0, 2))
    story.seal('volatile', 'volatile', id, { sensitive: true, redactions: ['SecurityToken'] }).settle('volatile', id, 'sealed', { seals: 'volatile' });
  story
    .settle('volatile', 'i-miner3', 'failed', { note: both('The console could not be read.') })
    .tell({ type: 'step.failed', step: 'volatile', visit: 1, code: 'E_EVIDENCE', message: both('1 of 3 could not be kept as evidence.'), targets: ['i-miner3'] })
    .after(15)
    .tell({ type: 'waiver.given', step: 'volatile', visit: 1, target: 'i-miner3', reason: `it burns money ${name}`, by: 'on-call', second: 'duty' })
    .settle('volatile', 'i-miner3', 'waived')
    .finish('volatile', 'all')
    .approve('approve-snapshots', 'snapshots', miners, [{ id: 'i-ours', why: both(`Made by somebody else (${name}).`) }], 'no')
    .approve('approve-stop', 'stop-rogue', miners, [{ id: 'i-ours', why: both(`Made by somebody else (${name}).`) }])
    .begin('stop-rogue')
    .seal('before', 'stop-rogue', 'i-miner3')
    .tell({ type: 'undo.saved', card: 2, step: 'stop-rogue', target: 'i-miner1', calls: [], irreversible: both('It can be started again by hand.') })
    .write('stop-rogue', {
      product: 'ecs',
      action: 'StopInstances',
      targets: ['i-miner1', 'i-miner3'],
      params: { 'InstanceId.1': 'i-miner1', StoppedMode: 'StopCharging' },
      class: 'R2',
    })
    .write('stop-rogue', {
      product: 'ecs',
      action: 'StopInstances',
      targets: ['i-miner2'],
      region: 'us-west-1',
      params: { 'InstanceId.1': 'i-miner2' },
      class: 'R2',
      result: 'denied',
      code: 'Forbidden.RAM',
      message: `refused ${name}`,
    })
    .settle('stop-rogue', 'i-miner2', 'failed', { note: both(`Not permitted (${name}).`) })
    .after(30)
    .settle('stop-rogue', 'i-miner1', 'done', { facts: { cnyPerHourAfter: 0 } })
    .settle('stop-rogue', 'i-miner3', 'done', { facts: { cnyPerHourAfter: 0 } })
    .finish('stop-rogue', 'some', { by: 'on-call', reason: 'went on without it' })
    .begin('burn')
    .finish('burn', 'all', { facts: { burnBefore: 30, burnAfter: null, burnNotes: [both('i-miner2 is Running and billed.')] } });
  const watched: JsonObject = {
    quiet: { from: '2026-03-14T19:05:00Z', to: '2026-03-14T19:21:00Z', logDelayMs: 480_000, regions: ['cn-hangzhou', 'us-west-1'], refusedAttempts: 3 },
  };
  story.after(900);
  if (quiet === 'quiet' || quiet === 'active')
    story.tell({
      type: 'job.finished',
      job: 'quiet',
      outcome: quiet,
      facts: watched,
      coverage: { regionsDone: ['cn-hangzhou'], notLooked: [both('Regions where the suspects were never seen.')] },
    });
  if (quiet === 'unverified') story.tell({ type: 'job.finished', job: 'quiet', outcome: 'unverified', by: 'on-call' });
  story
    .begin('contained')
    .after(40)
    .answer('contained', quiet === 'quiet' ? 'contained' : 'not-verified')
    .finish('contained', quiet === 'quiet' ? 'contained' : 'not-verified')
    .begin('leak-where')
    .answer('leak-where', `public repository ${name}`)
    .finish('leak-where', 'answered', { facts: { leakWhere: 'public repository' } })
    .begin('leak-down')
    .answer('leak-down', 'failed')
    .finish('leak-down', 'failed')
    .begin('lesson-how')
    .answer('lesson-how', `The key was in a script.\nThe repository was public. ${name}`)
    .finish('lesson-how', 'done')
    .begin('lesson-actions')
    .answer('lesson-actions', `Secret scanning ${name}; platform team; 2026-04-01\nA role instead of the key`)
    .finish('lesson-actions', 'done');
  if (!close) return story.entries();
  return story
    .tell({ type: 'job.finished', job: 'key-record', outcome: 'skipped', by: 'on-call', reason: `it takes until morning ${name}` })
    .begin('closed')
    .tell({ type: 'witness.given', why: 'close', bytes: 9_000, sha256: 'b'.repeat(64) }, { type: 'case.closed', outcome: 'closed', as: 'handled', by: opening.by ?? 'on-call' })
    .entries();
}
