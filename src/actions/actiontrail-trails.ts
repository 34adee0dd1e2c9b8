// Are the trails still delivering, who stopped them, and starting them again. The 90-day event history needs no trail.
import { z } from 'zod';
import type { Json, JsonObject, Text } from '../text.ts';
import { describeTrails, getTrailStatus, startLogging, stopLogging } from './actiontrail.ts';
import type { Before, Finding, Reader, Refused, Reply, Target } from './define.ts';
import { defineAction, defineCollector } from './define.ts';
import { globalRegions, readPage } from './events.ts';
import { findingOf } from './threats.ts';
import { isDead, later, listAt, pool, textAt, why, yesAt } from './wire.ts';

const windowMs = 30 * 86_400_000;
const tampering = ['StopLogging', 'DeleteTrail', 'UpdateTrail'] as const;

type Trail = { readonly name: string; readonly home: string; readonly organization: boolean; readonly row: JsonObject };

export const logging = defineCollector({
  summary: { en: 'Check that the trails are still delivering', zh: '检查操作审计跟踪是否仍在投递' },
  calls: ['actiontrail:DescribeTrails', 'actiontrail:GetTrailStatus', 'actiontrail:LookupEvents'],
  input: z.object({}),
  gives: ['trails', 'loggingOk', 'loggingNotes'],
  async slice(reader, context) {
    const replies = await Promise.all(globalRegions.map((region) => reader.read(describeTrails(region), { kind: 'trails' })));
    if (replies.every((reply) => !reply.ok)) return { outcome: 'none', refused: replies[0] as Refused };
    const trails = trailsOf(replies);
    const missing: Text[] = replies.flatMap((reply) =>
      reply.ok ? [] : [{ en: `Some trails could not be listed: ${why(reply).en}.`, zh: `部分跟踪无法列出：${why(reply).zh}。` }],
    );
    const states = await pool(trails, 5, async (trail) => ({ trail, reply: await reader.read(statusCall(trail), { kind: 'trails', target: trail.name }) }));
    const alive = globalRegions.filter((_, index) => {
      const reply = replies[index];
      return reply === undefined || reply.ok || !isDead(reply);
    });
    const findings = await tamperings(reader, alive, { from: later(context.now, -windowMs), to: context.now }, missing);
    const notes = states.flatMap(({ trail, reply }) => notesOn(trail, reply));
    const deleted = findings.filter(({ eventName }) => eventName === 'DeleteTrail').map(({ what }) => what);
    const none: readonly Text[] = trails.length > 0 ? [] : [noTrail];
    const facts: Record<string, Json> = {
      trails: states.filter(({ reply }) => reply.ok && !yesAt(reply.body, 'IsLogging')).map(({ trail, reply }) => toTarget(trail, reply, trails)),
      loggingOk: notes.length + deleted.length + none.length + missing.length === 0,
      loggingNotes: [...none, ...notes, ...deleted, ...missing],
    };
    const coverage = { regionsDone: globalRegions.filter((_, index) => replies[index]?.ok === true), notLooked: missing };
    return { outcome: missing.length > 0 ? 'some' : 'all', facts, findings, coverage };
  },
});

const noTrail: Text = {
  en: 'There is no trail. The 90-day event history still works, but nothing older is kept anywhere.',
  zh: '没有任何跟踪。90 天事件历史仍可查询，但更早的记录没有保存。',
};

export const startTrail = defineAction({
  summary: { en: 'Start stopped trails again', zh: '重新启动已停止的跟踪' },
  class: 'R1',
  calls: ['actiontrail:StartLogging', 'actiontrail:GetTrailStatus'],
  undoes: ['actiontrail:StopLogging'],
  targets: 'trail',
  input: z.object({}),
  needs: [],
  loses: { en: 'Nothing. Logging can be stopped again.', zh: '不丢失任何东西。可以再次停止。' },
  leaves: {
    en: 'What happened while it was stopped is missing from its store. The 90-day event history has it.',
    zh: '停止期间的事件不会补投到存储中。90 天事件历史里仍可查到。',
  },
  console: { en: 'ActionTrail console > Trails > the trail > Enable', zh: '操作审计控制台 > 跟踪列表 > 选择跟踪 > 开启' },
  async before(reader, target): Promise<Before> {
    const reply = await reader.read(statusCall(trailOf(target)), { kind: 'before', target: target.id });
    if (!reply.ok) return reply.refusal === 'gone' ? { status: 'gone', note: goneNote } : { status: 'unreadable', note: why(reply) };
    if (yesAt(reply.body, 'IsLogging')) return { status: 'already', note: alreadyNote, state: reply.body };
    return { status: 'ready', state: reply.body };
  },
  plan: (targets) => targets.map((target) => ({ call: startLogging(trailOf(target).name, trailOf(target).home), targets: [target.id] })),
  async holds(reader, target) {
    const reply = await reader.read(statusCall(trailOf(target)));
    if (!reply.ok) return { status: reply.refusal === 'gone' ? 'no' : 'unknown', note: why(reply) };
    const error = textAt(reply.body, 'LatestDeliveryError');
    return { status: yesAt(reply.body, 'IsLogging') ? 'yes' : 'no', facts: { logging: yesAt(reply.body, 'IsLogging'), ...(error === '' ? {} : { deliveryError: error }) } };
  },
  withinMs: 60_000,
  undo: (target, before) => (yesAt(before, 'IsLogging') ? [] : [stopLogging(trailOf(target).name, trailOf(target).home)]),
});

