// The page for the one who decides: since when, contained or not and by which rung, what it costs, what is open. Pure.
import type { Json, Text } from '../text.ts';
import { say, standingOf } from './actions.ts';
import { listAt, stringAt, textOf, valueAt, type CallRead, type Reading } from './read.ts';
import type { ActionRow, Containment, Cost, CoverageRow, Decision, FindingRow, HeldRow, NotificationRow, OpenItem, SkipRow, WaiverRow } from './shape.ts';

const reached = ['done', 'already', 'gone'];

/** Judged from the trail alone: "contained" is earned by a quiet watch begun after the last cut (law 8). */
export function containmentOf(reading: Reading): Containment {
  const acts = cutActs(reading);
  const standing = acts.flatMap((act) => [...standingOf(reading, act)]);
  const cut = standing.filter(([, { status }]) => reached.includes(status)).map(([target]) => target);
  const listed = acts.flatMap((act) => {
    const batch = [...reading.batches].find(([, { act: of, frame }]) => (frame === undefined ? of : `${frame}/${of}`) === act)?.[1];
    return [...(batch?.targets ?? []), ...(batch?.held ?? [])].map(({ id }) => id);
  });
  const notCut = [...new Set([...listed, ...standing.map(([target]) => target)])].filter((target) => !cut.includes(target));
  const writes = reading.calls.filter(({ path }) => acts.includes(path));
  const byHand = reading.answers.findLast(({ entry, visit }) => entry.kind === 'manual' && entry.value === 'done' && visit?.phase === cutPhase(reading));
  const base = { cut: [...new Set(cut)], notCut, ...rungOf(writes, byHand !== undefined && cut.length === 0) };
  if (cut.length === 0 && !byHand) return { ...base, state: 'not-cut' };
  const lastCut = Math.max(byHand?.entry.seq ?? 0, ...writes.map(({ finished, intended }) => finished?.seq ?? intended.seq));
  return { ...base, ...watched(reading, lastCut) };
}

/** The acts the runbook marks as its cut; without a runbook, those that disabled a key. */
function cutActs(reading: Reading): readonly string[] {
  const paths = new Set(reading.calls.map(({ path }) => path).concat([...reading.approvals.keys()]));
  return [...paths].filter((path) => {
    const runbookCut = reading.runbook?.cut;
    const approve = runbookCut === undefined ? undefined : reading.runbook?.steps.find(({ id }) => id === runbookCut);
    if (approve?.kind === 'approve' && approve.act === path) return true;
    const writes = reading.calls.filter((call) => call.path === path);
    return writes.some(({ intended }) => rungs[intended.action] !== undefined);
  });
}

function cutPhase(reading: Reading): string | undefined {
  return reading.runbook?.steps.find(({ id }) => id === reading.runbook?.cut)?.phase;
}

const rungs: Readonly<Record<string, string>> = {
  UpdateAccessKey: 'disabled',
  DeleteAccessKey: 'deleted',
  AttachPolicyToUser: 'denied',
  SetAccessKeyNetworkPolicy: 'network-policy',
};

function rungOf(writes: readonly CallRead[], byHand: boolean): { readonly rung?: string } {
  if (byHand) return { rung: 'by-hand' };
  const rung = writes.map(({ intended }) => rungs[intended.action]).findLast((each) => each !== undefined);
  return rung === undefined ? {} : { rung };
}

