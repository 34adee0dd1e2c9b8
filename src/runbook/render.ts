// A runbook on paper, as a diagram, and its language as JSON Schema. Pure; looks up no operation itself.
import { z } from 'zod';
import type { Lang, Text } from '../text.ts';
import { waysOf, type Edge } from './graph.ts';
import { isJob } from './outcome.ts';
import { Runbook, type Step, type StepOf } from './schema.ts';
import { code, label, paragraph, prose, word } from './words.ts';

/** What the paper says of an operation. `Action` and `Collector` fit; the last four are an action's. */
type Described = {
  readonly summary: Text;
  readonly calls: readonly string[];
  readonly class?: string;
  readonly loses?: Text;
  readonly leaves?: Text;
  readonly console?: Text;
};

type Describe = (use: string) => Described | undefined;
/** The paper version, Markdown: purpose, inputs, then every step with its reason, its operation, its ways on and its undo. */
export function renderRunbook(runbook: Runbook, lang: Lang, describe: Describe): string {
  const say = (name: keyof typeof word): string => word[name][lang];
  const number = new Map(runbook.steps.map((step, index) => [step.id, index + 1]));
  const inputs = Object.entries(runbook.inputs).map(([name, input]) => {
    const how = input.propose === undefined ? say('required') : `${say('proposed')}: ${code(input.propose)}`;
    const choices = Object.entries(input.choices ?? {}).map(([id, text]) => `${code(id)} ${prose(text[lang])}`);
    return `- **${prose(input.title[lang])}** ${code(name)} (${how}; ${say('example')}: ${code(input.example)})${choices.length === 0 ? '' : ` ${choices.join(' · ')}`}`;
  });
  const facts = [
    [say('version'), String(runbook.version)],
    [say('severity'), runbook.severity],
    [say('threat'), prose(runbook.threat[lang])],
    ['ATT&CK', runbook.attack.join(', ')],
    [say('owners'), runbook.owners.map(escape).join(', ')],
    [say('reviewed'), runbook.reviewed],
  ].map(([name, value]) => `- ${name}: ${value}`);
  const phases = runbook.phases.flatMap((phase) => {
    const steps = runbook.steps.filter((step) => step.phase === phase.id);
    return steps.length === 0 ? [] : [`## ${prose(phase.title[lang])}`, ...steps.map((step) => renderStep(step, { runbook, lang, describe, number }))];
  });
  return `${[
    `# ${prose(runbook.title[lang])}`,
    paragraph(runbook.summary[lang]),
    `_${say('paper')}_`,
    facts.join('\n'),
    ...(inputs.length === 0 ? [] : [`## ${say('inputs')}`, inputs.join('\n')]),
    ...phases,
  ].join('\n\n')}\n`;
}

type Page = { readonly runbook: Runbook; readonly lang: Lang; readonly describe: Describe; readonly number: ReadonlyMap<string, number> };

function renderStep(step: Step, page: Page): string {
  const { lang, number, runbook } = page;
  const say = (name: keyof typeof word): string => word[name][lang];
  const mark = [
    step.kind,
    ...(isJob(step) ? [say('background')] : []),
    ...(step.id === runbook.cut ? [say('cut')] : []),
    ...(step.kind !== 'end' && step.once ? [say('once')] : []),
  ].join(', ');
  const lines = [...linesOf(step, page), ...(step.needs.length === 0 ? [] : [`${say('waits')}: ${step.needs.map(code).join(', ')}`])];
  const ways = waysOf(step).filter((edge) => edge.kind === 'outcome');
  const skip = waysOf(step).find((edge) => edge.kind === 'skip');
  const to = (edge: Edge): string => `${edge.kind === 'skip' ? `_${say('skip')}_` : code(edge.on)} → ${number.get(edge.to) ?? '?'}`;
  const next = step.kind === 'end' ? [] : [`${say('next')}: ${[...ways, ...(skip ? [skip] : [])].map(to).join('; ')}${skip ? '' : ` (${say('noSkip')})`}`];
  return [
    `### ${number.get(step.id)}. ${prose(step.title[lang])}`,
    `${code(step.id)} (${mark})`,
    paragraph(step.text[lang]),
    [...lines, ...next].map((line) => `- ${line}`).join('\n'),
  ].join('\n\n');
}

