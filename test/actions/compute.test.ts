// Rogue machines, act by act, on an account that behaves like the cloud: what each changes, what it refuses, how it is found again and undone.
import { describe, expect, it } from 'vitest';
import type { Action, Call, Target } from '../../src/actions/define.ts';
import { actions } from '../../src/actions/index.ts';
import { lookUp } from '../support/json.ts';
import { aContext, aReader } from '../support/cloud.ts';
import { child } from '../support/night.ts';
import { aRangeCloud, carryOut, type RangeCloud } from '../support/range-cloud.ts';
import { batchIn, contextAt, gather, responderKey, rogueFacts, rogueNight, targetsIn } from '../support/rogue-night.ts';
import type { WorldSeedInput } from '../../src/range/seed.ts';
import type { JsonObject } from '../../src/text.ts';

const minute = 60_000;
const action = (name: string): Action => actions[name] as Action;

async function night(change: Partial<WorldSeedInput> = {}): Promise<{ cloud: RangeCloud; facts: JsonObject; rogue: Target[] }> {
  const cloud = aRangeCloud({ ...rogueNight, ...change }, responderKey);
  const facts = await rogueFacts(cloud);
  return { cloud, facts, rogue: batchIn(facts, 'rogue') };
}

type Acted = { readonly calls: readonly Call[]; readonly undo: readonly Call[]; readonly statuses: readonly string[]; readonly notes: readonly string[] };

/** Judges, sends and reads back; gives the calls, and those that would undo them. */
async function act(cloud: RangeCloud, name: string, targets: readonly Target[], input: JsonObject = {}): Promise<Acted> {
  const one = action(name);
  const context = () => contextAt(cloud, one.input.parse(input) as JsonObject);
  const reader = aReader(cloud);
  const ready: Target[] = [];
  const undo: Call[] = [];
  const notes: string[] = [];
  for (const target of targets) {
    const before = await one.before(reader, target, context());
    if (before.status !== 'ready') {
      notes.push(`${target.id} ${before.status}: ${before.note.en}`);
      continue;
    }
    ready.push(target);
    const back = one.undo(target, before.state, context());
    if (!('irreversible' in back)) undo.push(...back);
  }
  const calls = await carryOut(cloud, one, ready, context);
  cloud.wait(5 * minute);
  const holdings = await Promise.all(ready.map((target) => one.holds(reader, target, context())));
  return { calls, undo, notes, statuses: holdings.map(({ status }) => status) };
}

const send = async (cloud: RangeCloud, calls: readonly Call[]): Promise<readonly boolean[]> => {
  const replies: boolean[] = [];
  for (const call of calls) replies.push((await cloud.send(call)).ok);
  return replies;
};
const stopAll = async (cloud: RangeCloud, rogue: readonly Target[]) => act(cloud, 'ecs.stopInstances', rogue);