/** The newest watch; one that began before the last cut proves nothing about it. */
function watched(reading: Reading, lastCut: number): Pick<Containment, 'state'> & Partial<Containment> {
  const jobs = reading.jobs
    .filter(({ visit, path }) => (visit?.kind ?? reading.stepAt(path)?.kind) === 'watch')
    .map(({ started, finished, advanced }) => ({ since: started.seq, end: finished ?? advanced, outcome: finished?.outcome }));
  const steps = reading.visits
    .filter(({ kind, finished }) => kind === 'watch' && finished?.outcome !== 'started')
    .map(({ started, finished }) => ({ since: started.seq, end: finished, outcome: finished?.outcome }));
  const newest = [...jobs, ...steps].toSorted((a, b) => a.since - b.since).at(-1);
  if (!newest) return { state: 'not-verified', outcome: 'never watched' };
  if (newest.since < lastCut) return { state: 'not-verified', outcome: 'cut again after the watch began', seq: newest.since };
  const facts = valueAt(newest.end?.facts, 'quiet');
  const delay = valueAt(facts, 'logDelayMs');
  const attempts = valueAt(facts, 'refusedAttempts');
  const [from, to] = [stringAt(facts, 'from'), stringAt(facts, 'to')];
  const states: Readonly<Record<string, Containment['state']>> = { quiet: 'contained', active: 'active' };
  return {
    state: newest.outcome === undefined ? 'watching' : (states[newest.outcome] ?? 'not-verified'),
    outcome: newest.outcome ?? 'not over yet',
    seq: newest.end?.seq ?? newest.since,
    ...(from === '' ? {} : { from }),
    ...(to === '' ? {} : { to }),
    ...(typeof delay === 'number' ? { logDelayMs: delay } : {}),
    ...(typeof attempts === 'number' ? { refusedAttempts: attempts } : {}),
    ...(facts === undefined ? {} : { regions: listAt(facts, 'regions').map(String) }),
  };
}

/** What the suspects' machines cost an hour, before and after, and about how much until they were stopped. */
export function costOf(reading: Reading): Cost {
  const { facts } = reading;
  const before = numberOrNull(facts['burnBefore'] ?? valueAt(facts['rogueSummary'], 'cnyPerHour'));
  const after = numberOrNull(facts['burnAfter']);
  const machines = listAt(facts['rogue']).filter((machine) => valueAt(machine, 'held') === undefined);
  const stops = new Map(
    reading.settled.flatMap(({ entry }) => (entry.status === 'done' && valueAt(entry.facts, 'cnyPerHourAfter') !== undefined ? [[entry.target, entry.at] as const] : [])),
  );
  const spent = machines.reduce<number | null>((sum, machine) => {
    const [rate, created] = [valueAt(machine, 'data', 'cnyPerHour'), Date.parse(stringAt(machine, 'data', 'created'))];
    if (sum === null || typeof rate !== 'number' || Number.isNaN(created)) return null;
    const until = stops.get(stringAt(machine, 'id')) ?? reading.last.at;
    return sum + (rate * Math.max(0, Date.parse(until) - created)) / 3_600_000;
  }, 0);
  return {
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(machines.length === 0 ? {} : { spent: spent === null ? null : Math.round(spent) }),
    notes: listAt(facts['burnNotes']).map(textOf),
  };
}

function numberOrNull(value: Json | undefined): number | null | undefined {
  return typeof value === 'number' || value === null ? value : undefined;
}

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

export function decisionOf(parts: Parts): Decision {
  const { reading, findings, actions } = parts;
  const containment = containmentOf(reading);
  const harmful = findings.find(({ severity }) => severity === 'critical' || severity === 'high') ?? findings[0];
  const [detectedAt, detectedHow] = [stringAt(reading.facts['detectedAt']), stringAt(reading.facts['detectedHow'])];
  const acts = Map.groupBy(actions, ({ step }) => step);
  return {
    ...(detectedAt === '' ? {} : { detectedAt }),
    ...(detectedHow === '' ? {} : { detectedHow }),
    ...(harmful ? { since: { at: harmful.at, what: harmful.what, seq: harmful.seq } } : {}),
    containment,
    cost: costOf(reading),
    done: [...acts].map(([step, rows]) => {
      const standing = standingOf(reading, step);
      const targets = [...new Set(rows.flatMap(({ targets }) => targets))];
      return { title: rows[0]?.title ?? say(step, step), reached: targets.filter((target) => reached.includes(standing.get(target)?.status ?? '')).length, of: targets.length };
    }),
    open: openOf(parts, containment),
  };
}