function linesOf(step: Step, page: Page): readonly string[] {
  const { lang } = page;
  const say = (name: keyof typeof word): string => word[name][lang];
  switch (step.kind) {
    case 'act':
    case 'collect':
    case 'watch':
      return operationLines(step, page);
    case 'approve':
      return step.act === undefined ? [`${say('confirms')}: ${code(step.confirm ?? '')}`] : [`${say('approves')}: ${code(step.act)}`];
    case 'ask':
      return step.choices === undefined
        ? step.example === undefined
          ? []
          : [`${say('example')}: ${code(step.example)}`]
        : Object.entries(step.choices).map(([name, text]) => `${code(name)}: ${prose(text[lang])}`);
    case 'decide':
      return Object.entries(step.choices).map(([name, { label, note, when, has }]) => {
        const only = when === undefined ? (has === undefined ? '' : ` (${code(has)})`) : ` (${code(when.job)}: ${when.is.map(code).join(', ')})`;
        return `${code(name)}: ${prose(label[lang])}${note === undefined ? '' : `. ${prose(note[lang])}`}${only}`;
      });
    case 'notify':
      return [
        `${say('tell')}: ${prose(step.who[lang])}`,
        `${say('send')}:\n\n${step.message[lang]
          .trim()
          .split('\n')
          .map((line) => `  > ${prose(line)}`)
          .join('  \n')}\n`,
      ];
    case 'review':
      return [`${say('example')}: ${prose(step.example)}`];
    case 'case':
      return [`${say('opens')}: ${code(step.runbook)}`];
    case 'end':
      return [`${say('endsAs')}: ${code(step.as)}`];
    case 'manual':
      return [];
  }
}

function operationLines(step: StepOf<'act' | 'collect' | 'watch'>, { lang, describe }: Page): readonly string[] {
  const say = (name: keyof typeof word): string => word[name][lang];
  const operation = describe(step.use);
  const args = Object.entries(step.with).map(([name, value]) => `${name}: ${String(value)}`);
  const lines = [`${say('operation')}: ${code(step.use)}${args.length === 0 ? '' : ` ${code(`{ ${args.join(', ')} }`)}`}${operation ? `: ${prose(operation.summary[lang])}` : ''}`];
  if ('over' in step && step.over !== undefined) lines.push(`${say('over')}: ${code(step.over)}`);
  if (operation === undefined) return lines;
  lines.push(`${say('calls')}: ${operation.calls.map(code).join(', ')}`);
  for (const name of ['loses', 'leaves', 'console'] as const) {
    const text = operation[name];
    if (text) lines.push(`${say(name === 'console' ? 'byHand' : name)}: ${prose(text[lang])}`);
  }
  if (operation.class === undefined) return lines;
  return [...lines, `${say('class')}: ${operation.class}`, `${say('undo')}: ${say(operation.class === 'R3' ? 'undoNone' : 'undoCard')}`];
}

/** The diagram, Mermaid text, flat (arrows between the insides of two boxes are not supported there); jobs waited for as notes. Skips and jumps are left out: every step has them. */
export function renderGraph(runbook: Runbook, lang: Lang): string {
  const name = (id: string): string => id.replaceAll('-', '_');
  const merged = Map.groupBy(
    runbook.steps.flatMap(waysOf).filter((edge) => edge.kind === 'outcome'),
    (edge) => `  s_${name(edge.from)} --> s_${name(edge.to)}`,
  );
  return `${[
    'stateDiagram-v2',
    ...runbook.steps.map((step) => `  state "${label(step.title[lang])}" as s_${name(step.id)}`),
    ...runbook.steps.slice(0, 1).map((step) => `  [*] --> s_${name(step.id)}`),
    ...[...merged].map(([arrow, edges]) => `${arrow}: ${edges.map((edge) => edge.on).join(', ')}`),
    ...runbook.steps.flatMap((step) => (step.kind === 'end' ? [`  s_${name(step.id)} --> [*]`] : [])),
    ...runbook.steps.flatMap((step) => (step.needs.length === 0 ? [] : [`  note right of s_${name(step.id)} : ${word.waits[lang]} ${step.needs.join(', ')}`])),
  ].join('\n')}\n`;
}

/** The language as JSON Schema, for editors. */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  return { title: 'Firebreak runbook', ...z.toJSONSchema(Runbook, { io: 'input' }) };
}