describe('what launches by itself', () => {
  it('is found in every region with its maker; what the suspects did not make, and templates, are held back', async () => {
    const { facts, cloud } = await night();
    expect(targetsIn(facts, 'launchSources').map(({ id, held, data }) => [id, data['maker'], held?.en.slice(0, 24)])).toEqual([
      ['apg-fleet', child, undefined],
      ['lt-fleet', child, 'A launch template starts'],
      ['apg-web', '', 'The suspects did not mak'],
    ]);
    expect(facts['launched']).toMatchObject([
      { id: 'i-rogue3', region: 'ap-southeast-1', maker: child },
      { id: 'i-rogue4', maker: child },
    ]);
    const slice = await gather(cloud, 'ecs.launchSources', facts);
    expect(slice.coverage).toMatchObject({ regionsDone: rogueNight.regions, regionsMissed: [] });
    expect(JSON.stringify(slice.coverage?.notLooked)).toContain('Scaling groups');
  });

  it('makes what the service launched theirs, though the log names nobody', async () => {
    const { rogue, facts, cloud } = await night();
    expect(rogue.map(({ id }) => id).toSorted()).toEqual(['i-rogue1', 'i-rogue2', 'i-rogue3', 'i-rogue4']);
    const without = (await gather(cloud, 'ecs.rogueInstances', { ...facts, launched: [] })).facts;
    expect(batchIn(without, 'rogue').map(({ id }) => id)).not.toContain('i-rogue3');
  });

  it('is held back when the log can not tell who made it, and the region counts as not looked at', async () => {
    const cloud = aRangeCloud(rogueNight, responderKey);
    cloud.refuse('actiontrail:LookupEvents', 'denied');
    const { facts, coverage, outcome } = await gather(cloud, 'ecs.launchSources', { accessKeyId: child });
    expect(outcome).toBe('some');
    expect(batchIn(facts, 'launchSources')).toEqual([]);
    expect(targetsIn(facts, 'launchSources')[0]?.held?.en).toContain('does not say who made it');
    expect(coverage?.regionsMissed?.map(({ region }) => region).toSorted()).toEqual(['ap-southeast-1', 'cn-hangzhou']);
  });

  it('is looked for where they were seen when the regions may not be listed', async () => {
    const cloud = aRangeCloud(rogueNight, responderKey);
    cloud.refuse('ecs:DescribeRegions', 'denied');
    const slice = await gather(cloud, 'ecs.launchSources', { accessKeyId: child, touchedRegions: ['cn-beijing'] });
    expect(slice.outcome).toBe('some');
    expect(slice.coverage?.notLooked?.[0]?.en).toContain('could not be listed');
    cloud.refuse('ecs:DescribeRegions', 'unreachable');
    expect(await gather(cloud, 'ecs.launchSources', { accessKeyId: child })).toMatchObject({ outcome: 'none', refused: { refusal: 'unreachable' } });
  });

  it('is set to nothing without terminating: then a stop is no more undone by a replacement', async () => {
    const { cloud, facts, rogue } = await night();
    const { calls, undo, statuses } = await act(cloud, 'ecs.closeLaunchSources', batchIn(facts, 'launchSources'));
    expect(calls.map(({ params }) => params)).toEqual([
      { AutoProvisioningGroupId: 'apg-fleet', TotalTargetCapacity: '0', PayAsYouGoTargetCapacity: '0', SpotTargetCapacity: '0', ExcessCapacityTerminationPolicy: 'no-termination' },
    ]);
    expect(statuses).toEqual(['yes']);
    await stopAll(cloud, rogue);
    const before = cloud.world.instances.size;
    cloud.wait(60 * minute);
    expect([cloud.world.instances.size, cloud.world.instances.get('i-rogue3')?.power]).toEqual([before, 'Stopped']);
    // The old numbers, exactly; they make it launch again.
    expect(undo.map(({ params }) => params)).toMatchObject([
      { TotalTargetCapacity: '2', PayAsYouGoTargetCapacity: '1', SpotTargetCapacity: '0', ExcessCapacityTerminationPolicy: 'termination' },
    ]);
    expect(await send(cloud, undo)).toEqual([true]);
    cloud.wait(minute);
    expect(cloud.world.instances.size).toBe(before + 2);
  });

  it('not closed replaces what is stopped', async () => {
    const { cloud, rogue } = await night();
    const before = cloud.world.instances.size;
    await stopAll(cloud, rogue);
    expect(cloud.world.instances.size).toBe(before + 2);
  });

  it('is never closed when it is a template, and said to be already closed, or gone', async () => {
    const { cloud, facts } = await night();
    const [fleet, template, web] = targetsIn(facts, 'launchSources') as [Target, Target, Target];
    const close = action('ecs.closeLaunchSources');
    expect(close.guard?.(template, aContext())?.en).toContain('launch template');
    expect(close.warn?.(web, aContext()).map(({ en }) => en)[0]).toContain('not replaced');
    expect((await close.before(aReader(cloud), web, aContext())).status).toBe('already');
    cloud.world.provisioningGroups.delete(fleet.id);
    expect((await close.before(aReader(cloud), fleet, aContext())).status).toBe('gone');
    expect((await close.holds(aReader(cloud), fleet, aContext())).status).toBe('yes');
  });
});

