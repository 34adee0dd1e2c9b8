// What launches machines by itself: auto-provisioning groups and launch templates, in every region, and who made them.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Call, Context, Coverage, Reader, Refused, Slice, Target } from './define.ts';
import { defineCollector } from './define.ts';
import { describeRegions } from './ecs.ts';
import { readMakers } from './ecs-makers.ts';
import type { CloudEvent } from './event.ts';
import { globalRegions, regionsOf } from './events.ts';
import { Loose, suspectInput, suspectsOf } from './suspects.ts';
import { listAt, named, numberAt, read, textAt, textsAt, why } from './wire.ts';

const regionsASlice = 6;
const mostPages = 50;
const seal = { kind: 'launch-source' };

/** One group. `region` is where it is asked for, `groupId` narrows to it. */
export function describeAutoProvisioningGroups(region: string, page: number, groupId?: string): Call {
  const one = groupId === undefined ? {} : { 'AutoProvisioningGroupId.1': named('group id', groupId) };
  return read('ecs', 'DescribeAutoProvisioningGroups', { ...one, PageNumber: String(page), PageSize: '100' }, region);
}

type Launcher = {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly source: 'auto-provisioning-group' | 'launch-template';
  /** `maintain` makes up for what is missing, again and again; `request` and `instant` launch once. '' for a template. */
  readonly type: string;
  readonly created: string;
  readonly template: string;
  readonly numbers: Numbers;
};

/** How many machines a group shall have. */
export type Numbers = { readonly total: number; readonly payAsYouGo: number; readonly spot: number; readonly excess: string };

/** The auto-provisioning groups of an answer. */
export function groupsIn(body: JsonObject): readonly Launcher[] {
  return listAt(body, 'AutoProvisioningGroups', 'AutoProvisioningGroup').map((row) => ({
    id: textAt(row, 'AutoProvisioningGroupId'),
    name: textAt(row, 'AutoProvisioningGroupName'),
    region: textAt(row, 'RegionId'),
    source: 'auto-provisioning-group',
    type: textAt(row, 'AutoProvisioningGroupType'),
    created: textAt(row, 'CreationTime'),
    template: textAt(row, 'LaunchTemplateId'),
    numbers: {
      total: numberAt(row, 'TargetCapacitySpecification', 'TotalTargetCapacity') ?? 0,
      payAsYouGo: numberAt(row, 'TargetCapacitySpecification', 'PayAsYouGoTargetCapacity') ?? 0,
      spot: numberAt(row, 'TargetCapacitySpecification', 'SpotTargetCapacity') ?? 0,
      excess: textAt(row, 'ExcessCapacityTerminationPolicy'),
    },
  }));
}

function templatesIn(body: JsonObject, region: string): readonly Launcher[] {
  return listAt(body, 'LaunchTemplateSets', 'LaunchTemplateSet').map((row) => ({
    id: textAt(row, 'LaunchTemplateId'),
    name: textAt(row, 'LaunchTemplateName'),
    region,
    source: 'launch-template',
    type: '',
    created: textAt(row, 'CreateTime'),
    template: '',
    numbers: { total: 0, payAsYouGo: 0, spot: 0, excess: '' },
  }));
}

/** `maker`: '' when the suspects did not make it; `unknown` when the log could not tell who did. */
type Seen = Launcher & { readonly maker: string; readonly unknown: boolean };
type Missed = readonly { readonly region: string; readonly why: Text }[];
type Cursor = {
  readonly regions: readonly string[];
  readonly next: number;
  readonly seen: readonly Seen[];
  /** Machines that groups of theirs have now. */
  readonly launched: readonly JsonObject[];
  readonly missed: Missed;
  readonly blind: boolean;
};

