// Proofs about facts: whatever a step reads has been given on every path to it, and both languages read the same. Pure.
import { z } from 'zod';
import { reach, type Edge } from '../../runbook/graph.ts';
import { isJob } from '../../runbook/outcome.ts';
import { suggest, type Flaw } from '../../runbook/problem.ts';
import type { Step } from '../../runbook/schema.ts';
import type { Text } from '../../text.ts';
import { collectorOf, flawOf, isGood, lookUp, via, type Proof, type Subject } from './subject.ts';

/** Where a proposal may also come from. */
const proposals: readonly string[] = ['$operator', '$now'];

/**
 * A fact read by a step. `sure`: without a value the step would break, so it counts as given only where its giver did its work;
 * otherwise a missing value shows as "?" or as an empty list, and having passed its giver is enough.
 */
type Use = { readonly fact: string; readonly at: readonly (string | number)[]; readonly sure: boolean; readonly as: string };

/** What the engine itself gives every case. */
const alwaysGiven: readonly string[] = ['cases', 'knownNetworks'];

/** Every fact that is read was given before, on every path. */
export const factsGiven: Proof = (subject) => [...inputFlaws(subject), ...subject.runbook.steps.flatMap((step) => stepFlaws(subject, step))];

function inputFlaws(subject: Subject): readonly Flaw[] {
  return Object.entries(subject.runbook.inputs).flatMap(([name, { propose }]): Flaw[] =>
    propose?.startsWith('$') && !proposals.includes(propose)
      ? [{ code: 'R_FACT', message: `Input ${name} proposes ${propose}; before the first step there is only ${proposals.join(' and ')}.`, path: ['inputs', name, 'propose'] }]
      : [],
  );
}

function stepFlaws(subject: Subject, step: Step): readonly Flaw[] {
  const seen = new Set<string>();
  return usesOf(subject, step).flatMap((use) => {
    const name = use.fact.split('.')[0] ?? '';
    if (alwaysGiven.includes(name) || Object.hasOwn(subject.runbook.inputs, name) || seen.has(`${name} ${use.sure}`)) return [];
    seen.add(`${name} ${use.sure}`);
    const givers = subject.runbook.steps.filter((each) => gives(subject, each).includes(name));
    if (givers.length === 0)
      return [flawOf(subject, step, 'R_FACT', `Step ${step.id} reads the fact "${name}" ${use.as}, which nothing gives.${suggest(name, allFacts(subject))}`, ...use.at)];
    const found = reach(subject.edges, subject.start, (edge) => !givers.some((giver) => (use.sure ? isSure(giver, edge) : edge.from === giver.id)));
    if (!found.has(step.id)) return [];
    // An optional input has a default: it is enough that some way leads past a giver. A job reads its inputs anew at every slice, so for it a later giver does.
    const reaches = (from: string, to: string): boolean => reach(subject.edges, from).has(to);
    if ((use.at[0] === 'with' || use.at[2] === 'has') && !use.sure && givers.some((giver) => reaches(giver.id, step.id) || (isJob(step) && reaches(step.id, giver.id)))) return [];
    const from = givers.map((giver) => giver.id).join(', ');
    return [
      flawOf(
        subject,
        step,
        'R_FACT',
        `Step ${step.id} reads the fact "${name}" ${use.as}; it comes from ${from}, but not on every path.${via(subject, found, step.id)}`,
        ...use.at,
      ),
    ];
  });
}

function isSure(giver: Step, edge: Edge): boolean {
  if (giver.kind === 'act') return edge.from === giver.id && edge.kind === 'outcome';
  return !isJob(giver) && isGood(giver, edge);
}

/** The facts a step leaves behind. An act leaves its counts as `<step>Result`. */
function gives(subject: Subject, step: Step): readonly string[] {
  if (step.kind === 'ask' || step.kind === 'review') return [step.fact];
  if (step.kind === 'act') return [`${step.id.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())}Result`];
  return collectorOf(subject, step)?.gives ?? [];
}