describe('keeping machines', () => {
  it('takes the release time away and protects them; the undo gives both back', async () => {
    const { cloud, rogue } = await night();
    const timed = rogue.find(({ id }) => id === 'i-rogue1') as Target;
    expect(action('ecs.keepInstances').warn?.(timed, aContext())[0]?.en).toContain('release itself at 2026-03-01T05:00Z');
    const { undo, statuses } = await act(cloud, 'ecs.keepInstances', rogue);
    expect(new Set(statuses)).toEqual(new Set(['yes']));
    cloud.wait(180 * minute);
    expect(cloud.world.instances.get('i-rogue1')).toMatchObject({ deletionProtection: true, autoRelease: undefined });
    expect((await act(cloud, 'ecs.keepInstances', [timed])).notes[0]).toContain('i-rogue1 already');
    expect(undo.find(({ action: name }) => name === 'ModifyInstanceAutoReleaseTime')?.params).toEqual({ InstanceId: 'i-rogue1', AutoReleaseTime: '2026-03-01T05:00:00Z' });
    expect(undo.filter(({ action: name }) => name === 'ModifyInstanceAttribute').map(({ params }) => params['DeletionProtection'])).toEqual(rogue.map(() => 'false'));
  });

  it('the undo works while the old time still lies ahead', async () => {
    const { cloud, rogue } = await night();
    const { undo } = await act(cloud, 'ecs.keepInstances', rogue.slice(-1));
    expect(new Set(await send(cloud, undo))).toEqual(new Set([true]));
    const id = rogue.at(-1)?.id ?? '';
    expect(cloud.world.instances.get(id)).toMatchObject({ deletionProtection: false });
  });

  it('refuses a prepaid one with what is left to do, and a locked one', async () => {
    const { rogue } = await night();
    const guard = (data: JsonObject): string | undefined => action('ecs.keepInstances').guard?.({ ...(rogue[0] as Target), data: { ...rogue[0]?.data, ...data } }, aContext())?.en;
    expect(guard({ charge: 'PrePaid' })).toMatch(/auto-renewal off[\s\S]*refund/);
    expect(guard({ securityLocked: true })).toContain('locked');
    expect(guard({})).toBeUndefined();
  });

  it('only takes the release time off a spot instance, and says that it can not be protected', async () => {
    const instances = (rogueNight.instances ?? []).map((group) => (group.ids.includes('i-rogue1') ? { ...group, spot: true } : group));
    const { cloud, rogue } = await night({ instances });
    const spot = rogue.filter(({ id }) => id === 'i-rogue1');
    expect(
      action('ecs.keepInstances')
        .warn?.(spot[0] as Target, aContext())
        .map(({ en }) => en.slice(0, 15)),
    ).toEqual(['Set to release ', 'A spot instance']);
    const { calls, statuses, undo } = await act(cloud, 'ecs.keepInstances', spot);
    expect(calls.map(({ action: name }) => name)).toEqual(['ModifyInstanceAutoReleaseTime']);
    expect(undo.map(({ action: name }) => name)).toEqual(['ModifyInstanceAutoReleaseTime']);
    expect(statuses).toEqual(['yes']);
    expect((await act(cloud, 'ecs.keepInstances', spot)).notes[0]).toContain('already');
  });

  it('tells one call from the other when one is in doubt', async () => {
    const { cloud, rogue } = await night();
    const keep = action('ecs.keepInstances');
    const timed = rogue.find(({ id }) => id === 'i-rogue1') as Target;
    const [release, protect] = keep.plan([timed], aContext()).map(({ call }) => call) as [Call, Call];
    await send(cloud, [release]);
    const holds = async (call?: Call) => (await keep.holds(aReader(cloud), timed, aContext(), call)).status;
    expect([await holds(release), await holds(protect), await holds()]).toEqual(['yes', 'no', 'no']);
  });
});

