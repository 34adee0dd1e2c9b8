// Instances the suspects made, in every region: who made one is read from the log; what only looks alike is held back.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Context, Coverage, Reader, Refused, Slice, Target } from './define.ts';
import { defineCollector } from './define.ts';
import type { Instance } from './ecs.ts';
import { describeDisks, describeInstances, describeRegions, disksIn, instancesIn, isLocal, mayList, probeInstances, readPages } from './ecs.ts';
import { attackBegan, heldWhy, olderWhy, type Seen } from './ecs-held.ts';
import { priceOf, readPrices, runsUp, total } from './ecs-price.ts';
import { instancesOf } from './event.ts';
import { logSpanMs, readMakers } from './ecs-makers.ts';
import { globalRegions, logDelayMs, regionsOf } from './events.ts';
import type { Suspects } from './suspects.ts';
import { Loose, suspectInput, suspectsOf } from './suspects.ts';
import { later, listAt, numberAt, pool, textAt, textsAt, why } from './wire.ts';

const regionsASlice = 6;

type Cursor = {
  readonly regions: readonly string[];
  readonly next: number;
  readonly seen: readonly Seen[];
  readonly missed: readonly { readonly region: string; readonly why: Text }[];
  readonly pages: number;
  /** Why the regions could not be listed; only those known otherwise are looked at. */
  readonly blind: Text | null;
};

export const rogueInstances = defineCollector({
  summary: { en: 'Find the instances the suspects made, in every region', zh: '在所有地域查找嫌疑身份创建的实例' },
  calls: ['ecs:DescribeRegions', 'ecs:DescribeInstances', 'ecs:DescribeDisks', 'ecs:DescribePrice', 'actiontrail:LookupEvents'],
  /**
   * `madeInstances`: what the full record has found so far; it also knows makers whose ids only it has followed. `launched`: what the auto-provisioning
   * groups of the suspects launched, of which the log names no one.
   */
  input: z.object({ ...suspectInput, madeInstances: z.array(Loose).default([]), launched: z.array(Loose).default([]), touchedRegions: z.array(z.string()).default([]) }),
  gives: ['rogue', 'rogueSummary'],
  async slice(reader, context, cursor): Promise<Slice> {
    if (cursor === undefined) return begin(reader, context);
    const state = cursor as unknown as Cursor;
    if (state.next >= state.regions.length) return finish(reader, context, state);
    const suspects = suspectsOf(context.input);
    const regions = state.regions.slice(state.next, state.next + regionsASlice);
    const looks = await Promise.all(regions.map((region) => look(reader, context, region, suspects)));
    return going({
      ...state,
      next: state.next + regions.length,
      seen: [...state.seen, ...looks.flatMap(({ seen }) => seen)],
      missed: [...state.missed, ...looks.flatMap(({ missed }) => missed)],
      pages: state.pages + looks.reduce((sum, { pages }) => sum + pages, 0),
    });
  },
});

async function begin(reader: Reader, context: Context): Promise<Slice> {
  const reply = await reader.read(describeRegions(), { kind: 'regions' });
  const start: Cursor = { regions: [], next: 0, seen: [], missed: [], pages: 0, blind: null };
  if (reply.ok) return going({ ...start, regions: regionsOf(reply.body) });
  if (reply.refusal !== 'denied' && reply.refusal !== 'invalid') return { outcome: 'none', refused: reply };
  const known = [
    ...globalRegions,
    ...textsAt(context.input, 'touchedRegions'),
    ...[...listAt(context.input, 'madeInstances'), ...listAt(context.input, 'launched')].map((made) => textAt(made, 'region')),
  ];
  const blind = {
    en: `The regions could not be listed (${reply.code}): only those where they were seen were looked at.`,
    zh: `无法列出地域（${reply.code}）：只检查了见过嫌疑身份的地域。`,
  };
  return going({ ...start, regions: [...new Set(known)].filter((region) => region !== ''), blind });
}

