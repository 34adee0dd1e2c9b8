// What can be wrong with a runbook: every code with its hint, and how a flaw becomes a problem with a place. Pure.
import type { Problem, Where } from '../errors.ts';

/** One line each for whoever edits the file. A code is never reused for another meaning. */
export const runbookProblems = {
  R_SIZE: 'A runbook is at most 512 KiB of YAML and 300 steps.',
  R_YAML: 'The file must be one YAML 1.2 document.',
  R_YAML_FEATURE: 'Write the value out: anchors, aliases and tags are refused, so that what is read is what runs.',
  R_FIELD: 'Remove the field, or spell it as the language does: "firebreak runbook schema".',
  R_MISSING: 'Add the field.',
  R_VALUE: 'Give a value of the form named.',
  R_TRANSLATION: 'Every text stands in both languages: {en: …, zh: …}.',
  R_KIND: 'A step is one of: ask, decide, approve, act, collect, watch, manual, notify, review, case, end.',
  R_DUPLICATE: 'Every id is used once.',
  R_DANGLING: 'Name a step of this runbook.',
  R_PHASE: 'List the phase under "phases", or use one that is listed.',
  R_OUTCOME: 'Under "on", give every outcome of this kind of step, and no other, a step that follows.',
  R_CHOICE: 'Offer the value under "choices", or name one that is offered.',
  R_APPROVES: 'An approve names either the act step whose batch it freezes ("act") or the fact it confirms ("confirm").',
  R_NEEDS: 'Under "needs", name a collect or watch step with "background: true".',
  R_UNREACHABLE: 'Lead to the step from one that is reached, or remove it.',
  R_NO_WAY_OUT: 'Let an outcome lead on towards an end step.',
  R_LOOP: 'Put a step where a person decides, or a watch, into the circle.',
  R_JOB: 'Start the job on every path before the step that needs it.',
  R_CUT: 'Cutting never waits: take the "needs" off what lies before the cut, and let it approve only what can be undone.',
  R_UNKNOWN_OPERATION: 'Name an operation of the catalogue: an action for act, a collector for collect and watch.',
  R_WITH: 'Give the operation the inputs it declares, each in its form.',
  R_FACT: 'Ask for the fact, collect it or make it an input before this step, on every path.',
  R_EVIDENCE: 'Collect that evidence over the same fact before the act, and lead on to the act only from "all" or "some".',
  R_RECORD: 'An irreversible act needs the full record: start that job before, and list it under "needs".',
  R_QUIET: 'An irreversible act needs a quiet window: start a watch before, and list it under "needs".',
  R_APPROVAL: 'Lead to the act only through "approved" of an approve step that names it.',
  R_UNDO: 'Give the action an undo, or let its undo say why there is none.',
  R_HOLDS: 'Give the action a way to read whether its effect holds.',
  R_PERMISSION: 'List the calls the action makes, as product:Action.',
  R_CHILD: 'Name a runbook that exists, checks clean by itself, and goes no deeper than 5 cases.',
} as const satisfies Record<`R_${string}`, string>;

export type RunbookCode = keyof typeof runbookProblems;

export type Path = readonly (string | number)[];

/** A finding with its path inside the document, before it has a line; `part: 'key'` points at the field's name instead of its value. */
export type Flaw = { readonly code: RunbookCode; readonly message: string; readonly path: Path; readonly part?: 'key'; readonly hint?: string };

/** Gives a flaw its place and, when it has none of its own, the hint of its code. */
export function toProblem(flaw: Flaw, where: Where | undefined): Problem {
  return { code: flaw.code, message: flaw.message, hint: flaw.hint ?? runbookProblems[flaw.code], ...(where === undefined ? {} : { where }) };
}

/** ` Did you mean "x"?` when one of the known names is close, else nothing. */
export function suggest(name: string, known: readonly string[]): string {
  const best = known.map((each) => ({ each, off: distance(name.toLowerCase(), each.toLowerCase()) })).toSorted((a, b) => a.off - b.off)[0];
  return best !== undefined && best.off <= Math.max(1, Math.floor(name.length / 3)) ? ` Did you mean "${best.each}"?` : '';
}

/** Edits from one word to the other, two swapped neighbours counted as one. Words are short; foreign ones are cut. */
function distance(from: string, to: string): number {
  const [a, b] = [from.slice(0, 60), to.slice(0, 60)];
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let least = Math.min((last[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) least = Math.min(least, (before[column - 2] ?? 0) + 1);
      next.push(least);
    }
    [before, last] = [last, next];
  }
  return last[b.length] ?? 0;
}