describe('quarantine', () => {
  const build = async (cloud: RangeCloud, facts: JsonObject): Promise<JsonObject> => {
    await act(cloud, 'ecs.quarantineGroups', batchIn(facts, 'quarantinePlaces'));
    return { ...facts, ...(await gather(cloud, 'ecs.quarantinePlaces', facts)).facts };
  };

  it('has one place for each VPC with the groups of every machine there', async () => {
    const { facts } = await night();
    const places = targetsIn(facts, 'quarantinePlaces');
    expect(places).toHaveLength(3);
    const far = places.find(({ id }) => id === 'vpc-far1');
    expect(far?.data).toMatchObject({ region: 'cn-beijing', group: '', sealed: false, instances: [{ id: 'i-rogue2', groups: ['sg-far'], interfaces: [] }] });
    const near = places.find(({ region, id }) => region === 'cn-beijing' && id !== 'vpc-far1');
    expect(lookUp(near?.data ?? {}, 'instances')).toMatchObject([{ id: 'i-rogue1', groups: ['sg-web', 'sg-db'], interfaces: [{ groups: ['sg-db'] }] }, { id: 'i-ours' }]);
  });

  it('has no place for a VPC where only ours stands but one that is held back', async () => {
    const { cloud, facts } = await night();
    const onlyOurs = { rogue: targetsIn(facts, 'rogue').filter(({ id }) => id === 'i-ours') };
    expect(targetsIn((await gather(cloud, 'ecs.quarantinePlaces', onlyOurs as never)).facts, 'quarantinePlaces')[0]?.held?.en).toContain('held back');
    expect(await gather(cloud, 'ecs.quarantinePlaces', {})).toMatchObject({ outcome: 'none', facts: { quarantinePlaces: [] } });
  });

  it('does not take an empty list for an empty network: a region that may not be listed was not looked at', async () => {
    const { cloud, facts } = await night();
    const hidden = async (call: Call): ReturnType<RangeCloud['send']> => {
      if (call.action !== 'DescribeInstances' || call.region !== 'cn-beijing') return cloud.send(call);
      if (call.params['DryRun'] === 'true') return { ok: false, refusal: 'denied', code: 'Forbidden.RAM', message: '', retries: 0 };
      return { ok: true, status: 200, text: '{}', body: { Instances: { Instance: [] } }, requestId: 'R', redactions: [], retries: 0 };
    };
    const slice = await gather({ ...cloud, send: hidden }, 'ecs.quarantinePlaces', facts);
    expect(slice).toMatchObject({ outcome: 'some', coverage: { regionsDone: ['ap-southeast-1'], regionsMissed: [{ region: 'cn-beijing' }] } });
    expect(targetsIn(slice.facts, 'quarantinePlaces').map(({ region }) => region)).toEqual(['ap-southeast-1']);
  });

  it('groups are built once each, let nothing in or out and their members not to one another', async () => {
    const { cloud, facts } = await night();
    const places = batchIn(facts, 'quarantinePlaces');
    const { calls, statuses } = await act(cloud, 'ecs.quarantineGroups', places);
    expect(calls.map(({ action: name }) => name).toSorted()).toEqual(
      ['AuthorizeSecurityGroupEgress', 'CreateSecurityGroup', 'ModifySecurityGroupPolicy'].flatMap((name) => [name, name, name]),
    );
    expect(statuses).toEqual(['yes', 'yes', 'yes']);
    const made = [...cloud.world.securityGroups.values()].filter(({ name }) => name === 'firebreak-quarantine-case-1');
    expect(made.map(({ inner, rules }) => [inner, rules.map(({ direction, policy, cidr, priority }) => `${direction} ${policy} ${cidr} ${priority}`)])).toEqual(
      made.map(() => ['Drop', ['egress Drop 0.0.0.0/0 1', 'egress Drop ::/0 1']]),
    );
    expect(new Set(made.map(({ vpc }) => vpc)).size).toBe(3);
    const again = await act(cloud, 'ecs.quarantineGroups', places);
    expect([again.calls, again.notes.length]).toEqual([[], 3]);
  });

  it('a group that was begun is gone on with, and found by its name after a lost answer', async () => {
    const { cloud, facts } = await night();
    const groups = action('ecs.quarantineGroups');
    const place = batchIn(facts, 'quarantinePlaces')[0] as Target;
    const [create] = groups.plan([place], aContext()).map(({ call }) => call) as [Call];
    const holds = async (call?: Call) => (await groups.holds(aReader(cloud), place, aContext(), call)).status;
    expect(await holds(create)).toBe('no');
    await send(cloud, [create]);
    expect([await holds(create), await holds()]).toEqual(['yes', 'no']);
    const seen = targetsIn((await gather(cloud, 'ecs.quarantinePlaces', facts)).facts, 'quarantinePlaces').find(({ id }) => id === place.id) as Target;
    expect(seen.data['group']).toMatch(/^sg-/);
    const { calls, undo, statuses } = await act(cloud, 'ecs.quarantineGroups', [seen]);
    expect(calls.map(({ action: name }) => name)).toEqual(['ModifySecurityGroupPolicy', 'AuthorizeSecurityGroupEgress']);
    expect(statuses).toEqual(['yes']);
    expect(undo.map(({ action: name, params }) => [name, params['SecurityGroupId']])).toEqual([['DeleteSecurityGroup', seen.data['group']]]);
    expect(await send(cloud, undo)).toEqual([true]);
    expect(groups.undo(place, { group: '' }, aContext())).toMatchObject({ irreversible: { en: expect.stringContaining('firebreak-quarantine-case-1') as unknown } });
  });

  it('a group into which somebody let something is not trusted', async () => {
    const { cloud, facts } = await night();
    const place = batchIn(facts, 'quarantinePlaces')[0] as Target;
    await act(cloud, 'ecs.quarantineGroups', [place]);
    const group = [...cloud.world.securityGroups.values()].find(({ name }) => name.startsWith('firebreak-quarantine'));
    if (group) group.rules = [...group.rules, { direction: 'ingress', policy: 'Accept', protocol: 'TCP', ports: '22/22', cidr: '0.0.0.0/0', priority: 1 }];
    expect(await action('ecs.quarantineGroups').holds(aReader(cloud), place, aContext())).toMatchObject({ status: 'no', final: true });
  });

  it('an empty list of groups is no proof that there is none', async () => {
    const { cloud, facts } = await night();
    const place = batchIn(facts, 'quarantinePlaces')[0] as Target;
    const blind = {
      ...cloud,
      send: async (call: Call) =>
        call.action === 'DescribeSecurityGroups' && call.params['DryRun'] === 'true'
          ? ({ ok: false, refusal: 'denied', code: 'Forbidden.RAM', message: '', retries: 0 } as const)
          : cloud.send(call),
    };
    expect((await action('ecs.quarantineGroups').before(aReader(blind), place, aContext())).status).toBe('unreadable');
  });

  it('puts every interface of every machine into the group of its VPC; the undo restores them exactly', async () => {
    const { cloud, facts, rogue } = await night();
    const places = (await build(cloud, facts))['quarantinePlaces'] ?? [];
    const { calls, undo, statuses } = await act(cloud, 'ecs.quarantine', rogue, { places });
    expect(calls.map(({ action: name }) => name).toSorted()).toEqual([...rogue.map(() => 'ModifyInstanceAttribute'), 'ModifyNetworkInterfaceAttribute']);
    expect(new Set(statuses)).toEqual(new Set(['yes']));
    const one = () => cloud.world.instances.get('i-rogue1');
    expect(one()?.securityGroups).toHaveLength(1);
    expect(one()?.interfaces[0]?.securityGroups).toEqual(one()?.securityGroups);
    expect(cloud.world.securityGroups.get(one()?.securityGroups[0] ?? '')?.name).toBe('firebreak-quarantine-case-1');
    expect((await act(cloud, 'ecs.quarantine', rogue, { places })).notes).toHaveLength(rogue.length);
    const far = targetsIn({ places }, 'places').find(({ id }) => id === 'vpc-far1') as Target;
    const guard = async () => action('ecs.quarantineGroups').undoGuard?.(aReader(cloud), far, contextAt(cloud));
    expect((await guard())?.en).toContain('Interfaces still in the group: 1.');
    await send(cloud, undo);
    expect([one()?.securityGroups, one()?.interfaces[0]?.securityGroups]).toEqual([['sg-web', 'sg-db'], ['sg-db']]);
    expect(cloud.world.instances.get('i-rogue2')?.securityGroups).toEqual(['sg-far']);
    expect(await guard()).toBeUndefined();
  });

  it('does nothing without a group, or when a machine has other interfaces than were read', async () => {
    const { cloud, facts, rogue } = await night();
    const first = rogue.find(({ id }) => id === 'i-rogue1') as Target;
    expect((await act(cloud, 'ecs.quarantine', [first], { places: facts['quarantinePlaces'] ?? [] })).notes[0]).toContain('No quarantine group is known');
    const places = (await build(cloud, facts))['quarantinePlaces'] ?? [];
    const machine = cloud.world.instances.get('i-rogue1');
    Object.assign(machine ?? {}, { interfaces: [...(machine?.interfaces ?? []), { id: 'eni-new', name: '', privateIp: '172.17.0.9', vSwitch: 'vsw', securityGroups: ['sg-db'] }] });
    expect((await act(cloud, 'ecs.quarantine', [first], { places })).notes[0]).toContain('interfaces have changed');
  });

  it('tells one interface from the other when a call is in doubt', async () => {
    const { cloud, facts, rogue } = await night();
    const places = (await build(cloud, facts))['quarantinePlaces'] ?? [];
    const first = rogue.find(({ id }) => id === 'i-rogue1') as Target;
    const one = action('ecs.quarantine');
    const context = contextAt(cloud, one.input.parse({ places }) as JsonObject);
    const [primary, second] = one.plan([first], context).map(({ call }) => call) as [Call, Call];
    await send(cloud, [second]);
    const holds = async (call?: Call) => (await one.holds(aReader(cloud), first, context, call)).status;
    expect([await holds(primary), await holds(second), await holds()]).toEqual(['no', 'yes', 'no']);
  });

  it('refuses a machine on the classic network and says that connections may live on', async () => {
    const { rogue } = await night();
    const first = rogue[0] as Target;
    expect(action('ecs.quarantine').guard?.({ ...first, data: { ...first.data, network: 'classic' } }, aContext())?.en).toContain('classic network');
    expect(
      action('ecs.quarantine')
        .warn?.(first, aContext())
        .map(({ en }) => en),
    ).toEqual([expect.stringContaining('may live on')]);
    expect(action('ecs.quarantine').needs).toEqual(['volatile']);
  });
});

