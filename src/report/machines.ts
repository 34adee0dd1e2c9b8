// The machines of the case one by one, and what each cost: from its making to its stop. Pure.
import type { Json } from '../text.ts';
import type { Reading } from './read.ts';
import type { ActionRow, CostRow, MachineRow } from './rows.ts';
import { listAt, numberOrNull, say, some, stringAt, valueAt } from './values.ts';

/** Every machine that any list named, theirs first; one that was held back says so. */
export function machinesOf(reading: Reading): readonly MachineRow[] {
  const stops = new Map(
    reading.settled.flatMap(({ entry }) => (entry.status === 'done' && valueAt(entry.facts, 'cnyPerHourAfter') !== undefined ? [[entry.target, entry] as const] : [])),
  );
  const machines = new Map<string, MachineRow>();
  for (const item of [...listAt(reading.facts['rogue']), ...[...reading.batches.values()].flatMap(({ targets }) => targets as readonly Json[])]) {
    const id = stringAt(item, 'id');
    if (stringAt(item, 'kind') !== 'instance' || id === '' || machines.has(id)) continue;
    machines.set(id, machineOf(item, id, stops.get(id), reading.last.at));
  }
  return [...machines.values()].toSorted((a, b) => Number(a.held) - Number(b.held));
}

type Stop = Reading['settled'][number]['entry'];

function machineOf(item: Json, id: string, stop: Stop | undefined, upTo: string): MachineRow {
  const held = valueAt(item, 'held') !== undefined;
  // ECS gives the minute alone.
  const created = stringAt(item, 'data', 'created').replace(/(T\d{2}:\d{2})Z$/, '$1:00Z');
  const rate = numberOrNull(valueAt(item, 'data', 'cnyPerHour'));
  const spent = spentOf(rate, created, stop?.at ?? upTo);
  const optional = (name: string, value: string): object => (value === '' ? {} : { [name]: value });
  return {
    id,
    held,
    region: stringAt(item, 'region') || stringAt(item, 'data', 'region'),
    ...optional('name', stringAt(item, 'data', 'name')),
    ...optional('type', stringAt(item, 'data', 'type')),
    ...optional('image', stringAt(item, 'data', 'image')),
    ...optional('publicIp', stringAt(item, 'data', 'publicIp')),
    ...optional('maker', stringAt(item, 'data', 'maker')),
    ...optional('charge', stringAt(item, 'data', 'charge')),
    ...optional('created', created),
    ...(rate === undefined ? {} : { cnyPerHour: rate }),
    ...(stop === undefined ? {} : { stoppedAt: stop.at, stoppedSeq: stop.seq, ...optional('stoppedMode', stringAt(stop.facts, 'stoppedMode')) }),
    ...(stop === undefined ? {} : { cnyPerHourAfter: numberOrNull(valueAt(stop.facts, 'cnyPerHourAfter')) ?? null }),
    spent: held ? null : spent,
  };
}

/** List price times the time it ran; unknown where either is. */
function spentOf(rate: number | null | undefined, created: string, until: string): number | null {
  const [from, to] = [Date.parse(created), Date.parse(until)];
  if (typeof rate !== 'number' || Number.isNaN(from) || Number.isNaN(to)) return null;
  return cents((rate * Math.max(0, to - from)) / 3_600_000);
}

function cents(cny: number): number {
  return Math.round(cny * 100) / 100;
}

/** What the case cost, as far as anybody knows. Nothing here was read from a bill unless it says `billed`. */
export function costsOf(reading: Reading, machines: readonly MachineRow[], actions: readonly ActionRow[]): readonly CostRow[] {
  const theirs = machines.filter(({ held }) => !held);
  const alike = Map.groupBy(theirs, ({ region, type, created, stoppedAt, spent }) => [region, type, created, stoppedAt, spent].join(' '));
  const rows = [...alike.values()].flatMap((group): CostRow[] => {
    const [first] = group;
    if (!first) return [];
    const { region, type, created, stoppedAt, spent } = first;
    const what = `${group.length} × ${type ?? '?'}, ${region}: ${some(group.map(({ id }) => id))}`;
    const cny = spent === null ? null : cents(spent * group.length);
    return [
      {
        what: say(what, what),
        ...(created === undefined ? {} : { from: created }),
        ...(stoppedAt === undefined ? {} : { to: stoppedAt }),
        cny,
        basis: cny === null ? 'unknown' : 'estimated',
      },
    ];
  });
  const going = theirs.filter(({ cnyPerHourAfter }) => cnyPerHourAfter !== 0);
  const last = reading.last.at;
  const unknown = (en: string, zh: string, from?: string): CostRow => ({ what: say(en, zh), ...(from === undefined ? {} : { from }), cny: null, basis: 'unknown' });
  const snapshots = actions.filter(({ action, result }) => action === 'CreateSnapshot' && result === 'done');
  return [
    ...rows,
    ...(going.length === 0
      ? []
      : [unknown(`Still costing, or never read back as stopped: ${going.length} of these machines`, `其中 ${going.length} 台仍在计费，或未读取确认已停止`, last)]),
    ...(snapshots.length === 0 ? [] : [unknown(`Snapshots kept as evidence: ${snapshots.length}`, `作为证据保留的快照：${snapshots.length} 个`, snapshots[0]?.at)]),
    ...(theirs.length === 0 ? [] : [unknown('Their disks, addresses and traffic', '对方实例的磁盘、公网 IP 与流量')]),
    unknown('Hours of people, third parties, business lost: not part of the trail', '人员工时、第三方费用与业务损失：不在案件记录中', reading.opened.at),
  ];
}
