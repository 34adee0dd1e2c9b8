import { describe, expect, it } from 'vitest';
import { renderProblem } from '../../src/errors.ts';
import { parseRunbook, whereOf } from '../../src/runbook/parse.ts';
import { runbookProblems } from '../../src/runbook/problem.ts';
import { aLawfulSource, aRunbook, aRunbookText } from '../support/runbooks.ts';

const lawful = aRunbookText(aLawfulSource());

/** Parses a text with one change and gives each problem as `code line:column "what stands there"`, with its message. */
function problemsOf(text: string): readonly { readonly code: string; readonly at: string; readonly message: string }[] {
  const lines = text.split('\n');
  const { runbook, problems } = parseRunbook(text, 'runbooks/a/runbook.yaml');
  expect(runbook).toBeUndefined();
  return problems.map(({ code, message, where }) => {
    expect(where?.file).toBe('runbooks/a/runbook.yaml');
    expect(runbookProblems).toHaveProperty(code);
    const rest = lines[(where?.line ?? 0) - 1]?.slice((where?.column ?? 1) - 1) ?? '';
    return { code, message, at: rest };
  });
}

function change(from: string | RegExp, to: string): string {
  const changed = lawful.replace(from, to);
  expect(changed).not.toBe(lawful);
  return changed;
}

/** The text with one line of one step replaced, or taken out. */
function inStep(id: string, from: string, to: string): string {
  const start = lawful.indexOf(`  - id: ${id}\n`);
  const [before, rest] = [lawful.slice(0, start), lawful.slice(start)];
  expect(rest).toContain(from);
  return before + rest.replace(from, to);
}