describe('the role of a machine', () => {
  it('is taken off, one call a region, and put back by the undo', async () => {
    const { cloud, rogue } = await night();
    const { calls, undo, statuses } = await act(cloud, 'ecs.detachRole', rogue);
    expect(calls.map(({ region, params }) => [region, params])).toEqual([
      ['cn-beijing', { InstanceIds: '["i-rogue1","i-rogue2"]' }],
      ['ap-southeast-1', { InstanceIds: '["i-rogue3","i-rogue4"]' }],
    ]);
    expect(new Set(statuses)).toEqual(new Set(['yes']));
    expect((await act(cloud, 'ecs.detachRole', rogue)).notes.every((note) => note.includes('already'))).toBe(true);
    expect(new Set(await send(cloud, undo))).toEqual(new Set([true]));
    expect(cloud.world.instances.get('i-rogue1')?.role).toBe('AppRuntime');
  });

  it('reads the verdict on each inside an answer of 200', async () => {
    const { cloud, rogue } = await night();
    const machine = cloud.world.instances.get('i-rogue1');
    Object.assign(machine ?? {}, { securityLock: true });
    const one = action('ecs.detachRole');
    const [planned] = one.plan(rogue, aContext());
    const reply = planned && (await cloud.send(planned.call));
    expect(reply?.ok && planned ? one.settle?.(reply, planned) : undefined).toMatchObject({
      'i-rogue1': { ok: false, code: 'InstanceLockedForSecurity' },
      'i-rogue2': { ok: true },
    });
    expect(one.leaves.en).toContain('deny the role too');
    expect(one.undoes).toContain('ram:PassRole');
  });
});

