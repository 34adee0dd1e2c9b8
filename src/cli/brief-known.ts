// What a hand-over says, as data: the status document, what is known, done, open and told. Pure: the folded state and the report's model.
import { heldKey, type HeldKey } from '../engine/held-key.ts';
import type { Entry } from '../casefile/entry.ts';
import { current, type RunState } from '../engine/frame.ts';
import type { Containment, Cost, ReportModel } from '../report/shape.ts';
import { escapeTerminal, type Lang, type Text } from '../text.ts';
import { jobState, phaseOf, textOf } from './screen-status.ts';
import type { StatusDocument } from './status.ts';
import { wordsOf } from './words.ts';

/** A superset of the status document. Texts are in one language, foreign ones escaped; times are UTC. */
export type Brief = StatusDocument & {
  readonly title: string;
  readonly version?: number;
  readonly account?: string;
  /** A person has confirmed the account and the identity at work. */
  readonly confirmed: boolean;
  readonly lead: string;
  readonly severity: string;
  readonly openedBy: string;
  readonly openedAt: string;
  /** The time of the newest entry. */
  readonly upTo: string;
  /** The phase and its place among the phases. */
  readonly where: string;
  /** When what waits began to wait. */
  readonly askedAt?: string;
  readonly key?: { readonly id: string; readonly state: 'active' | HeldKey['state']; readonly at?: string };
  readonly containment: Pick<Containment, 'state' | 'rung' | 'cut' | 'notCut' | 'to'>;
  readonly since?: { readonly at: string; readonly what: string };
  /** Findings by severity, the gravest first. */
  readonly findings: Readonly<Record<string, number>>;
  /** Findings whose answer the trail does not show as done, and those only a person can answer. */
  readonly answers: { readonly open: number; readonly byHand: number };
  /** Machines the suspects made, and those held back for a person to judge. */
  readonly machines: { readonly theirs: number; readonly held: number; readonly regions: readonly string[] };
  readonly cost: Pick<Cost, 'before' | 'after'>;
  readonly done: {
    readonly changes: readonly { readonly title: string; readonly reached: number; readonly of: number }[];
    readonly calls: number;
    readonly notDone: number;
    readonly evidence: number;
    readonly decisions: number;
    readonly undo: number;
  };
  /** Each background job and how far it is. */
  readonly running: readonly string[];
  readonly open: readonly string[];
  readonly told: readonly { readonly at: string; readonly who: string; readonly outcome: string; readonly by: string }[];
  /** Newest first. */
  readonly notes: readonly { readonly at: string; readonly by: string; readonly text: string }[];
  /** The command that goes on from here. */
  readonly next: string;
};

export type BriefOf = {
  readonly state: RunState;
  readonly entries: readonly Entry[];
  readonly status: StatusDocument;
  readonly model: ReportModel;
  readonly lang: Lang;
  /** Ends every command shown. */
  readonly flags?: string;
};

const severities = ['critical', 'high', 'medium', 'low', 'info'];
const asking: readonly Entry['type'][] = ['case.opened', 'step.started', 'step.failed', 'job.failed', 'batch.frozen', 'call.doubted'];

export function briefOf({ state, entries, status, model, lang, flags = '' }: BriefOf): Brief {
  const plain = (text: string): string => escapeTerminal(text);
  const say = (text: Text): string => plain(text[lang]);
  const { header, decision, actions } = model;
  const askedAt = status.pending === null ? undefined : entries.findLast(({ type }) => asking.includes(type))?.at;
  const key = keyOf(state, entries);
  const { before, after } = decision.cost;
  const bySeverity = Map.groupBy(model.findings, ({ severity }) => severity);
  return {
    ...status,
    title: say(header.runbook.title),
    ...(header.runbook.version === undefined ? {} : { version: header.runbook.version }),
    ...(model.scope.account === undefined ? {} : { account: plain(model.scope.account) }),
    confirmed: state.identity !== undefined,
    lead: plain(header.lead),
    severity: plain(header.severity),
    openedBy: plain(header.openedBy),
    openedAt: header.openedAt,
    upTo: header.upTo,
    where: plain(phaseOf(state, lang)),
    ...(askedAt === undefined ? {} : { askedAt }),
    ...(key === undefined ? {} : { key }),
    containment: containmentOf(decision.containment),
    ...(decision.since === undefined ? {} : { since: { at: decision.since.at, what: say(decision.since.what) } }),
    findings: Object.fromEntries(severities.flatMap((severity) => (bySeverity.has(severity) ? [[severity, bySeverity.get(severity)?.length ?? 0]] : []))),
    answers: {
      open: model.findings.filter(({ answer }) => answer?.standing === 'open' || answer?.standing === 'in-part').length,
      byHand: model.findings.filter(({ answer }) => answer?.standing === 'by-hand').length,
    },
    machines: {
      theirs: model.scope.instances.filter(({ held }) => held !== true).length,
      held: model.scope.instances.filter(({ held }) => held === true).length,
      regions: model.scope.regionsTouched.map(plain),
    },
    cost: { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) },
    done: {
      changes: decision.done.map(({ title, reached, of }) => ({ title: say(title), reached, of })),
      calls: actions.length,
      notDone: actions.filter(({ result }) => result !== 'done' && result !== 'already').length,
      evidence: model.evidence.length,
      decisions: model.decisions.length,
      undo: model.undo.length,
    },
    running: state.frames.flatMap((frame) => Object.values(frame.jobs).map((job) => `${job.job} ${jobState(job, frame, wordsOf(lang))}`)),
    // The first of an open case says just that, which stands at the top already.
    open: decision.open.slice(header.state === 'open' ? 1 : 0).map(({ what }) => say(what)),
    told: model.notifications.map(({ at, who, title, outcome, by }) => ({ at, who: say(who.en === '' ? title : who), outcome: plain(outcome), by: plain(by) })),
    notes: entries.flatMap((entry) => (entry.type === 'note.added' ? [{ at: entry.at, by: plain(entry.by), text: plain(entry.text.replaceAll('\n', ' / ')) }] : [])).toReversed(),
    next: `firebreak ${status.state === 'closed' ? 'report' : 'resume'} ${status.case}${flags}`,
  };
}

function containmentOf({ state, rung, cut, notCut, to }: Containment): Brief['containment'] {
  const escaped = (ids: readonly string[]): readonly string[] => ids.map((id) => escapeTerminal(id));
  return { state, ...(rung === undefined ? {} : { rung }), cut: escaped(cut), notCut: escaped(notCut), ...(to === undefined ? {} : { to: escapeTerminal(to) }) };
}

/** The key in question, by the newest word on it, whichever step said it. */
function keyOf(state: RunState, entries: readonly Entry[]): Brief['key'] {
  const key = textOf(current(state).facts['accessKeyId']) ?? textOf(state.frames[0]?.facts['accessKeyId']);
  if (key === undefined) return undefined;
  const id = escapeTerminal(key);
  return { id, ...(heldKey(state, entries, key) ?? { state: 'active' }) };
}
