// What somebody still has to know or do after the report was read, the gravest first. Pure.
import type { Text } from '../text.ts';
import { debtsOf } from './actions.ts';
import { remainsOf } from './remains.ts';
import type { Reading } from './read.ts';
import type { ActionRow, CoverageRow, FindingRow, HeldRow, NotificationRow, SkipRow, WaiverRow } from './rows.ts';
import type { Containment, Cost, OpenItem } from './shape.ts';
import { listAt, outcomeWord, say, some, stringAt } from './values.ts';

export type Parts = {
  readonly reading: Reading;
  readonly findings: readonly FindingRow[];
  readonly actions: readonly ActionRow[];
  readonly held: readonly HeldRow[];
  readonly skips: readonly SkipRow[];
  readonly waivers: readonly WaiverRow[];
  readonly coverage: readonly CoverageRow[];
  readonly notifications: readonly NotificationRow[];
};

const mostOfAKind = 5;

export function openOf(parts: Parts, containment: Containment, cost: Cost): readonly OpenItem[] {
  const { reading, notifications, waivers } = parts;
  const item = (what: Text, seq?: number): OpenItem => ({ what, ...(seq === undefined ? {} : { seq }) });
  return [
    ...(reading.closed ? [] : [item(say('The case is still open.', '案件尚未结束。'))]),
    ...(containment.notCut.length === 0 ? [] : [item(say(`Not cut: ${some(containment.notCut)}.`, `尚未切断：${some(containment.notCut)}。`), containment.seq)]),
    ...harmUncut(parts, containment),
    ...doubted(parts),
    ...failed(parts),
    ...sessions(reading),
    ...declined(reading),
    ...parts.skips.map(({ title, outcome, reason, seq, step }) => ({
      what: say(`${title.en}: ${outcomeWord(outcome).en} — ${reason}`, `${title.zh}：${outcomeWord(outcome).zh} — ${reason}`),
      seq,
      step,
    })),
    ...notDone(reading),
    ...(reading.closed && notifications.length === 0 ? [item(say('Nobody was told, as far as the trail says.', '记录中没有任何人被通知。'))] : []),
    ...leftAlone(parts),
    ...unread(parts),
    ...(waivers.length === 0
      ? []
      : [item(say(`Evidence was waived for ${waivers.length} targets: have a second person look.`, `有 ${waivers.length} 个目标豁免了取证：请由第二人复核。`), waivers[0]?.seq)]),
    ...owed(reading),
    ...remainsOf(reading, parts.findings, parts.actions, containment),
    ...missed(parts),
    ...cost.notes.map((note) => item(note)),
  ];
}

/** What may stand only for a time, and who answers for it. Waivers nobody has taken on are told of above. */
function owed(reading: Reading): readonly OpenItem[] {
  return debtsOf(reading).flatMap(({ kind, what, targets, owner, due, seq }) => {
    const on = some(targets);
    if (owner === undefined)
      return kind === 'waiver'
        ? []
        : [
            {
              what: say(
                `${kind === 'countersign' ? 'Still owed' : 'Temporary, and nobody answers for it'}: ${what.en} (${on}).`,
                `${kind === 'countersign' ? '尚欠' : '临时措施，尚无人负责'}：${what.zh}（${on}）。`,
              ),
            },
          ];
    const text =
      kind !== 'temporary'
        ? say(`To be looked at again by ${owner}, until ${due}: ${what.en} (${on}).`, `由 ${owner} 在 ${due} 前复核：${what.zh}（${on}）。`)
        : say(`Temporary, until ${due}, ${owner} answers for it: ${what.en} (${on}).`, `临时措施，至 ${due}，由 ${owner} 负责：${what.zh}（${on}）。`);
    return [{ what: text, ...(seq === undefined ? {} : { seq }) }];
  });
}

/** Whatever the case was closed as: grave findings and no cut do not go together in silence. */
function harmUncut({ findings }: Parts, { state }: Containment): readonly OpenItem[] {
  const grave = findings.filter(({ severity }) => severity === 'critical' || severity === 'high');
  if (state !== 'not-cut' || grave.length === 0) return [];
  const what = say(`${grave.length} critical or high findings are on record, and nothing was cut.`, `记录中有 ${grave.length} 条严重或高危发现，但没有切断任何密钥。`);
  return [{ what, ...(grave[0] ? { seq: grave[0].seq } : {}) }];
}

/** What was begun and gave nothing, or not yet everything; what was skipped is listed with its reason. */
function unread({ coverage }: Parts): readonly OpenItem[] {
  return coverage
    .filter(({ outcome }) => ['unfinished', 'failed', 'none'].includes(outcome))
    .map(({ title, outcome, seq, step }) => ({ what: say(`${title.en}: ${outcomeWord(outcome).en}.`, `${title.zh}：${outcomeWord(outcome).zh}。`), seq, step }));
}

