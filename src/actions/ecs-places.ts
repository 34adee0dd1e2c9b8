// Where rogue machines stand in the network: one place per VPC, with the groups every machine there is in, and the quarantine group if this case has built it.
import { z } from 'zod';
import type { Json, JsonObject, Text } from '../text.ts';
import type { Context, Coverage, Reader, Refused, Slice, Target } from './define.ts';
import { defineCollector } from './define.ts';
import { describeSome, instancesIn, mayList, probeInstances, readPages } from './ecs.ts';
import type { Group, Nic } from './ecs-network.ts';
import { describeSecondary, findGroup, interfacesIn } from './ecs-network.ts';
import { slices } from './ecs-target.ts';
import { Loose } from './suspects.ts';
import { at, listAt, pool, textAt, why } from './wire.ts';

/** A machine as it stands: its own groups, and those of each further interface. */
type Machine = {
  readonly id: string;
  readonly region: string;
  readonly vpc: string;
  readonly held: boolean;
  readonly groups: readonly string[];
  readonly interfaces: readonly Nic[];
};

export const quarantinePlaces = defineCollector({
  summary: { en: 'Find the networks the rogue instances stand in, and their groups', zh: '查找可疑实例所在的专有网络及其安全组' },
  calls: ['ecs:DescribeInstances', 'ecs:DescribeNetworkInterfaces', 'ecs:DescribeSecurityGroups', 'ecs:DescribeSecurityGroupAttribute'],
  input: z.object({ rogue: z.array(Loose).default([]) }),
  gives: ['quarantinePlaces'],
  async slice(reader, context): Promise<Slice> {
    const rows = listAt(context.input, 'rogue').map((target) => ({
      id: textAt(target, 'id'),
      region: textAt(target, 'region') || textAt(target, 'data', 'region'),
      held: at(target, 'held') !== undefined,
    }));
    const regions = [...Map.groupBy(rows, ({ region }) => region).entries()];
    const looks = await pool(regions, 8, async ([region, wanted]) => ({ region, machines: await machinesIn(reader, region, wanted) }));
    const places = looks.flatMap(({ machines }) => ('refusal' in machines ? [] : [...Map.groupBy(machines, ({ vpc }) => vpc).values()]));
    const found = await pool(places, 8, async (machines) => toPlace(reader, context, machines));
    const missed = [
      ...looks.flatMap(({ region, machines }) => ('refusal' in machines ? [{ region, why: why(machines) }] : [])),
      ...found.flatMap((each) => ('why' in each ? [each] : [])),
    ];
    const targets = found.flatMap((each) => ('why' in each ? [] : [each]));
    const bad = new Set(missed.map(({ region }) => region));
    const coverage: Coverage = { regionsDone: regions.map(([region]) => region).filter((region) => !bad.has(region)), regionsMissed: missed };
    const refused = looks.map(({ machines }) => machines).find((machines) => 'refusal' in machines);
    if (targets.length === 0 && refused !== undefined && 'refusal' in refused) return { outcome: 'none', refused, coverage };
    return { outcome: targets.length === 0 ? 'none' : missed.length > 0 ? 'some' : 'all', facts: { quarantinePlaces: targets }, coverage };
  },
});

async function machinesIn(reader: Reader, region: string, wanted: readonly { readonly id: string; readonly held: boolean }[]): Promise<readonly Machine[] | Refused> {
  const seal = { kind: 'network' };
  const [parts, nics] = await Promise.all([
    pool(slices(wanted, 100), 4, async (part) =>
      readPages(
        reader,
        (token) =>
          describeSome(
            region,
            part.map(({ id }) => id),
            token,
          ),
        seal,
      ),
    ),
    readPages(reader, (token) => describeSecondary(region, token), seal),
  ]);
  const refused = parts.find((part) => 'refusal' in part);
  if (refused !== undefined && 'refusal' in refused) return refused;
  if ('refusal' in nics) return nics;
  const further = Map.groupBy(nics.bodies.flatMap(interfacesIn), ({ instanceId }) => instanceId);
  const instances = parts.flatMap((part) => ('refusal' in part ? [] : part.bodies.flatMap(instancesIn)));
  // Who may not list sees an empty list; a machine that is missing is gone only when listing is allowed.
  const probe = instances.length < wanted.length ? await reader.read(probeInstances(region)) : undefined;
  if (probe !== undefined && !probe.ok && !mayList(probe)) return probe;
  // On the classic network groups can not be replaced: there is no place for those.
  return instances
    .filter(({ vpc }) => vpc !== '')
    .map(({ id, vpc, groups }) => ({ id, region, vpc, groups, held: wanted.find((each) => each.id === id)?.held ?? false, interfaces: further.get(id) ?? [] }));
}

async function toPlace(reader: Reader, context: Context, machines: readonly Machine[]): Promise<Target | { readonly region: string; readonly why: Text }> {
  const { region, vpc } = machines[0] as Machine;
  const group = await findGroup(reader, context, region, vpc);
  if (group !== undefined && 'refusal' in group) return { region, why: why(group) };
  return {
    id: vpc,
    kind: 'quarantine-place',
    region,
    label: `${vpc} ${region}`,
    ...(machines.every(({ held }) => held) ? { held: heldNote } : {}),
    data: placed(machines, group),
  };
}

function placed(machines: readonly Machine[], group: Group | undefined): JsonObject {
  const { region, vpc } = machines[0] as Machine;
  return {
    region,
    vpc,
    group: group?.id ?? '',
    sealed: group?.sealed ?? false,
    instances: machines.map(({ id, groups, interfaces }) => ({ id, groups, interfaces: interfaces.map((nic) => ({ id: nic.id, groups: nic.groups })) })),
  };
}

const heldNote: Text = { en: 'Only machines that are held back stand here.', zh: '此处只有被保留（未勾选）的实例。' };

/** The quarantine group of the place a machine stands in, and its further interfaces; undefined when its place is not known or not built. */
export function placeOf(places: Json | undefined, instanceId: string): { readonly group: string; readonly interfaces: readonly string[] } | undefined {
  for (const place of Array.isArray(places) ? (places as readonly Json[]) : []) {
    const machine = listAt(place, 'data', 'instances').find((each) => textAt(each, 'id') === instanceId);
    if (machine === undefined) continue;
    const group = textAt(place, 'data', 'group');
    return group === '' ? undefined : { group, interfaces: listAt(machine, 'interfaces').map((nic) => textAt(nic, 'id')) };
  }
  return undefined;
}