const goneNote: Text = { en: 'The trail no longer exists. Make a new one in the console.', zh: '该跟踪已不存在。请在控制台新建。' };
const alreadyNote: Text = { en: 'The trail is already logging.', zh: '该跟踪已在记录。' };

function statusCall({ name, home, organization }: Trail): ReturnType<typeof getTrailStatus> {
  return getTrailStatus(name, home, organization);
}

/** Both regions list the same trail; its home region decides where it is asked and started. */
function trailsOf(replies: readonly Reply[]): readonly Trail[] {
  const found = new Map<string, Trail>();
  replies.forEach((reply, index) => {
    for (const row of reply.ok ? listAt(reply.body, 'TrailList') : []) {
      const trail: Trail = { name: textAt(row, 'Name'), home: textAt(row, 'HomeRegion') || (globalRegions[index] ?? ''), organization: yesAt(row, 'IsOrganizationTrail'), row };
      if (trail.name !== '') found.set(`${trail.home}/${trail.name}`, trail);
    }
  });
  return [...found.values()];
}

function trailOf(target: Target): Trail {
  return { name: textAt(target.data, 'name'), home: textAt(target.data, 'home'), organization: target.data['organization'] === true, row: target.data };
}

/** Trails of one name in two regions are two targets. */
function toTarget({ name, home, organization, row }: Trail, reply: Reply, all: readonly Trail[]): Target {
  const stoppedAt = reply.ok ? textAt(reply.body, 'StopLoggingTime') : '';
  return {
    id: all.some((other) => other.name === name && other.home !== home) ? `${name}@${home}` : name,
    kind: 'trail',
    region: home,
    label: `${name} ${home}`,
    data: { name, home, organization, stoppedAt, eventRW: textAt(row, 'EventRW'), trailRegion: textAt(row, 'TrailRegion'), bucket: textAt(row, 'OssBucketName') },
  };
}

/** What is wrong with one trail; empty when it logs everything and delivers. */
function notesOn({ name, row }: Trail, reply: Reply): readonly Text[] {
  if (!reply.ok) return [{ en: `${name}: its state could not be read (${why(reply).en}).`, zh: `${name}：无法读取状态（${why(reply).zh}）。` }];
  const { body } = reply;
  if (!yesAt(body, 'IsLogging')) {
    const since = textAt(body, 'StopLoggingTime') || '?';
    return [{ en: `${name}: stopped since ${since}.`, zh: `${name}：自 ${since} 起已停止。` }];
  }
  const notes: Text[] = [];
  const error = textAt(body, 'LatestDeliveryError') || textAt(body, 'LatestDeliveryLogServiceError');
  if (error !== '') notes.push({ en: `${name}: logging, but delivery fails: ${error}`, zh: `${name}：在记录，但投递失败：${error}` });
  if (body['OssBucketStatus'] === false || body['SlsLogStoreStatus'] === false) notes.push({ en: `${name}: its store is gone.`, zh: `${name}：投递目标已不存在。` });
  const rw = textAt(row, 'EventRW');
  if (rw !== '' && rw !== 'All') notes.push({ en: `${name}: records only ${rw} events.`, zh: `${name}：只记录 ${rw} 事件。` });
  const region = textAt(row, 'TrailRegion');
  if (region !== '' && region !== 'All') notes.push({ en: `${name}: records only ${region}.`, zh: `${name}：只记录 ${region}。` });
  return notes;
}

async function tamperings(reader: Reader, regions: readonly string[], window: { readonly from: string; readonly to: string }, missing: Text[]): Promise<readonly Finding[]> {
  const queries = tampering.flatMap((value) => regions.map((region) => ({ key: 'EventName' as const, value, region, ...window })));
  const pages = await Promise.all(queries.map(async (query) => readPage(reader, query, 'events')));
  const refused = pages.find((page) => 'refusal' in page);
  if (refused !== undefined && 'refusal' in refused) {
    missing.push({ en: `Who changed the trails could not be read: ${why(refused).en}.`, zh: `无法读取谁改动了跟踪：${why(refused).zh}。` });
  }
  const events = pages.flatMap((page) => ('refusal' in page ? [] : page.events)).filter(({ ok }) => ok);
  return [...new Map(events.flatMap((event) => findingOf(event) ?? []).map((finding) => [finding.id, finding])).values()];
}