function going(state: Cursor): Slice {
  const theirs = state.seen.filter(({ maker }) => maker !== '').length;
  const note: Text = { en: `${theirs} made by the suspects so far`, zh: `目前发现 ${theirs} 台由嫌疑身份创建` };
  return { cursor: state, progress: { done: state.next, total: state.regions.length, note } };
}

type Look = { readonly seen: readonly Seen[]; readonly missed: Cursor['missed']; readonly pages: number };

/** One region: may we list at all, what is there, who made it. Without instances the log need not be asked. */
async function look(reader: Reader, context: Context, region: string, suspects: Suspects): Promise<Look> {
  const [probe, listed] = await Promise.all([reader.read(probeInstances(region)), readInstances(reader, region)]);
  if ('refusal' in listed) return { seen: [], missed: [{ region, why: why(listed) }], pages: 0 };
  if (!probe.ok && !mayList(probe)) return { seen: [], missed: [{ region, why: reason('an empty list is no proof', '空列表不能作为证明', why(probe)) }], pages: listed.pages };
  if (listed.instances.length === 0) return { seen: [], missed: [], pages: listed.pages };
  const makers = await readMakers(
    { reader, context, region, suspects },
    { names: ['RunInstances', 'CreateInstance'], created: listed.instances.map(createdAt), idsOf: instancesOf },
  );
  const tooNew = later(context.now, -2 * logDelayMs);
  const recorded = new Map(
    [...listAt(context.input, 'launched'), ...listAt(context.input, 'madeInstances')].map((made) => [
      textAt(made, 'id'),
      { by: textAt(made, 'maker'), theirs: true, at: textAt(made, 'at') },
    ]),
  );
  const seen = listed.instances.map((instance): Seen => {
    const maker = recorded.get(instance.id) ?? makers.of.get(instance.id);
    const young = createdAt(instance) > Date.parse(tooNew);
    const inWindow = createdAt(instance) > Date.parse(context.now) - logSpanMs;
    return {
      ...instance,
      region,
      maker: maker?.theirs === true ? maker.by : '',
      madeAt: maker?.at ?? instance.created,
      makerUnknown: maker === undefined && (young || (!makers.complete && inWindow)),
    };
  });
  const reasons = [
    ...(listed.cut ? [{ en: 'more instances than could be listed', zh: '实例太多，未能列完' }] : []),
    ...(makers.why === undefined ? [] : [reason('who made the instances could not be read', '无法读取实例的创建者', makers.why)]),
  ];
  return { seen, missed: reasons.map((each) => ({ region, why: each })), pages: listed.pages + makers.pages };
}

function reason(en: string, zh: string, because: Text): Text {
  return { en: `${en}: ${because.en}`, zh: `${zh}：${because.zh}` };
}

/** Not a number when the service does not say: neither old nor new then. */
function createdAt({ created }: Instance): number {
  return Date.parse(created);
}

type Listed = { readonly instances: readonly Instance[]; readonly pages: number; readonly cut: boolean };

/** What the service counts and what it lists may differ: then the list is not whole. */
async function readInstances(reader: Reader, region: string): Promise<Listed | Refused> {
  const pages = await readPages(reader, (token) => describeInstances(region, token), { kind: 'inventory' });
  if ('refusal' in pages) return pages;
  const instances = pages.bodies.flatMap(instancesIn);
  const counted = numberAt(pages.bodies[0], 'TotalCount') ?? 0;
  return { instances, pages: pages.bodies.length, cut: pages.cut || counted > instances.length };
}

