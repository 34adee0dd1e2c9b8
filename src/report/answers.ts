// Whether what answers a finding was done in this case, on that very target, after it happened. Pure: the reading and what is recorded.
import { answerIn, said } from '../actions/answers.ts';
import type { Answer } from '../actions/define.ts';
import type { Json } from '../text.ts';
import type { Reading } from './read.ts';
import type { FindingAnswer } from './rows.ts';
import { stringAt } from './values.ts';

/** Something that was done: an action on a target, or a child case about it. */
type Deed = { readonly does: string; readonly target: string; readonly at: string };

/** What goes further than an answer answers as well. */
const further: Readonly<Record<string, readonly string[]>> = {
  'ram.disableAccessKeys': ['ram.deleteAccessKeys'],
  'ecs.stopInstances': ['ecs.deleteInstances'],
  'leaked-access-key': ['ram.disableAccessKeys', 'ram.deleteAccessKeys'],
  'taken-role': ['ram.denyRole', 'ram.rebuildRole'],
};
const reached: readonly string[] = ['done', 'already', 'gone'];

/** Gives each recorded finding its answer and how that stands; undefined for a finding that carries none. */
export function answersOf(reading: Reading): (finding: Json) => FindingAnswer | undefined {
  const deeds = deedsOf(reading);
  return (finding) => {
    const answer = answerIn(finding);
    if (answer === undefined) return undefined;
    const { text, targets, command } = said(answer);
    return { kind: answer.kind, text, targets, ...(command === undefined ? {} : { command }), ...standingOf(answer, stringAt(finding, 'at'), deeds) };
  };
}

function standingOf(answer: Answer, at: string, deeds: readonly Deed[]): Pick<FindingAnswer, 'standing' | 'reached'> {
  if (answer.kind === 'manual') return { standing: 'by-hand' };
  if (answer.kind === 'watch') return { standing: 'watch' };
  const name = answer.kind === 'action' ? answer.action : answer.runbook;
  const names = [name, ...(further[name] ?? [])];
  const done = answer.targets.filter((target) => deeds.some((deed) => names.includes(deed.does) && deed.target === target && Date.parse(deed.at) >= Date.parse(at)));
  if (done.length === 0) return { standing: 'open' };
  return { standing: done.length === answer.targets.length ? 'answered' : 'in-part', reached: done.length };
}

/** By the newest word on each target: what an undo took back is no deed. */
function deedsOf(reading: Reading): readonly Deed[] {
  const newest = new Map<string, Deed & { readonly status: string }>();
  for (const { path, entry } of reading.settled) {
    const step = reading.stepAt(path);
    if (step?.kind === 'act') newest.set(`${step.use} ${entry.target}`, { does: step.use, target: entry.target, at: entry.at, status: entry.status });
  }
  return [...[...newest.values()].filter(({ status }) => reached.includes(status)), ...children(reading)];
}

/** Child cases that ended as handled, by every text they were opened with: one of them is the key or the role. */
function children({ entries }: Reading): readonly Deed[] {
  return entries.flatMap((closed): readonly Deed[] => {
    if (closed.type !== 'frame.closed' || closed.as !== 'handled') return [];
    const opened = entries.findLast((entry) => entry.type === 'frame.opened' && entry.frame === closed.frame && entry.seq < closed.seq);
    if (opened?.type !== 'frame.opened') return [];
    const targets = Object.values(opened.inputs).filter((input) => typeof input === 'string');
    return targets.map((target) => ({ does: opened.runbook, target, at: closed.at }));
  });
}