function allFacts(subject: Subject): readonly string[] {
  return [...alwaysGiven, ...Object.keys(subject.runbook.inputs), ...subject.runbook.steps.flatMap((step) => gives(subject, step))];
}

function usesOf(subject: Subject, step: Step): readonly Use[] {
  const uses: Use[] = textsOf(step).flatMap(({ text, at }) => placeholders(text).map((fact) => ({ fact, at, sure: false, as: `in its ${at[0]}` })));
  if ('over' in step && step.over !== undefined) uses.push({ fact: step.over, at: ['over'], sure: false, as: 'for its targets' });
  if (step.kind === 'approve' && step.confirm !== undefined) uses.push({ fact: step.confirm, at: ['confirm'], sure: true, as: 'to confirm it' });
  if (step.kind === 'ask' && step.propose?.startsWith('$') && !proposals.includes(step.propose)) {
    uses.push({ fact: step.propose.slice(1), at: ['propose'], sure: false, as: 'to propose it' });
  }
  if (step.kind === 'decide') {
    for (const [name, { has }] of Object.entries(step.choices))
      if (has !== undefined) uses.push({ fact: has, at: ['choices', name, 'has'], sure: false, as: `to offer "${name}"` });
  }
  if ('with' in step) {
    const required = requiredOf(subject, step);
    for (const [name, value] of Object.entries(step.with)) {
      if (typeof value === 'string' && value.startsWith('$')) uses.push({ fact: value.slice(1), at: ['with', name], sure: required.includes(name), as: `for "${name}"` });
    }
  }
  return uses;
}

function requiredOf(subject: Subject, step: Step): readonly string[] {
  const input = 'use' in step ? lookUp(subject, step.use)?.input : undefined;
  if (!(input instanceof z.ZodObject)) return [];
  return Object.entries(input.shape).flatMap(([name, field]) => (z.safeParse(field as z.ZodType, undefined).success ? [] : [name]));
}

/** The texts of a step with the path of each. */
function textsOf(step: Step): readonly { readonly text: Text; readonly at: readonly (string | number)[] }[] {
  const texts: { text: Text; at: readonly (string | number)[] }[] = [
    { text: step.title, at: ['title'] },
    { text: step.text, at: ['text'] },
  ];
  if (step.kind === 'notify') texts.push({ text: step.who, at: ['who'] }, { text: step.message, at: ['message'] });
  if (step.kind === 'ask') for (const [name, text] of Object.entries(step.choices ?? {})) texts.push({ text, at: ['choices', name] });
  if (step.kind === 'decide') {
    for (const [name, { label, note }] of Object.entries(step.choices)) {
      texts.push({ text: label, at: ['choices', name, 'label'] });
      if (note) texts.push({ text: note, at: ['choices', name, 'note'] });
    }
  }
  return texts;
}

function placeholders(text: Text): readonly string[] {
  return [...new Set([text.en, text.zh].flatMap((each) => [...each.matchAll(/\{([A-Za-z][\w.]*)\}/g)].map((match) => match[1] ?? '')))];
}

/** Each language shows the same facts: a fact only one reader sees is a missing translation. */
export const sameInBoth: Proof = (subject) =>
  subject.runbook.steps.flatMap((step) =>
    textsOf(step).flatMap(({ text, at }) => {
      const [en, zh] = [placeholders({ en: text.en, zh: '' }), placeholders({ en: '', zh: text.zh })];
      const odd = [...en.filter((fact) => !zh.includes(fact)), ...zh.filter((fact) => !en.includes(fact))];
      const found = reach(subject.edges, subject.start);
      return odd.length === 0
        ? []
        : [flawOf(subject, step, 'R_TRANSLATION', `Step ${step.id}, "${at.join('.')}": {${odd.join('}, {')}} stands in one language only.${via(subject, found, step.id)}`, ...at)];
    }),
  );