/** What somebody still has to know or do, the gravest first. */
function openOf({ reading, actions, held, skips, waivers, coverage, notifications }: Parts, containment: Containment): readonly OpenItem[] {
  const items: OpenItem[] = [];
  const add = (what: Text, seq?: number, step?: string): void => {
    items.push({ what, ...(seq === undefined ? {} : { seq }), ...(step === undefined ? {} : { step }) });
  };
  if (!reading.closed) add(say('The case is still open.', '案件尚未结束。'));
  if (containment.notCut.length > 0) add(say(`Not cut: ${some(containment.notCut)}`, `尚未切断：${some(containment.notCut)}`), containment.seq);
  for (const { seq, call, product, action, targets } of actions.filter(({ result }) => result === 'open' || result === 'unknown'))
    add(say(`Nobody knows yet whether ${product}:${action} on ${some(targets)} happened (${call})`, `尚不清楚 ${product}:${action}（${some(targets)}）是否已执行（${call}）`), seq);
  for (const [step, rows] of Map.groupBy(
    held.filter(({ status }) => status === 'held' || status === 'failed'),
    (row) => row.step,
  )) {
    const [first] = rows;
    if (first)
      add(
        say(
          `Left alone, for a person to judge (${first.title.en}): ${some(rows.map(({ target }) => target))} — ${first.why.en}`,
          `未处理，需人工判断（${first.title.zh}）：${some(rows.map(({ target }) => target))} — ${first.why.zh}`,
        ),
        first.seq,
        step,
      );
  }
  const failed = actions.flatMap(({ title, verified }) => verified.filter(({ status }) => status === 'failed').map((row) => ({ ...row, title })));
  for (const { target, title, note, seq } of failed.slice(0, 5))
    add(say(`Failed (${title.en}): ${target} ${note?.en ?? ''}`, `失败（${title.zh}）：${target} ${note?.zh ?? ''}`), seq);
  for (const { what, seq } of leavesOf(reading)) add(what, seq);
  for (const { title, step, seq } of declined(reading)) add(say(`Declined: ${title.en}`, `已拒绝：${title.zh}`), seq, step);
  for (const { title, outcome, reason, seq, step } of skips) add(say(`Left out (${outcome}): ${title.en} — ${reason}`, `未做（${outcome}）：${title.zh} — ${reason}`), seq, step);
  for (const { entry, visit, path } of reading.answers) {
    if ((entry.kind === 'manual' || entry.kind === 'notify') && entry.value === 'failed')
      add(say(`Could not be done: ${visit?.title.en ?? path}`, `未能完成：${visit?.title.zh ?? path}`), entry.seq, path);
  }
  if (reading.closed && notifications.length === 0) add(say('Nobody was told, as far as the trail says.', '记录中没有任何人被通知。'));
  if (waivers.length > 0) add(say(`${waivers.length} waivers to countersign`, `${waivers.length} 项豁免待复核`), waivers[0]?.seq);
  const missed = [...new Set(coverage.flatMap(({ regionsMissed }) => regionsMissed.map(({ region }) => region)))];
  if (missed.length > 0) add(say(`Not fully looked at: ${some(missed)}`, `未完全查看：${some(missed)}`));
  for (const note of costOf(reading).notes) add(note);
  return items;
}

/** Sessions that outlive their key. */
function leavesOf(reading: Reading): readonly { readonly what: Text; readonly seq?: number }[] {
  return listAt(reading.facts['sessions']).flatMap((session) => {
    const [role, until] = [stringAt(session, 'role'), stringAt(session, 'until')];
    return until > reading.last.at ? [{ what: say(`A session of ${role} that a cut key opened lives until ${until}`, `由已切断密钥换取的 ${role} 会话有效至 ${until}`) }] : [];
  });
}

function declined(reading: Reading): readonly { readonly title: Text; readonly step: string; readonly seq: number }[] {
  const later = new Set(reading.approvals.keys());
  return reading.answers.flatMap(({ entry, path, visit }) => {
    const act = visit?.step?.kind === 'approve' ? visit.step.act : undefined;
    return entry.kind === 'approve' && entry.value === 'no' && !(act !== undefined && later.has(act))
      ? [{ title: visit?.title ?? reading.titleAt(path), step: path, seq: entry.seq }]
      : [];
  });
}

export function some(items: readonly string[]): string {
  return items.length > 5 ? `${items.slice(0, 5).join(', ')} … (${items.length})` : items.join(', ');
}