describe('snapshots', () => {
  it('are taken together where all disks allow it, each on its own elsewhere and on a second try', async () => {
    const { cloud, rogue } = await night();
    const plan = (attempt: number) => action('ecs.snapshotDisks').plan(rogue, aContext({}, { attempt }));
    const of = (id: string, attempt = 1) =>
      plan(attempt)
        .filter(({ targets }) => targets.includes(id))
        .map(({ call }) => call.action);
    expect(of('i-rogue1')).toEqual(['CreateSnapshotGroup']);
    expect(of('i-rogue1', 2)).toEqual(['CreateSnapshot', 'CreateSnapshot']);
    expect(of('i-rogue2')).toEqual(['CreateSnapshot', 'CreateSnapshot']);
    expect(of('i-rogue3')).toEqual(['CreateSnapshot']);
    expect(plan(1).find(({ call }) => call.action === 'CreateSnapshotGroup')?.call.params).toMatchObject({
      InstanceId: 'i-rogue1',
      Name: 'firebreak-case-1-i-rogue1',
      'Tag.1.Key': 'firebreak-case',
    });
    const { statuses } = await act(cloud, 'ecs.snapshotDisks', rogue);
    expect(new Set(statuses)).toEqual(new Set(['yes']));
    expect((await act(cloud, 'ecs.snapshotDisks', rogue)).calls).toEqual([]);
    expect([...cloud.world.snapshotSets.values()]).toHaveLength(1);
  });

  it('in a group that a stop spoiled have failed for good; the next try takes each alone', async () => {
    const { cloud, rogue } = await night();
    const first = rogue.filter(({ id }) => id === 'i-rogue1');
    const one = action('ecs.snapshotDisks');
    await carryOut(cloud, one, first, () => contextAt(cloud));
    expect((await one.holds(aReader(cloud), first[0] as Target, aContext())).status).toBe('pending');
    await cloud.send({ product: 'ecs', version: '2014-05-26', action: 'StopInstances', region: 'cn-beijing', params: { 'InstanceId.1': 'i-rogue1' }, effect: 'write' });
    cloud.wait(minute);
    expect(await one.holds(aReader(cloud), first[0] as Target, aContext())).toMatchObject({ status: 'no', final: true });
    for (const { call } of one.plan(first, aContext({}, { attempt: 2 }))) expect((await cloud.send(call)).ok).toBe(true);
    cloud.wait(10 * minute);
    expect((await one.holds(aReader(cloud), first[0] as Target, aContext())).status).toBe('yes');
  });

  it('of one disk that a stop spoiled are made anew on the next try: with the old token the cloud would give the failed one again', async () => {
    const { cloud, rogue } = await night();
    const first = rogue.filter(({ id }) => id === 'i-rogue3');
    const one = action('ecs.snapshotDisks');
    const tries = async (attempt: number) => carryOut(cloud, one, first, () => ({ ...contextAt(cloud), attempt }));
    await tries(1);
    await cloud.send({ product: 'ecs', version: '2014-05-26', action: 'StopInstances', region: 'ap-southeast-1', params: { 'InstanceId.1': 'i-rogue3' }, effect: 'write' });
    cloud.wait(10 * minute);
    expect((await one.holds(aReader(cloud), first[0] as Target, aContext())).status).toBe('no');
    await tries(1);
    expect(cloud.world.snapshots.size).toBe(1);
    await tries(2);
    cloud.wait(10 * minute);
    expect((await one.holds(aReader(cloud), first[0] as Target, aContext())).status).toBe('yes');
  });

  it('of the case are found again, alone and in groups', async () => {
    const { cloud, facts, rogue } = await night();
    expect(await gather(cloud, 'ecs.caseSnapshots', facts)).toMatchObject({ outcome: 'none', facts: { caseSnapshots: [] } });
    await act(cloud, 'ecs.snapshotDisks', rogue);
    const found = targetsIn((await gather(cloud, 'ecs.caseSnapshots', facts)).facts, 'caseSnapshots');
    expect(found).toHaveLength(6);
    expect(new Set(found.map(({ data }) => data['disk'])).size).toBe(6);
    for (const snapshot of cloud.world.snapshots.values()) snapshot.failed = 1;
    expect(batchIn((await gather(cloud, 'ecs.caseSnapshots', facts)).facts, 'caseSnapshots')).toEqual([]);
    cloud.refuse('ecs:DescribeSnapshots', 'denied');
    expect(await gather(cloud, 'ecs.caseSnapshots', facts)).toMatchObject({ outcome: 'none', refused: { refusal: 'denied' } });
  });

  it('of a machine seal what its disks held, or name the disk that is missing', async () => {
    const { cloud, rogue } = await night();
    const first = rogue.find(({ id }) => id === 'i-rogue1') as Target;
    const seals = async (target: Target) => gather(cloud, 'ecs.diskSnapshots', {}, target);
    expect(await seals(first)).toMatchObject({ outcome: 'none', refused: { code: 'E_SNAPSHOT' } });
    await act(cloud, 'ecs.snapshotDisks', rogue);
    const done = await seals(first);
    expect(done.outcome).toBe('all');
    expect(done.sealed.every(({ kind, target }) => kind === 'disk-snapshot' && target === first.id)).toBe(true);
    const more = {
      ...first,
      data: {
        ...first.data,
        disks: [...(first.data['disks'] as JsonObject[]), { id: 'd-other', category: 'cloud_essd', local: false }, { id: 'd-local', category: 'local_ssd_pro', local: true }],
      },
    };
    const part = await seals(more);
    expect(part.outcome).toBe('some');
    expect(lookUp(part.facts, 'notGiven')).toMatchObject([{ en: 'No finished snapshot of d-other.' }, { en: 'Local disks are in no snapshot.' }]);
  });
});

