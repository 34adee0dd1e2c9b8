// Accounts a stranger might bring: each is legitimate, none is ours. Judged by the server's own record, the documents and the trail.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Machine, World } from './account.ts';
import { aForeignBench, type Bench, type Stage } from './bench.ts';
import { play, type Pending, type Played, type Script } from './player.ts';
import { account, ago, aNight, childKey, event, glass, machine, ourKey, secret, stolen, user } from './worlds.ts';

let bench: Bench;
beforeAll(async () => void (bench = await aForeignBench({ readTimeoutMs: 1_200 })));
afterAll(() => bench.end());

type Options = { readonly server?: Parameters<Bench['stage']>[1]; readonly script?: Script; readonly caller?: Parameters<Bench['stage']>[2]; readonly until?: string };
type Case = Played & Stage & { readonly report: string; readonly entries: readonly Record<string, unknown>[] };

/** Plays a case, to its end unless `until` names a step, then checks what holds of every one: verified, nothing of ours touched, no secret in any byte. */
async function aCase(world: World, { server = {}, script = {}, caller, until = '' }: Options = {}): Promise<Case> {
  const stage = await bench.stage(world, server, caller);
  const played = await play(stage.command, { 'input.accessKeyId': stolen, ...script }, until);
  const verified = await stage.command('verify', 'FOREIGN', ...(until === '' ? [] : ['--open']));
  expect(verified.exit, JSON.stringify(verified.document)).toBe(0);
  const trail = await readFile(join(stage.place.vault, 'FOREIGN', 'trail.jsonl'), 'utf8');
  for (const { action, params, targets } of stage.effects) {
    if (action === 'UpdateAccessKey') expect(params['UserName'], 'a key call names its user').toEqual(expect.stringMatching(/./));
    for (const target of targets) expect(target).not.toMatch(/ours|nightly|glass/i);
  }
  const bytes = `${await stage.place.text()}${stage.said.join('\n')}`;
  for (const { secret: kept, token } of world.callers) {
    expect(bytes.includes(kept)).toBe(false);
    if (token !== undefined) expect(bytes.includes(token) || bytes.includes(encodeURIComponent(token))).toBe(false);
  }
  expect(bytes).not.toMatch(/[?&]Signature=/);
  const report = played.last.report === undefined ? '' : await readFile(played.last.report, 'utf8');
  return {
    ...played,
    ...stage,
    report,
    entries: trail
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const did = ({ effects }: Stage, action: string): readonly string[] =>
  effects
    .filter((each) => each.action === action)
    .flatMap(({ targets }) => targets)
    .toSorted();
const at = ({ asked }: Played, step: string, kind?: string): readonly Pending[] => asked.filter((each) => each.step === step && (kind === undefined || each.kind === kind));
const steps = ({ asked }: Played): readonly string[] => asked.map(({ step }) => step);
const finished = ({ entries }: Case, step: string): Record<string, unknown> | undefined => entries.findLast((entry) => entry['type'] === 'step.finished' && entry['step'] === step);
const theirs = ['i-theirs0001', 'i-theirs0002', 'i-theirs0003'];
const both = [childKey, stolen].toSorted();

describe('a night', () => {
  it('in pages of one row: every key, disk and machine of theirs, once, and nothing of ours', async () => {
    const night = await aCase(aNight({ page: 1 }), { server: { latencyMs: 5 } });
    expect(did(night, 'UpdateAccessKey')).toEqual(both);
    expect(did(night, 'CreateSnapshot')).toEqual(['d-theirs0001a', 'd-theirs0001b', 'd-theirs0002', 'd-theirs0003']);
    expect(did(night, 'StopInstances')).toEqual(theirs);
    expect(did(night, 'StartLogging')).toEqual(['audit']);
    expect(did(night, 'AttachPolicyToUser')).toEqual(['svc-sync']);
    expect(did(night, 'ModifyInstanceAttribute')).toEqual(theirs);
    expect(new Set(did(night, 'LockSnapshot')).size).toBe(4);
    expect(did(night, 'LockSnapshot')).toHaveLength(4);
    expect(at(night, 'approve-cut')).toHaveLength(1);
    expect(at(night, 'debt.1')).toHaveLength(1);
    expect(night.last.outcome).toBe('closed');
  }, 60_000);

  it('where all but the essential is denied: still cut, stopped and closed, and the report says what was missed', async () => {
    const no = [403, 'Forbidden.RAM'] as const;
    const names = [
      'actiontrail:DescribeRegions',
      'actiontrail:GetAccessKeyLastUsedInfo',
      'actiontrail:GetAccessKeyLastUsedProducts',
      'ram:ListGroupsForUser',
      'ram:ListPoliciesForUser',
      'ram:GetLoginProfile',
    ];
    const ecs = [
      'ecs:DescribePrice',
      'ecs:GetInstanceScreenshot',
      'ecs:DescribeInvocations',
      'ecs:DescribeNetworkInterfaces',
      'ecs:GetInstanceConsoleOutput',
      'ecs:DescribeSnapshots',
      'ecs:CreateSnapshot',
      'ecs:DescribeAutoProvisioningGroups',
      'ecs:DescribeLaunchTemplates',
      'ecs:ModifyInstanceAutoReleaseTime',
      'ecs:ModifyInstanceAttribute',
      'ecs:LockSnapshot',
    ];
    const refused = { ...Object.fromEntries([...names, ...ecs].map((name) => [name, no])), 'actiontrail:DescribeTrails': [403, 'NoPermission'] as const };
    const night = await aCase(aNight(), { server: { refused } });
    expect(did(night, 'UpdateAccessKey')).toEqual(both);
    expect(did(night, 'StopInstances')).toEqual(theirs);
    expect(night.effects).toHaveLength(4);
    expect(night.entries.filter(({ type }) => type === 'waiver.given').map(({ target }) => target)).toEqual(expect.arrayContaining(theirs));
    expect(night.last.debts).toHaveLength(3);
    expect(at(night, 'volatile', 'failed').at(-1)?.question).toMatch(/"go-on" waives/);
    for (const missed of [/No screenshot/, /No commands run on it/, /last-use record/, /CreateSnapshot|DescribeSnapshots/]) expect(night.report).toMatch(missed);
  });
});

describe('whose key it is', () => {
  const until = 'notify-lead';

  it('a child seen only through its own name, a grandchild made in the console: both are cut', async () => {
    const grand = 'LTAI5tEXAMPLEgrand01';
    const child = { user: 'svc-sync' };
    const world = aNight({
      searchable: ['EventAccessKeyId', 'User'],
      page: 1,
      events: [
        event(
          'CreateUser',
          118,
          { key: stolen, user: 'ci-pipeline' },
          { region: 'ap-southeast-1', requestParameters: { UserPrincipalName: `svc-sync@${account}.onaliyun.com` }, errorCode: '' },
        ),
        ...Array.from({ length: 3 }, (_, index) => event('ListBuckets', 130 + index, { key: stolen, user: 'ci-pipeline' })),
        event('CreateUser', 117, child, { region: 'ap-southeast-1', requestParameters: { UserName: 'svc-spare' } }),
        event('CreateAccessKey', 116, child, {
          region: 'ap-southeast-1',
          requestParameters: { UserName: 'svc-spare' },
          responseElements: { 'AccessKey.AccessKeyId': grand, 'AccessKey.Status': 'Active' },
        }),
      ],
    });
    world.users.push(user('svc-spare', '234567890123456793', grand));
    const night = await aCase(world, { until });
    expect(did(night, 'UpdateAccessKey')).toEqual([childKey, grand, stolen].toSorted());
  });

  it('already off: nothing is sent, and the case goes on', async () => {
    const world = aNight({ events: [] });
    for (const { keys } of world.users) for (const key of keys) if (key.id === stolen) key.status = 'Inactive';
    const night = await aCase(world, { until });
    expect(night.effects).toEqual([]);
    expect(finished(night, 'cut')).toMatchObject({ outcome: 'all' });
  });

  it('one of two suspects is gone by then: the other is cut', async () => {
    const world = aNight();
    world.users.splice(
      world.users.findIndex(({ name }) => name === 'svc-sync'),
      1,
    );
    const night = await aCase(world, { until });
    expect(did(night, 'UpdateAccessKey')).toEqual([stolen]);
  });

  it('of the very user we work as: cut, for our own key is another', async () => {
    const world = aNight({ events: [] });
    const other = 'LTAI5tEXAMPLEsecond1';
    world.users[0]?.keys.push({ id: other, status: 'Active', created: ago(9999) });
    const night = await aCase(world, { until, script: { 'input.accessKeyId': other } });
    expect(did(night, 'UpdateAccessKey')).toEqual([other]);
    expect(at(night, 'approve-cut')[0]?.question).toMatch(/your own user/i);
  });

  it('the key we work with: refused, and the reason is said', async () => {
    const night = await aCase(aNight({ events: [] }), { until: 'not-cut', script: { 'input.accessKeyId': glass } });
    expect(night.effects).toEqual([]);
    expect(at(night, 'not-cut')[0]?.question).toContain('This is the key you are using now');
  });

  it("nobody's here: no key is touched, and everything else is still looked at on the way to the end", async () => {
    const night = await aCase(aNight({ events: [] }), { script: { 'input.accessKeyId': 'LTAI5tEXAMPLEnobody1', 'no-look': ['look-again', 'by-hand'] } });
    expect(did(night, 'UpdateAccessKey')).toEqual([]);
    expect(steps(night)).toEqual(expect.arrayContaining(['no-look', 'notify-lead', 'approve-logging', 'leak-where']));
    expect(night.last.outcome).toBe('closed');
  });

  it('of the root account: not touched from here, its children are, and a person is told to go to the console', async () => {
    const root = (name: string, minutes: number, more: Record<string, unknown>): ReturnType<typeof event> =>
      event(name, minutes, { key: 'LTAI5tEXAMPLErootkey1', user: 'root', type: 'root-account' }, more);
    const world = aNight({
      events: [
        root('CreateUser', 118, { requestParameters: { UserName: 'svc-sync' } }),
        root('CreateAccessKey', 117, { requestParameters: { UserName: 'svc-sync' }, responseElements: { AccessKey: { AccessKeyId: childKey } } }),
      ],
    });
    const night = await aCase(world, { until, script: { 'input.accessKeyId': 'LTAI5tEXAMPLErootkey1' } });
    expect(did(night, 'UpdateAccessKey')).toEqual([childKey]);
    expect(at(night, 'approve-cut')[0]?.question).toContain('sign in as root');
    expect(at(night, 'still-on')[0]?.question).toContain('LTAI5tEXAMPLErootkey1');
    expect(steps(night)).toContain('off-by-hand');
  });

  it('and a responder in a role session with a token: works, and no byte of the token is kept', async () => {
    const session = {
      accessKeyId: 'STS.EXAMPLEsession01',
      secret: `${secret}-sts`,
      token: 'EXAMPLE+token/of==a+session',
      arn: `acs:ram::${account}:assumed-role/responder/alice`,
      type: 'AssumedRoleUser',
      principal: '345678901234567890:alice',
    };
    const night = await aCase(aNight({ callers: [session], events: [] }), { until, caller: session });
    expect(did(night, 'UpdateAccessKey')).toEqual([stolen]);
    expect(at(night, 'confirm-account')[0]?.question).toContain('assumed-role/responder/alice');
  });

  it('and a wrong secret: the answer quotes what was signed, token and all, and none of it is kept', async () => {
    const token = 'EXAMPLE+other/token==';
    const known = {
      accessKeyId: 'STS.EXAMPLEsession02',
      secret: 'the-right-one',
      token,
      arn: `acs:ram::${account}:assumed-role/responder/bob`,
      type: 'AssumedRoleUser',
      principal: '345678901234567891:bob',
    };
    const night = await aCase(aNight({ callers: [known], events: [] }), { until: 'who-am-i', caller: { ...known, secret: 'not-the-right-one' } });
    expect(at(night, 'who-am-i', 'failed')[0]?.question).toContain('SignatureDoesNotMatch');
    expect(await night.place.text()).not.toContain('not-the-right-one');
  });
});

describe('which machines are theirs', () => {
  const until = 'leak-where';
  const thief = { key: stolen, user: 'ci-pipeline' };
  const night = (machines: readonly Machine[], events: World['events'] = []): World =>
    aNight({ machines: [...machines], events, trails: [{ name: 'audit', home: 'cn-hangzhou', logging: true }] });

  it('is read from whatever the log gives: nested, dotted, or only the resources named', async () => {
    const world = night(
      [
        machine('i-theirs0001', 'cn-hangzhou', { created: '' }),
        machine('i-theirs0002', 'cn-hangzhou'),
        machine('i-theirs0003', 'cn-hangzhou'),
        machine('i-ours000001', 'cn-hangzhou'),
      ],
      [
        event('RunInstances', 90, thief, {
          requestParameters: { RegionId: 'cn-hangzhou', 'DataDisk.1.Size': 20 },
          responseElements: { 'InstanceIdSets.InstanceIdSet.1': 'i-theirs0001' },
        }),
        event('RunInstances', 91, thief, { referencedResources: { 'ACS::ECS::Instance': ['i-theirs0002'], 'ACS::ECS::SecurityGroup': ['sg-1'] } }),
        event('CreateInstance', 92, thief, { responseElements: JSON.stringify({ InstanceId: 'i-theirs0003' }) }),
        event('RunInstances', 93, { key: ourKey, user: 'nightly' }, { referencedResources: { 'ACS::ECS::Instance': ['i-ours000001'] } }),
      ],
    );
    expect(did(await aCase(world, { until }), 'StopInstances')).toEqual(theirs);
  });

  it('none: nothing is asked about machines, and the case goes on', async () => {
    const quiet = await aCase(
      night(
        [machine('i-ours000001', 'cn-hangzhou')],
        [event('RunInstances', 93, { key: ourKey, user: 'nightly' }, { responseElements: { InstanceIdSets: { InstanceIdSet: ['i-ours000001'] } } })],
      ),
      { until },
    );
    expect(steps(quiet).filter((step) => /snapshot|stop/.test(step))).toEqual([]);
    expect(did(quiet, 'UpdateAccessKey')).toEqual([stolen]);
  });

  it('prepaid, on local disks, locked by the cloud, not to be stopped, refused with all others: each ends in its own words', async () => {
    const made = (ids: readonly string[]): World['events'] => [event('RunInstances', 90, thief, { responseElements: { InstanceIdSets: { InstanceIdSet: ids } } })];
    const ids = ['i-theirs-prepaid', 'i-theirs-local', 'i-theirs-locked', 'i-theirs-starting', 'i-theirs-plain'];
    const world = night(
      [
        machine('i-theirs-prepaid', 'cn-hangzhou', { charge: 'PrePaid' }),
        machine('i-theirs-local', 'cn-hangzhou', { disks: [{ id: 'd-local', category: 'local_ssd_pro' }] }),
        machine('i-theirs-locked', 'cn-hangzhou', { locked: true }),
        machine('i-theirs-starting', 'cn-hangzhou', { stubborn: 'IncorrectInstanceStatus' }),
        machine('i-theirs-plain', 'cn-hangzhou'),
      ],
      made(ids),
    );
    const night5 = await aCase(world, { until, script: { 'approve-snapshots': 'no' } });
    expect(did(night5, 'StopInstances')).toEqual(['i-theirs-local', 'i-theirs-plain', 'i-theirs-prepaid']);
    expect(at(night5, 'approve-stop')[0]?.question).toMatch(/Prepaid: stopping saves nothing[\s\S]*security/i);
    expect(at(night5, 'stop-rogue', 'failed')[0]?.question).toContain('IncorrectInstanceStatus');
    const burn = finished(night5, 'burn')?.['facts'] as Record<string, unknown>;
    expect(JSON.stringify(burn['burnNotes'])).toMatch(/i-theirs-local is stopped, but still billed[\s\S]*i-theirs-starting is Running/);
  });

  it('one that makes the service refuse the whole call does not keep the others running', async () => {
    const ids = ['i-theirs0001', 'i-theirs0002'];
    const world = night(
      ids.map((id) => machine(id, 'cn-hangzhou')),
      [event('RunInstances', 90, thief, { responseElements: { InstanceIdSets: { InstanceIdSet: ids } } })],
    );
    const whole = (params: Readonly<Record<string, string>>): boolean => Object.values(params).includes('i-theirs0001');
    const night2 = await aCase(world, {
      until,
      script: { 'approve-snapshots': 'no' },
      server: { veto: ({ action, params }) => (action === 'StopInstances' && whole(params) ? [403, 'IncorrectInstanceStatus'] : undefined) },
    });
    expect(did(night2, 'StopInstances')).toEqual(['i-theirs0002']);
  });
});

it('refuses what does not fit with one document, and nothing moves', async () => {
  const { command, place } = await bench.stage(aNight());
  const { witness } = (await command('run', 'leaked-access-key', '--case', 'FOREIGN')).document;
  const refused = async (code: string, exit: number, ...words: readonly string[]): Promise<void> => {
    const said = await command(...words);
    expect([said.exit, said.document.error?.code], words.join(' ')).toEqual([exit, code]);
    expect(said.document.error?.hint).toEqual(expect.stringMatching(/./));
  };
  await refused('E_STALE', 65, 'answer', 'FOREIGN', 'confirm-account', '012345');
  await refused('E_CASE_UNKNOWN', 65, 'answer', 'NOWHERE', 'told', 'somebody');
  await refused('E_GUARD', 77, 'answer', 'FOREIGN', 'who-am-i', '--skip', 'no time');
  const after = (await command('status', 'FOREIGN')).document;
  expect(after.witness).toBe(witness);
  expect(after.pending).toMatchObject({ step: 'input.accessKeyId', kind: 'ask', expects: { example: expect.any(String) as unknown } });
  expect(await place.text()).not.toContain('no time');
});

describe('trails', () => {
  it('that may not be started, of the organization, and shadows of another region: each once, and said', async () => {
    const world = aNight({
      events: [],
      machines: [],
      trails: [
        { name: 'org-audit', home: 'cn-hangzhou', logging: false, organization: true },
        { name: 'audit', home: 'cn-hangzhou', logging: false },
        { name: 'audit', home: 'eu-central-1', logging: false, shadow: true },
        { name: 'fine', home: 'ap-southeast-1', logging: true, shadow: true },
      ],
    });
    const night = await aCase(world, {
      until: 'leak-where',
      server: { veto: ({ action, params }) => (action === 'StartLogging' && params['Name'] === 'org-audit' ? [403, 'NoPermission'] : undefined) },
    });
    expect(
      night.effects
        .filter(({ action }) => action === 'StartLogging')
        .map(({ region }) => region)
        .toSorted(),
    ).toEqual(['cn-hangzhou', 'eu-central-1']);
    expect(at(night, 'restart-logging', 'failed')[0]?.question).toContain('org-audit');
  });

  it('none at all: the event history still works, and the case says nothing older is kept', async () => {
    const night = await aCase(aNight({ events: [], machines: [], trails: [] }), { until: 'leak-where' });
    expect(night.effects.map(({ action }) => action)).toEqual(['UpdateAccessKey']);
    expect(JSON.stringify(finished(night, 'logging')?.['facts'])).toContain('There is no trail');
  });
});

describe('a line that breaks', () => {
  it('after the effect, before it, or behind a gateway: every effect once, by the record of the server', async () => {
    const mishaps = [
      { action: 'UpdateAccessKey', nth: 1, after: true, how: 'hang' },
      { action: 'UpdateAccessKey', nth: 2, how: 'reset' },
      { action: 'CreateSnapshot', nth: 1, after: true, how: 'html-502' },
      { action: 'StopInstances', nth: 1, after: true, how: 'reset' },
      { action: 'StopInstances', nth: 2, how: '503' },
      { action: 'StartLogging', nth: 1, after: true, how: '503' },
      { action: 'CreatePolicy', nth: 1, after: true, how: 'reset' },
      { action: 'AttachPolicyToUser', nth: 1, after: true, how: 'html-502' },
      { action: 'ModifyInstanceAttribute', nth: 2, after: true, how: 'reset' },
      { action: 'LockSnapshot', nth: 1, after: true, how: '503' },
      { action: 'LockSnapshot', nth: 3, how: 'reset' },
    ] as const;
    const night = await aCase(aNight({ slowMs: 200 }), { until: 'leak-where', server: { mishaps } });
    expect(did(night, 'UpdateAccessKey')).toEqual(both);
    expect(did(night, 'CreateSnapshot')).toEqual(['d-theirs0001a', 'd-theirs0001b', 'd-theirs0002', 'd-theirs0003']);
    expect(did(night, 'StopInstances')).toEqual(theirs);
    expect(did(night, 'StartLogging')).toEqual(['audit']);
    const how = night.entries.filter(({ type, effect }) => type === 'call.finished' && effect === 'write').map((entry) => entry['how']);
    expect(did(night, 'CreatePolicy')).toHaveLength(1);
    expect(did(night, 'AttachPolicyToUser')).toEqual(['svc-sync']);
    expect(did(night, 'ModifyInstanceAttribute')).toEqual(theirs);
    expect(new Set(did(night, 'LockSnapshot')).size).toBe(4);
    expect(did(night, 'LockSnapshot')).toHaveLength(4);
    expect(how.filter((each) => each === 'reconciled').length).toBeGreaterThanOrEqual(7);
    expect(how.filter((each) => each === 'redone').length).toBeGreaterThanOrEqual(3);
  }, 60_000);

  it('to a whole region: the others are cut and stopped, and the dead one is named', async () => {
    const night = await aCase(aNight(), { until: 'quiet', server: { deadRegions: { 'ap-southeast-1': 'reset' } } });
    expect(did(night, 'UpdateAccessKey')).toContain(stolen);
    expect(did(night, 'StopInstances')).toEqual(['i-theirs0003']);
    expect(finished(night, 'rogue')).toMatchObject({
      outcome: 'some',
      coverage: { regionsMissed: [{ region: 'ap-southeast-1', why: { en: expect.stringMatching(/server fault|not reachable/) as unknown } }] },
    });
  }, 60_000);
});
