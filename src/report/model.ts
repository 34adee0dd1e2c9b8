// The report as data: a fold of the trail, the same for every format. Pure; needs runbooks only for their words.
import type { Entry } from '../casefile/entry.ts';
import { actionsOf, byHandOf, debtsOf, heldOf, undoOf } from './actions.ts';
import { actionItemsOf, decisionsOf, failuresOf, inputsOf, lessonsOf, notificationsOf, skipsOf, waiversOf } from './choices.ts';
import { decisionOf } from './contain.ts';
import { controlsOf, personalDataOf } from './controls.ts';
import { breaksOf, indicatorsOf } from './indicators.ts';
import { integrityOf } from './integrity.ts';
import { deadlinesOf, momentsOf } from './known-when.ts';
import { attackOf, coverageOf, evidenceOf, findingsOf, notLookedOf, refusalsOf, countedOf } from './looked.ts';
import { costsOf, machinesOf } from './machines.ts';
import { metricsOf } from './metrics.ts';
import { readTrailEntries, type Library, type Reading } from './read.ts';
import { scopeOf } from './scope.ts';
import type { DrillScore, Header, ReportModel } from './shape.ts';
import { timelineOf } from './timeline.ts';
import { say, stringAt } from './values.ts';

export type ReportSources = {
  /** Sealed runbooks by SHA-256; undefined for one that can not be read: its steps go by their ids. */
  readonly library: Library;
  /** The store's witness line over the whole trail. */
  readonly witness: string;
  /** Drills only. */
  readonly score?: DrillScore;
};

/**
 * Folds a trail into its report; an open case gives an interim one.
 *
 * @throws Fault E_ENTRY for a trail that does not begin with case.opened; E_USAGE for a witness line that is none.
 */
export function reportOf(entries: readonly Entry[], { library, witness, score }: ReportSources): ReportModel {
  const reading = readTrailEntries(entries, library);
  const evidence = evidenceOf(reading);
  const coverage = coverageOf(reading, evidence);
  const findings = findingsOf(reading);
  const actions = actionsOf(reading);
  const held = heldOf(reading);
  const decisions = decisionsOf(reading);
  const skips = skipsOf(reading);
  const waivers = waiversOf(reading);
  const failures = failuresOf(reading);
  const notifications = notificationsOf(reading);
  const lessons = lessonsOf(reading);
  const decision = decisionOf({ reading, findings, actions, held, skips, waivers, coverage, notifications });
  const { containment, detectedAt, since } = decision;
  const scope = scopeOf(reading, coverage, findings);
  const machines = machinesOf(reading);
  return {
    format: 1,
    header: headerOf(reading),
    decision,
    scope,
    metrics: metricsOf({ reading, actions, decisions, findings, evidence, waivers, notifications, containment, detectedAt, since: since?.at }),
    timeline: timelineOf({ reading, findings, actions, decisions, skips, failures, notifications }),
    actions,
    byHand: byHandOf(reading),
    held,
    undo: undoOf(reading),
    debts: debtsOf(reading),
    decisions,
    skips,
    waivers,
    failures,
    notifications,
    inputs: inputsOf(reading),
    evidence,
    coverage,
    refusals: refusalsOf(reading),
    notLooked: notLookedOf(reading, coverage),
    findings,
    counted: countedOf(reading),
    attack: attackOf(findings, reading.runbook?.attack ?? []),
    lessons,
    actionItems: actionItemsOf(lessons, (path) => {
      const step = reading.stepAt(path);
      return step?.kind === 'review' ? step.fact : undefined;
    }),
    machines,
    costs: costsOf(reading, machines, actions),
    indicators: indicatorsOf(reading, scope, machines),
    breaks: breaksOf(reading),
    moments: momentsOf({ reading, findings, notifications, containment, detectedAt }),
    deadlines: deadlinesOf(reading),
    controls: controlsOf(reading, lessons),
    personalData: personalDataOf(reading, findings),
    ...(score === undefined ? {} : { score }),
    integrity: integrityOf(reading, witness),
  };
}

function headerOf({ opened, closed, runbook, facts, entries, last }: Reading): Header {
  const pinned = entries.findLast((entry) => entry.type === 'identity.pinned');
  return {
    case: opened.case,
    origin: opened.origin,
    mode: opened.mode,
    ...(opened.scenario === undefined ? {} : { scenario: opened.scenario }),
    runbook: {
      id: opened.runbook,
      sha256: opened.runbookSha256,
      ...(runbook === undefined ? {} : { version: runbook.version }),
      title: runbook?.title ?? say(opened.runbook, opened.runbook),
      summary: runbook?.summary ?? say('', ''),
    },
    endpoint: opened.endpoint,
    version: opened.version,
    ...(pinned?.type === 'identity.pinned' ? { account: pinned.account, actor: pinned.arn } : {}),
    lead: stringAt(facts['lead']) || opened.by,
    severity: stringAt(facts['severity']) || (runbook?.severity ?? ''),
    openedBy: opened.by,
    openedAt: opened.at,
    ...(closed ? { closedAt: closed.at } : {}),
    ...(opened.continues === undefined ? {} : { continues: opened.continues }),
    state: closed?.outcome ?? 'open',
    ...(closed?.as === undefined ? {} : { outcome: closed.as }),
    ...(closed?.reason === undefined ? {} : { reason: closed.reason }),
    upTo: last.at,
  };
}