export const launchSources = defineCollector({
  summary: { en: 'Find what launches instances by itself, in every region', zh: '在所有地域查找会自动创建实例的来源' },
  calls: ['ecs:DescribeRegions', 'ecs:DescribeAutoProvisioningGroups', 'ecs:DescribeAutoProvisioningGroupInstances', 'ecs:DescribeLaunchTemplates', 'actiontrail:LookupEvents'],
  input: z.object({ ...suspectInput, rogue: z.array(Loose).default([]), touchedRegions: z.array(z.string()).default([]) }),
  gives: ['launchSources', 'launched'],
  async slice(reader, context, cursor): Promise<Slice> {
    if (cursor === undefined) return begin(reader, context);
    const state = cursor as unknown as Cursor;
    if (state.next >= state.regions.length) return finish(state);
    const regions = state.regions.slice(state.next, state.next + regionsASlice);
    const looks = await Promise.all(regions.map((region) => look(reader, context, region)));
    return going({
      ...state,
      next: state.next + regions.length,
      seen: [...state.seen, ...looks.flatMap(({ seen }) => seen)],
      launched: [...state.launched, ...looks.flatMap(({ launched }) => launched)],
      missed: [...state.missed, ...looks.flatMap(({ missed }) => missed)],
    });
  },
});

async function begin(reader: Reader, context: Context): Promise<Slice> {
  const reply = await reader.read(describeRegions(), seal);
  const start: Cursor = { regions: [], next: 0, seen: [], launched: [], missed: [], blind: false };
  if (reply.ok) return going({ ...start, regions: regionsOf(reply.body) });
  if (reply.refusal !== 'denied' && reply.refusal !== 'invalid') return { outcome: 'none', refused: reply };
  const known = [...globalRegions, ...textsAt(context.input, 'touchedRegions'), ...listAt(context.input, 'rogue').map((target) => textAt(target, 'region'))];
  return going({ ...start, regions: [...new Set(known)].filter((region) => region !== ''), blind: true });
}

function going(state: Cursor): Slice {
  const note: Text = { en: `${state.seen.length} found so far`, zh: `目前发现 ${state.seen.length} 个` };
  return { cursor: state, progress: { done: state.next, total: state.regions.length, note } };
}

type Look = Pick<Cursor, 'seen' | 'launched' | 'missed'>;

async function look(reader: Reader, context: Context, region: string): Promise<Look> {
  const [groups, templates] = await Promise.all([
    readNumbered(reader, (page) => describeAutoProvisioningGroups(region, page)),
    readNumbered(reader, (page) => read('ecs', 'DescribeLaunchTemplates', { PageNumber: String(page), PageSize: '50' }, region)),
  ]);
  const missed: Missed = [
    ...('refusal' in groups ? [{ region, why: because('auto-provisioning groups', '弹性供应组', groups) }] : []),
    ...('refusal' in templates ? [{ region, why: because('launch templates', '启动模板', templates) }] : []),
  ];
  const found = [...('refusal' in groups ? [] : groups.flatMap(groupsIn)), ...('refusal' in templates ? [] : templates.flatMap((body) => templatesIn(body, region)))].map(
    (each) => ({ ...each, region }),
  );
  if (found.length === 0) return { seen: [], launched: [], missed };
  const names = [...new Set(found.map(({ source }) => creations[source]))];
  const makers = await readMakers(
    { reader, context, region, suspects: suspectsOf(context.input) },
    { names, created: found.map(({ created }) => Date.parse(created)), idsOf: launchersOf },
  );
  const seen = found.map((each): Seen => {
    const maker = makers.of.get(each.id);
    return { ...each, maker: maker?.theirs === true ? maker.by : '', unknown: maker === undefined && !makers.complete };
  });
  const members = await Promise.all(seen.filter(({ source, maker }) => source === 'auto-provisioning-group' && maker !== '').map((group) => membersOf(reader, group)));
  const unread = members.flatMap((each) => ('refusal' in each ? [{ region, why: because('what their groups launched', '其弹性供应组创建的实例', each) }] : []));
  const unasked =
    makers.why === undefined ? [] : [{ region, why: { en: `who made the launchers could not be read: ${makers.why.en}`, zh: `无法读取来源的创建者：${makers.why.zh}` } }];
  return { seen, launched: members.flatMap((each) => ('refusal' in each ? [] : each)), missed: [...missed, ...unasked, ...unread] };
}

const creations = { 'auto-provisioning-group': 'CreateAutoProvisioningGroup', 'launch-template': 'CreateLaunchTemplate' } as const;

/** What a successful creation made. */
function launchersOf(event: CloudEvent): readonly string[] {
  return event.ok ? [textAt(event.response, 'AutoProvisioningGroupId'), textAt(event.response, 'LaunchTemplateId')].filter((id) => id !== '') : [];
}