describe('locking snapshots', () => {
  const taken = async () => {
    const made = await night();
    await act(made.cloud, 'ecs.snapshotDisks', made.rogue);
    const facts = (await gather(made.cloud, 'ecs.caseSnapshots', made.facts)).facts;
    return { ...made, snapshots: batchIn(facts, 'caseSnapshots') };
  };

  it('says until when it can be undone, and the undo works until then', async () => {
    const { cloud, snapshots } = await taken();
    const { undo, statuses, calls } = await act(cloud, 'ecs.lockSnapshots', snapshots, { coolOffHours: 2, lockDays: 7 });
    expect(calls[0]?.params).toMatchObject({ LockMode: 'compliance', CoolOffPeriod: '2', LockDuration: '7' });
    expect(new Set(statuses)).toEqual(new Set(['yes']));
    const held = await action('ecs.lockSnapshots').holds(aReader(cloud), snapshots[0] as Target, contextAt(cloud));
    expect(held.note?.en).toBe('Locked. It can be unlocked until 2026-03-01T05:05:00Z, and can not be deleted before 2026-03-08T03:05:00Z.');
    expect((await act(cloud, 'ecs.lockSnapshots', snapshots)).notes).toHaveLength(snapshots.length);
    expect(await send(cloud, undo.slice(0, 1))).toEqual([true]);
    cloud.wait(180 * minute);
    expect(await send(cloud, undo.slice(1, 2))).toEqual([false]);
  });

  it('the undo is refused in words once the cool-off is over', async () => {
    const { cloud, snapshots } = await taken();
    await act(cloud, 'ecs.lockSnapshots', snapshots, { coolOffHours: 1, lockDays: 7 });
    const guard = async () => action('ecs.lockSnapshots').undoGuard?.(aReader(cloud), snapshots[0] as Target, contextAt(cloud));
    expect(await guard()).toBeUndefined();
    cloud.wait(120 * minute);
    expect((await guard())?.en).toContain('The cool-off is over');
    cloud.refuse('ecs:DescribeLockedSnapshots', 'denied');
    expect((await guard())?.en).toContain('no permission');
  });

  it('never without a time to change one’s mind', () => {
    const { input } = action('ecs.lockSnapshots');
    for (const bad of [{ coolOffHours: 0 }, { coolOffHours: 73 }, { coolOffHours: 1.5 }, { lockDays: 0 }, { lockDays: 36_501 }]) expect(input.safeParse(bad).success).toBe(false);
    expect(input.parse({})).toEqual({ coolOffHours: 72, lockDays: 30 });
  });

  it('leaves out what has failed or is gone', async () => {
    const { cloud, snapshots } = await taken();
    const [first, second] = snapshots as [Target, Target];
    cloud.world.snapshots.delete(first.id);
    Object.assign(cloud.world.snapshots.get(second.id) ?? {}, { failed: 1 });
    expect((await act(cloud, 'ecs.lockSnapshots', [first, second])).notes.map((note) => note.split(':')[0])).toEqual([`${first.id} gone`, `${second.id} changed`]);
  });
});