async function finish(reader: Reader, context: Context, state: Cursor): Promise<Slice> {
  const began = attackBegan(context);
  const before = ({ maker, madeAt: at }: Seen): boolean => maker === textAt(context.input, 'accessKeyId') && Date.parse(at) < began;
  const theirs = state.seen.filter((instance) => instance.maker !== '' && !before(instance));
  const held = state.seen.flatMap((instance) => {
    const reason = instance.maker === '' ? heldWhy(instance, theirs) : before(instance) ? olderWhy(instance) : undefined;
    return reason === undefined ? [] : [{ instance, reason }];
  });
  const listed = [...theirs, ...held.map(({ instance }) => instance)];
  const prices = await readPrices(reader, listed);
  const disks = await readDisks(reader, listed);
  const target = (instance: Seen, reason?: Text): Target => toTarget(instance, priceOf(prices, instance), disks.of.get(instance.id) ?? [], reason);
  const burning = theirs.filter(runsUp);
  const summary: JsonObject = {
    count: theirs.length,
    heldCount: held.length,
    regions: [...new Set(theirs.map(({ region }) => region))].toSorted(),
    cnyPerHour: total(burning.map((instance) => priceOf(prices, instance))),
    prepaid: theirs.filter(({ charge }) => charge === 'PrePaid').length,
    label: String(theirs.length),
  };
  const bad = new Set(state.missed.map(({ region }) => region));
  const coverage: Coverage = {
    regionsDone: state.regions.filter((region) => !bad.has(region)),
    regionsMissed: state.missed,
    pages: state.pages,
    notLooked: [
      ...(state.blind === null ? [] : [state.blind]),
      ...disks.missed,
      ...(listed.some((instance) => priceOf(prices, instance) === null) ? [unpriced] : []),
      { en: 'Other products that can compute: containers, functions, desktops.', zh: '其他可用于计算的产品：容器、函数、云桌面。' },
    ],
  };
  return {
    outcome: bad.size === 0 && state.blind === null ? 'all' : bad.size === state.regions.length ? 'none' : 'some',
    facts: { rogue: [...theirs.map((instance) => target(instance)), ...held.map(({ instance, reason }) => target(instance, reason))], rogueSummary: summary },
    coverage,
    progress: { done: state.regions.length, total: state.regions.length },
  };
}

const unpriced: Text = { en: 'What some of these instances cost an hour.', zh: '其中部分实例的每小时费用。' };

type Disks = { readonly of: ReadonlyMap<string, readonly JsonObject[]>; readonly missed: readonly Text[] };

async function readDisks(reader: Reader, instances: readonly Seen[]): Promise<Disks> {
  const found = await pool(instances, 8, async ({ region, id }) => {
    const pages = await readPages(reader, (token) => describeDisks(region, id, token));
    return { id, pages };
  });
  return {
    of: new Map(
      found.map(({ id, pages }) => [
        id,
        'refusal' in pages ? [] : pages.bodies.flatMap(disksIn).map((disk) => ({ id: disk.id, category: disk.category, gib: disk.gib, local: isLocal(disk) })),
      ]),
    ),
    missed: found.flatMap(({ id, pages }) => ('refusal' in pages ? [{ en: `The disks of ${id}: ${why(pages).en}.`, zh: `${id} 的磁盘：${why(pages).zh}。` }] : [])),
  };
}

function toTarget(instance: Seen, cnyPerHour: number | null, disks: readonly JsonObject[], held?: Text): Target {
  const {
    id,
    region,
    type,
    created,
    maker,
    publicIp,
    charge,
    spot,
    image,
    status,
    stoppedMode,
    deletionProtection,
    autoRelease,
    localDisk,
    network,
    vpc,
    tags,
    securityLocked,
    name,
  } = instance;
  return {
    id,
    kind: 'instance',
    region,
    label: `${id} ${region} ${type}`,
    ...(held === undefined ? {} : { held }),
    data: {
      instanceId: id,
      name,
      region,
      type,
      created,
      maker,
      ours: held !== undefined,
      publicIp,
      charge,
      spot,
      image,
      status,
      stoppedMode,
      deletionProtection,
      autoRelease,
      localDisk: localDisk || disks.some((disk) => disk['local'] === true),
      network,
      vpc,
      tags,
      securityLocked,
      disks,
      cnyPerHour,
    },
  };
}