describe('parseRunbook', () => {
  it('reads a good runbook and fills in what may be left out', () => {
    const { runbook, problems } = parseRunbook(lawful, 'a.yaml');
    expect(problems).toEqual([]);
    expect(runbook?.steps[0]).toMatchObject({ id: 'who', needs: [], with: {}, background: false });
  });

  it('remembers where each part stands, without putting it into the runbook', () => {
    const { runbook } = parseRunbook(lawful, 'a.yaml');
    if (!runbook) throw new Error('expected a runbook');
    const where = whereOf(runbook, ['steps', 0, 'on', 'none']);
    expect(lawful.split('\n')[(where?.line ?? 0) - 1]).toBe('      none: stopped');
    expect(JSON.stringify(runbook)).not.toContain('a.yaml');
    expect(whereOf({ ...runbook }, [])).toBeUndefined();
  });

  it.each([
    ['an unknown field', change('severity: low', 'severity: low\nseverty: low'), 'R_FIELD', 'severty: low', 'The runbook has an unknown field "severty". Did you mean "severity"?'],
    ['an unknown field of a step', inStep('cut', 'over: keys', 'over: keys\n    ovr: keys'), 'R_FIELD', 'ovr: keys', 'Step cut has an unknown field "ovr". Did you mean "over"?'],
    ['a missing field', change('severity: low\n', ''), 'R_MISSING', 'id: sample', 'The runbook has no "severity".'],
    ['a missing field of a step', inStep('cut', '    over: keys\n', ''), 'R_MISSING', 'id: cut', 'Step cut has no "over".'],
    ['a wrong value', change('severity: low', 'severity: lowest'), 'R_VALUE', 'lowest', '"severity" is "lowest": it must be one of critical, high, medium, low.'],
    ['a wrong type', change('version: 1', 'version: one'), 'R_VALUE', 'one', '"version" is "one": it must be a number.'],
    ['a bad id', inStep('cut', 'id: cut', 'id: The Cut'), 'R_VALUE', 'The Cut', 'Step The Cut, "id", is "The Cut": it must be lower-case letters'],
    ['a name that is none', change('  key:\n', '  Key:\n'), 'R_VALUE', 'Key:', '"Key" can not be used as a name here: it must be a camelCase name.'],
    ['a name every object has', inStep('learn', 'fact: lesson', 'fact: toString'), 'R_VALUE', 'toString', 'it must not be a name every JavaScript object has'],
    ['an unknown kind', inStep('cut', 'kind: act', 'kind: cat'), 'R_KIND', 'cat', 'Step cut is of an unknown kind, "cat". Did you mean "act"?'],
    ['a step without a kind', inStep('cut', '    kind: act\n', ''), 'R_MISSING', 'id: cut', 'Step cut has no "kind".'],
    ['a missing translation', inStep('learn', '      zh: 〔learn〕\n', ''), 'R_TRANSLATION', 'en: learn', 'Step learn, "title", has no text in Chinese (zh). Path: who →'],
    ['a blank translation', inStep('learn', 'zh: 〔learn〕', 'zh: " "'), 'R_TRANSLATION', '" "', 'Step learn, "title", has no text in Chinese (zh).'],
    ['a text in one language', inStep('learn', 'title:\n      en: learn\n      zh: 〔learn〕', 'title: learn'), 'R_VALUE', 'learn', 'it must be a text in both languages'],
    ['a choice of types', inStep('cut', 'over: keys', 'over: keys\n    skip: true'), 'R_VALUE', 'true', 'Step cut, "skip", is true: it must be a string, or it must be false.'],
    [
      'an unmapped outcome',
      inStep('cut', '      none: not-cut\n', ''),
      'R_OUTCOME',
      'all: quiet',
      'Step cut does not say where "none" leads. It is an act step, which ends with all, some, none. Path: who →',
    ],
    ['an outcome that never comes', inStep('learn', 'done: closed', 'done: closed\n      failed: closed'), 'R_OUTCOME', 'failed: closed', 'Step learn never ends with "failed".'],
    ['a background step that waits', inStep('record', 'started: ask', 'all: ask'), 'R_OUTCOME', 'all: ask', 'It runs in the background, so it leads on with "started" alone.'],
    [
      'a foreground step that does not',
      inStep('find', 'all: approve-cut', 'started: approve-cut'),
      'R_OUTCOME',
      'started: approve-cut',
      'Step find never ends with "started", only with all, some, none.',
    ],
    ['a choice that leads nowhere', inStep('not-cut', '      stop: stopped\n', ''), 'R_OUTCOME', 'again: find', 'Step not-cut does not say where "stop" leads.'],
    [
      'a way for no choice',
      inStep('not-cut', 'stop: stopped', 'stop: stopped\n      stpo: stopped'),
      'R_OUTCOME',
      'stpo: stopped',
      'never ends with "stpo", only with again, stop. Did you mean "stop"?',
    ],
    [
      'a dangling target',
      inStep('cut', 'none: not-cut', 'none: not-cutt'),
      'R_DANGLING',
      'not-cutt',
      'Did you mean "not-cut"? Path: who → confirm → record → ask → find → approve-cut → cut (none) → not-cutt.',
    ],
    ['a dangling skip', inStep('quiet', 'skip: learn', 'skip: lern'), 'R_DANGLING', 'lern', 'Did you mean "learn"?'],
    ['a dangling cut', change('cut: approve-cut', 'cut: approve-cu'), 'R_DANGLING', 'approve-cu', '"cut" names "approve-cu", which is no step. Did you mean "approve-cut"?'],
    ['a cut that is no approval', change('cut: approve-cut', 'cut: cut'), 'R_APPROVES', 'cut', '"cut" names cut, an act step'],
    ['an undefined phase', inStep('cut', 'phase: work', 'phase: wrok'), 'R_PHASE', 'wrok', 'Did you mean "work"?'],
    ['two steps of one id', inStep('stop', 'id: stop', 'id: seal'), 'R_DUPLICATE', 'seal', 'There are two steps "seal".'],
    ['a reserved id', inStep('learn', 'id: learn', 'id: aborted'), 'R_DUPLICATE', 'aborted', 'the engine uses that name'],
    ['needs that name no job', inStep('closed', '- record', '- find'), 'R_NEEDS', 'find', 'Step closed needs "find", which is not a job.'],
    ['an approval of no act', inStep('approve-stop', 'act: stop', 'act: seal'), 'R_APPROVES', 'seal', 'approves "seal", which is a collect step, not an act step'],
    ['an approval of nothing', inStep('approve-stop', '    act: stop\n', ''), 'R_APPROVES', 'id: approve-stop', 'must name either "act" or "confirm"'],
    [
      'a proposal that is not offered',
      inStep('ask', 'example: a ticket', 'example: yes\n    choices: { yes: { en: y, zh: y }, no: { en: n, zh: n } }\n    propose: maybe'),
      'R_CHOICE',
      'maybe',
      '"propose" is "maybe", which is not offered.',
    ],
    [
      'a choice that depends on no job',
      inStep('not-cut', 'again:\n', 'again:\n        when: { job: find, is: [all] }\n'),
      'R_NEEDS',
      'find',
      'Choice again of not-cut depends on "find", which is not a job.',
    ],
    [
      'a choice that never opens',
      inStep('not-cut', 'again:\n', 'again:\n        when: { job: quiet, is: [all] }\n'),
      'R_CHOICE',
      'all',
      'quiet never ends as "all", only as quiet, active, unverified, none, skipped.',
    ],
    ['a YAML error', change('severity: low', 'severity: "low'), 'R_YAML', '', 'quote'],
    ['a repeated key', change('severity: low', 'severity: low\nseverity: high'), 'R_YAML', 'severity: high', 'Map keys must be unique'],
    ['an anchor', change('severity: low', 'severity: &s low'), 'R_YAML_FEATURE', 'low', 'Anchor &s is refused.'],
    ['a tag', change('version: 1', 'version: !!int 1'), 'R_YAML_FEATURE', '1', 'Tag tag:yaml.org,2002:int is refused.'],
    ['a second document', `${lawful}---\na: 1\n`, 'R_YAML', '---', 'multiple documents'],
  ])('refuses %s at its place', (_, text, code, at, message) => {
    const found = problemsOf(text);
    expect(found).toContainEqual(expect.objectContaining({ code, message: expect.stringContaining(message) }));
    const one = found.find((problem) => problem.message.includes(message));
    expect(one?.at.startsWith(at)).toBe(true);
  });

  it('refuses an alias even where it would expand to something good', () => {
    const found = problemsOf(change(/summary:\n.*\n.*\n/, 'summary: &both { en: a, zh: b }\n').replace(/threat:\n.*\n.*\n/, 'threat: *both\n'));
    expect(found.map(({ message }) => message)).toEqual(['Anchor &both is refused.', 'Alias *both is refused.']);
  });

  it('wants one choice to be open whatever the jobs say', () => {
    const decide = (needs: readonly string[], first: readonly string[], second: readonly string[]): readonly string[] => {
      const label = { en: 'a', zh: 'b' };
      const choices = { again: { label, when: { job: 'quiet', is: first } }, stop: { label, when: { job: 'quiet', is: second } } };
      return parseRunbook(aRunbookText(aLawfulSource({ 'not-cut': { needs, choices } })), 'a.yaml').problems.map(({ message }) => message);
    };
    const rest = ['active', 'unverified', 'none', 'skipped'];
    expect(decide(['quiet'], ['quiet'], rest)).toEqual([]);
    expect(decide([], ['quiet'], rest)).toEqual(['Every choice of not-cut depends on a job or a fact, so there may be none to make.']);
    expect(decide(['quiet'], ['quiet'], rest.slice(1))).toEqual(['Every choice of not-cut depends on a job or a fact, so there may be none to make.']);
  });

  it('gives all problems of a file at once, in the order of its lines', () => {
    const text = inStep('cut', 'over: keys', 'ovr: keys').replace('severity: low', 'severity: lo').replace('zh: 〔learn〕', 'zh: ""');
    const { problems } = parseRunbook(text, 'a.yaml');
    expect(problems.map(({ code }) => code)).toEqual(['R_VALUE', 'R_MISSING', 'R_FIELD', 'R_TRANSLATION']);
    const lines = problems.map(({ where }) => where?.line ?? 0);
    expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  });

  it.each([
    ['nothing', ''],
    ['a list', '[]'],
    ['a word', 'runbook'],
    ['steps that are none', 'steps: [1, null, [], {id: 3}, {kind: act}]'],
    ['deep nesting', '['.repeat(20_000)],
    ['bytes that are no text', '\u0000\u0001'],
    ['names of the language', '{"__proto__": {"id": 1}, "constructor": 2, "steps": [{"kind": "toString"}]}'],
  ])('survives %s with a problem and a place', (_, text) => {
    const { runbook, problems } = parseRunbook(text, 'a.yaml');
    expect(runbook).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(renderProblem(problem)).toMatch(/^a\.yaml(:\d+:\d+)?: R_[A-Z_]+ .+\n {2}.+/);
  });

  it('refuses a file over 512 KiB unread and a runbook over 300 steps', () => {
    const padded = `${lawful}#${' '.repeat(512 * 1024)}`;
    expect(parseRunbook(padded, 'a.yaml').problems).toMatchObject([{ code: 'R_SIZE', where: { file: 'a.yaml' } }]);
    const steps = Array.from({ length: 300 }, (_, index) => ({ id: `s${index}`, kind: 'review', fact: 'x', example: 'x', on: { done: index < 299 ? `s${index + 1}` : 'end' } }));
    const end = { id: 'end', kind: 'end', as: 'x' };
    expect(parseRunbook(aRunbookText({ steps: [...steps, end] }), 'a.yaml').problems).toMatchObject([{ code: 'R_SIZE', message: 'There are more than 300 steps.' }]);
    expect(aRunbook({ steps: [...steps.slice(1), end] }).steps).toHaveLength(300);
  });
});