describe('releasing machines', () => {
  const ready = async () => {
    const made = await night();
    const { cloud, facts, rogue } = made;
    await act(cloud, 'ecs.closeLaunchSources', batchIn(facts, 'launchSources'));
    await act(cloud, 'ecs.keepInstances', rogue);
    await act(cloud, 'ecs.snapshotDisks', rogue);
    await stopAll(cloud, rogue);
    return made;
  };

  it('keeps the disks first, then releases what is stopped, each on its own', async () => {
    const { cloud, rogue } = await ready();
    const disks = [...cloud.world.disks.values()].filter(({ instance }) => rogue.some(({ id }) => id === instance)).map(({ id }) => id);
    const { calls, statuses } = await act(cloud, 'ecs.deleteInstances', rogue);
    const names = calls.map(({ action: name }) => name);
    expect(names.lastIndexOf('ModifyDiskAttribute')).toBeLessThan(names.indexOf('DeleteInstances'));
    expect(calls.filter(({ action: name }) => name === 'DeleteInstances').map(({ params }) => [Object.keys(params).length, params['Force']])).toEqual(
      rogue.map(() => [2, 'false']),
    );
    expect(new Set(statuses)).toEqual(new Set(['yes']));
    expect(rogue.some(({ id }) => cloud.world.instances.has(id))).toBe(false);
    expect(disks.every((id) => cloud.world.disks.has(id))).toBe(true);
  });

  it('never by force: one that runs is left, and so is one with a disk nobody has seen', async () => {
    const { cloud, rogue } = await ready();
    const [first, second] = rogue as [Target, Target];
    Object.assign(cloud.world.instances.get(first.id) ?? {}, { power: 'Running' });
    const disk = [...cloud.world.disks.values()].find(({ instance }) => instance === second.id);
    if (disk) cloud.world.disks.set('d-new', { ...disk, id: 'd-new' });
    const { notes, calls } = await act(cloud, 'ecs.deleteInstances', [first, second]);
    expect(notes[0]).toContain('not stopped');
    expect(notes[1]).toContain('d-new');
    expect(calls).toEqual([]);
  });

  it('is irreversible, needs the volatile set and the disks in snapshots, and is not for prepaid ones', async () => {
    const { rogue } = await night();
    const one = action('ecs.deleteInstances');
    const first = rogue[0] as Target;
    expect([one.class, one.needs]).toEqual(['R3', ['volatile', 'disk-snapshot']]);
    expect(one.undo(first, {}, aContext())).toHaveProperty('irreversible');
    expect(one.guard?.({ ...first, data: { ...first.data, charge: 'PrePaid' } }, aContext())?.en).toContain('refund');
    expect(one.warn?.({ ...first, data: { ...first.data, ours: true, localDisk: true } }, aContext())).toHaveLength(2);
  });

  it('tells its calls apart when one is in doubt', async () => {
    const { cloud, rogue } = await ready();
    const one = action('ecs.deleteInstances');
    const first = rogue.find(({ id }) => id === 'i-rogue1') as Target;
    const [keep, unprotect, release] = one.plan([first], aContext()).map(({ call }) => call) as [Call, Call, Call];
    const holds = async (call?: Call) => (await one.holds(aReader(cloud), first, aContext(), call)).status;
    const all = async () => [await holds(keep), await holds(unprotect), await holds(release)];
    expect(await all()).toEqual(['no', 'no', 'no']);
    await send(cloud, [keep]);
    expect(await all()).toEqual(['yes', 'no', 'no']);
    await send(cloud, [unprotect]);
    expect(await all()).toEqual(['yes', 'yes', 'no']);
    await send(cloud, [release]);
    expect(await all()).toEqual(['yes', 'yes', 'yes']);
  });
});