function doubted({ actions }: Parts): readonly OpenItem[] {
  return actions
    .filter(({ result }) => result === 'open' || result === 'unknown')
    .map(({ seq, step, product, action, targets }) => ({
      what: say(`Nobody knows whether this happened: ${product}:${action} on ${some(targets)}.`, `尚不清楚是否已执行：${product}:${action}（${some(targets)}）。`),
      seq,
      step,
    }));
}

/** What was sent and is not as it should be, by the newest word on each target. */
function failed({ actions }: Parts): readonly OpenItem[] {
  const newest = new Map(actions.flatMap(({ step, title, verified }) => verified.map((row) => [`${step} ${row.target}`, { ...row, step, title }] as const)));
  const rows = [...newest.values()].filter(({ status }) => status === 'failed');
  const items = rows.slice(0, mostOfAKind).map(({ target, title, note, seq, step }) => ({
    what: say(`${title.en}: failed for ${target}. ${note?.en ?? ''}`, `${title.zh}：${target} 失败。${note?.zh ?? ''}`),
    seq,
    step,
  }));
  const rest = rows.length - items.length;
  return rest > 0 ? [...items, { what: say(`and ${rest} more that failed`, `另有 ${rest} 个失败`) }] : items;
}

/** Sessions that outlive their key. */
function sessions(reading: Reading): readonly OpenItem[] {
  return listAt(reading.facts['sessions']).flatMap((session) => {
    const [role, until] = [stringAt(session, 'role'), stringAt(session, 'until')];
    return until > reading.last.at
      ? [{ what: say(`A session of ${role}, opened with a key that was cut, lives until ${until}.`, `由已切断的密钥换取的 ${role} 会话有效至 ${until}。`) }]
      : [];
  });
}

/** Lists nobody approved in the end. */
function declined(reading: Reading): readonly OpenItem[] {
  return reading.answers.flatMap(({ entry, path, visit }) => {
    if (entry.kind !== 'approve' || entry.value !== 'no') return [];
    const act = visit?.step?.kind === 'approve' ? visit.step.act : undefined;
    const local = path.slice(0, path.lastIndexOf('/') + 1);
    if (act !== undefined && reading.approvals.has(`${local}${act}`)) return [];
    const title = visit?.title ?? reading.titleAt(path);
    return [{ what: say(`Declined: ${title.en}`, `已拒绝：${title.zh}`), seq: entry.seq, step: path }];
  });
}

function notDone(reading: Reading): readonly OpenItem[] {
  return reading.answers.flatMap(({ entry, visit, path }) => {
    if ((entry.kind !== 'manual' && entry.kind !== 'notify') || entry.value !== 'failed') return [];
    const title = visit?.title ?? reading.titleAt(path);
    return [{ what: say(`Could not be done: ${title.en}`, `未能完成：${title.zh}`), seq: entry.seq, step: path }];
  });
}

/** One item a target, whatever it was left out of. */
function leftAlone({ held }: Parts): readonly OpenItem[] {
  const rows = held.filter(({ status }) => status === 'held' || status === 'failed');
  const groups = [...Map.groupBy(rows, ({ target }) => target).values()];
  const items = groups.slice(0, mostOfAKind).flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const steps = group.map(({ title }) => title);
    const name = first.label ?? first.target;
    return [
      {
        what: say(
          `Left alone, for you to judge: ${name}. ${first.why.en} (Not in: ${steps.map(({ en }) => en).join('; ')})`,
          `未处理，需您判断：${name}。${first.why.zh}（未列入：${steps.map(({ zh }) => zh).join('；')}）`,
        ),
        seq: first.seq,
        step: first.step,
      },
    ];
  });
  const rest = groups.length - items.length;
  return rest > 0 ? [...items, { what: say(`and ${rest} more left alone`, `另有 ${rest} 个未处理`) }] : items;
}

function missed({ coverage }: Parts): readonly OpenItem[] {
  const regions = [
    ...Map.groupBy(
      coverage.flatMap(({ regionsMissed }) => regionsMissed),
      ({ region }) => region,
    ),
  ];
  const items = regions
    .slice(0, mostOfAKind)
    .map(([region, [first]]) => ({ what: say(`Not fully looked at: ${region} (${first?.why.en ?? ''}).`, `未完全查看：${region}（${first?.why.zh ?? ''}）。`) }));
  const rest = regions.length - items.length;
  return rest > 0 ? [...items, { what: say(`and ${rest} more regions not fully looked at`, `另有 ${rest} 个地域未完全查看`) }] : items;
}