async function membersOf(reader: Reader, { id, region, maker }: Seen): Promise<readonly JsonObject[] | Refused> {
  const bodies = await readNumbered(reader, (page) =>
    read('ecs', 'DescribeAutoProvisioningGroupInstances', { AutoProvisioningGroupId: named('group id', id), PageNumber: String(page), PageSize: '100' }, region),
  );
  if ('refusal' in bodies) return bodies;
  return bodies.flatMap((body) => listAt(body, 'Instances', 'Instance').map((row) => ({ id: textAt(row, 'InstanceId'), region, maker, at: textAt(row, 'CreationTime') })));
}

/** A listing by page numbers, to its end. */
async function readNumbered(reader: Reader, call: (page: number) => Call): Promise<readonly JsonObject[] | Refused> {
  const bodies: JsonObject[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const reply = await reader.read(call(page), seal);
    if (!reply.ok) return reply;
    bodies.push(reply.body);
    if (page * (numberAt(reply.body, 'PageSize') ?? 0) >= (numberAt(reply.body, 'TotalCount') ?? 0)) break;
  }
  return bodies;
}

function because(en: string, zh: string, refused: Refused): Text {
  return { en: `${en}: ${why(refused).en}`, zh: `${zh}：${why(refused).zh}` };
}

function finish(state: Cursor): Slice {
  const bad = new Set(state.missed.map(({ region }) => region));
  const coverage: Coverage = {
    regionsDone: state.regions.filter((region) => !bad.has(region)),
    regionsMissed: state.missed,
    notLooked: [...(state.blind ? [blindNote] : []), ...elsewhere],
  };
  const order = (seen: Seen): number => (seen.maker !== '' ? 0 : 1);
  const targets = state.seen.toSorted((a, b) => order(a) - order(b)).map(toTarget);
  return {
    outcome: bad.size === 0 && !state.blind ? 'all' : bad.size === state.regions.length ? 'none' : 'some',
    facts: { launchSources: targets, launched: state.launched },
    coverage,
    progress: { done: state.regions.length, total: state.regions.length },
  };
}

const blindNote: Text = { en: 'The regions could not be listed: only those where they were seen were looked at.', zh: '无法列出地域：只检查了见过嫌疑身份的地域。' };
const elsewhere: readonly Text[] = [
  {
    en: 'Scaling groups of Auto Scaling (ESS console > Scaling Groups): what they launch comes back, too. Disable those the suspects made.',
    zh: '弹性伸缩的伸缩组（弹性伸缩控制台 > 伸缩组）：其实例同样会被补回。请停用嫌疑身份创建的伸缩组。',
  },
  { en: 'Node pools, functions and containers that start machines or code by themselves.', zh: '会自行启动机器或代码的节点池、函数计算和容器。' },
];

function toTarget({ id, name, region, source, type, created, template, numbers, maker, unknown }: Seen): Target {
  const reason = source === 'launch-template' ? templateNote : unknown ? unknownNote : maker === '' ? notTheirs(created) : type === 'maintain' ? undefined : onceNote;
  return {
    id,
    kind: 'launch-source',
    region,
    label: `${id} ${region} ${source === 'launch-template' ? 'template' : `${type} ${numbers.total}`}`,
    ...(reason === undefined ? {} : { held: reason }),
    data: { source, name, region, type, created, template, maker, ...numbers },
  };
}

/** Why a template is never closed. */
export const templateNote: Text = {
  en: 'A launch template starts nothing by itself. It is kept as evidence; delete it later.',
  zh: '启动模板本身不会启动实例。先作为证据保留，之后再删除。',
};
const onceNote: Text = { en: 'It launches once, not again and again.', zh: '它只创建一次，不会持续补充实例。' };
const unknownNote: Text = { en: 'The log does not say who made it. Look at it yourself.', zh: '日志未显示由谁创建。请自行核实。' };

function notTheirs(created: string): Text {
  const day = created.slice(0, 10);
  return { en: `The suspects did not make it (${day}). Probably yours.`, zh: `不是嫌疑身份创建的（${day}）。很可能是您自己的。` };
}
