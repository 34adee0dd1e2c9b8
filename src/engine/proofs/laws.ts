// Proofs of law 4: with the edges removed that seal its evidence or approve it, no act is reached. Pure.
import { reach, type Edge } from '../../runbook/graph.ts';
import { isJob } from '../../runbook/outcome.ts';
import type { Step, StepOf } from '../../runbook/schema.ts';
import { actionOf, collectorOf, flawOf, isGood, via, type Proof, type Subject } from './subject.ts';

/** The evidence kind an account-wide full record seals (T1). */
export const fullRecord = 'full-record';

/** Every act is reached only through an approval of its own batch. */
export const approved: Proof = (subject) =>
  acts(subject).flatMap((act) => {
    const approvals = new Set(subject.runbook.steps.flatMap((step) => (step.kind === 'approve' && step.act === act.id ? [step.id] : [])));
    const found = reach(subject.edges, subject.start, (edge) => !(approvals.has(edge.from) && edge.on === 'approved'));
    const why = approvals.size === 0 ? 'no approve step names it' : `there is a way around ${[...approvals].join(', ')}`;
    return found.has(act.id) ? [flawOf(subject, act, 'R_APPROVAL', `Step ${act.id} acts without approval: ${why}.${via(subject, found, act.id)}`)] : [];
  });

/** What an act would destroy has been sealed, or waived by a person, on every path to it. A waiver is given inside the collect step and leaves it by `all` or `some`. */
export const evidence: Proof = (subject) =>
  acts(subject).flatMap((act) => {
    const action = actionOf(subject, act);
    if (action === undefined) return [];
    if (action.class !== 'R1' && action.needs.length === 0) {
      return [flawOf(subject, act, 'R_EVIDENCE', `${act.use} is of class ${action.class}, yet names no evidence it needs.`, 'use')];
    }
    return action.needs.flatMap((kind) => {
      const seals = sealing(subject, act, kind);
      const found = reach(subject.edges, subject.start, (edge) => !seals.some((step) => isGood(step, edge) || starts(step, edge)));
      if (!found.has(act.id)) return [];
      const why = seals.length === 0 ? `no step collects it over ${act.over}` : `there is a way around ${seals.map((step) => step.id).join(', ')}`;
      return [flawOf(subject, act, 'R_EVIDENCE', `Step ${act.id} (${action.class}) loses "${kind}" before it is sealed: ${why}.${via(subject, found, act.id)}`)];
    });
  });

/** Steps that seal this kind for the act's own targets. A background one counts when the act waits for it. */
function sealing(subject: Subject, act: StepOf<'act'>, kind: string): readonly Step[] {
  return subject.runbook.steps.filter((step) => {
    if (step.kind !== 'collect' || step.over !== act.over || collectorOf(subject, step)?.seals !== kind) return false;
    return !step.background || act.needs.includes(step.id);
  });
}

function starts(step: Step, edge: Edge): boolean {
  return isJob(step) && edge.from === step.id && edge.on === 'started';
}

/** An irreversible act waits for the full record. */
export const recorded: Proof = (subject) =>
  irreversible(subject).flatMap((act) =>
    around(subject, act, (step) => step.kind === 'collect' && step.over === undefined && collectorOf(subject, step)?.seals === fullRecord).map((path) =>
      flawOf(subject, act, 'R_RECORD', `Step ${act.id} can not be undone, yet does not wait for the full record.${path}`),
    ),
  );

/** An irreversible act waits for a quiet window. */
export const quiet: Proof = (subject) =>
  irreversible(subject).flatMap((act) =>
    around(subject, act, (step) => step.kind === 'watch').map((path) =>
      flawOf(subject, act, 'R_QUIET', `Step ${act.id} can not be undone, yet does not wait for a quiet window.${path}`),
    ),
  );

/** What can not be undone takes two persons and waits: it is never the cut, which takes one and waits for nothing. */
export const cutByOne: Proof = (subject) => {
  const { cut } = subject.runbook;
  const approve = subject.runbook.steps.find((step) => step.id === cut);
  return irreversible(subject).flatMap((act) => {
    if (approve?.kind !== 'approve' || approve.act !== act.id) return [];
    const found = reach(subject.edges, subject.start);
    return [
      flawOf(
        subject,
        approve,
        'R_CUT',
        `The cut ${approve.id} approves ${act.id}, which can not be undone and would wait for a second person.${via(subject, found, act.id)}`,
        'act',
      ),
    ];
  });
};

/** The path to `act` past every step of a sort, done in the foreground or waited for; none when there is no way around. */
function around(subject: Subject, act: StepOf<'act'>, counts: (step: Step) => boolean): readonly string[] {
  const steps = subject.runbook.steps.filter((step) => counts(step) && (!isJob(step) || act.needs.includes(step.id)));
  const found = reach(subject.edges, subject.start, (edge) => !steps.some((step) => isGood(step, edge) || starts(step, edge)));
  return found.has(act.id) ? [via(subject, found, act.id)] : [];
}

function acts(subject: Subject): readonly StepOf<'act'>[] {
  return subject.runbook.steps.filter((step) => step.kind === 'act');
}

function irreversible(subject: Subject): readonly StepOf<'act'>[] {
  return acts(subject).filter((act) => actionOf(subject, act)?.class === 'R3');
}
