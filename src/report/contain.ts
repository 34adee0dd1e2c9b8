// The page for the one who decides: since when, contained or not and by which rung, what it costs, what is open. Pure.
import { standingOf } from './actions.ts';
import { chosen } from './choices.ts';
import type { CallRead, Reading } from './read.ts';
import { openOf, type Parts } from './open.ts';
import { touchedRegions } from './scope.ts';
import type { Containment, Cost, Decision } from './shape.ts';
import { listAt, numberOrNull, say, stringAt, textOf, valueAt } from './values.ts';

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
  const soft = cut.includes(stringAt(reading.facts['accessKeyId'])) ? [] : softWrites(reading);
  const writes = [...reading.calls.filter(({ path }) => acts.includes(path)), ...soft];
  const byHand = reading.answers.findLast(({ entry, visit }) => entry.kind === 'manual' && entry.value === 'done' && visit?.phase === cutPhase(reading));
  const rungs = [...new Set(soft.map(rungOf))].toSorted((a = '', b = '') => (a < b ? -1 : 1)).join('+');
  const rung = byHand !== undefined && cut.length === 0 ? 'by-hand' : rungs === '' ? writes.map(rungOf).findLast((each) => each !== undefined) : rungs;
  const base = { cut: [...new Set(cut)], notCut, ...(rung === undefined ? {} : { rung }) };
  if (cut.length === 0 && soft.length === 0 && !byHand) return { ...base, state: 'not-cut' };
  const lastCut = Math.max(byHand?.entry.seq ?? 0, ...writes.map(({ finished, intended }) => finished?.seq ?? intended.seq));
  const watch = watched(reading, lastCut);
  const elsewhere = watch.regions === undefined ? [] : touchedRegions(reading).filter((region) => watch.regions?.includes(region) !== true);
  // Quiet where we looked says nothing of where they were and nobody looked.
  if (watch.state === 'contained' && elsewhere.length > 0) return { ...base, ...watch, state: 'not-verified', unwatched: elsewhere };
  return { ...base, ...watch };
}

/** The act the runbook marks as its cut, and every other that disabled or deleted a key. */
function cutActs(reading: Reading): readonly string[] {
  const listed = [...reading.batches.values()].flatMap(({ act, frame }) => (act === undefined ? [] : [frame === undefined ? act : `${frame}/${act}`]));
  const paths = new Set([...reading.calls.map(({ path }) => path), ...listed]);
  const approve = reading.runbook?.steps.find(({ id }) => id === reading.runbook?.cut);
  return [...paths].filter((path) => {
    if (approve?.kind === 'approve' && approve.act === path) return true;
    return reading.calls.some((call) => call.path === path && hard.includes(rungOf(call) ?? ''));
  });
}

/** What holds the leaked key where it was not cut: a limit on it, a deny on its owner, read back as done. */
function softWrites(reading: Reading): readonly CallRead[] {
  const whose = [stringAt(reading.facts['accessKeyId']), stringAt(reading.facts['owner'], 'userName')].filter((name) => name !== '');
  return reading.calls.filter((call) => {
    const rung = rungOf(call);
    if (rung === undefined || hard.includes(rung)) return false;
    const standing = standingOf(reading, call.path);
    return call.intended.targets.some((target) => whose.includes(target) && reached.includes(standing.get(target)?.status ?? ''));
  });
}

function cutPhase(reading: Reading): string | undefined {
  return reading.runbook?.steps.find(({ id }) => id === reading.runbook?.cut)?.phase;
}

const hard: readonly string[] = ['disabled', 'deleted'];
const rungNames: Readonly<Record<string, string>> = { DeleteAccessKey: 'deleted', AttachPolicyToUser: 'denied', AttachPolicyToRole: 'denied', SetAccessKeyPolicy: 'limited' };

function rungOf({ intended: { action, params } }: CallRead): string | undefined {
  return action === 'UpdateAccessKey' ? (params['Status'] === 'Inactive' ? 'disabled' : undefined) : rungNames[action];
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

export function decisionOf(parts: Parts): Decision {
  const { reading, findings, actions } = parts;
  const containment = containmentOf(reading);
  const cost = costOf(reading);
  const harmful = findings.find(({ severity }) => severity === 'critical' || severity === 'high') ?? findings[0];
  const [detectedAt, detectedHow] = [stringAt(reading.facts['detectedAt']), stringAt(reading.facts['detectedHow'])];
  const acts = Map.groupBy(
    actions.filter(({ step }) => !step.startsWith('undo.')),
    ({ step }) => step,
  );
  return {
    ...(detectedAt === '' ? {} : { detectedAt }),
    ...(detectedHow === '' ? {} : { detectedHow: chosen(reading, 'detectedHow', detectedHow) }),
    ...(harmful ? { since: { at: harmful.at, what: harmful.what, seq: harmful.seq } } : {}),
    containment,
    cost,
    done: [...acts].map(([step, rows]) => {
      const standing = standingOf(reading, step);
      const targets = [...new Set(rows.flatMap(({ targets }) => targets))];
      return { title: rows[0]?.title ?? say(step, step), reached: targets.filter((target) => reached.includes(standing.get(target)?.status ?? '')).length, of: targets.length };
    }),
    open: openOf(parts, containment, cost),
  };
}
