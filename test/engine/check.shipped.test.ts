import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { actions } from '../../src/actions/index.ts';
import { followUp } from '../../src/cli/follow-up.ts';
import { checkRunbook } from '../../src/engine/check.ts';
import type { Problem } from '../../src/errors.ts';
import { parseRunbook } from '../../src/runbook/parse.ts';
import type { Runbook } from '../../src/runbook/schema.ts';

type Written = { id: string; kind: string; use?: string; act?: string; on: Record<string, string>; title: Record<string, string> };
type Source = { steps: Written[] };

const shelf = new Map(
  readdirSync(new URL('../../runbooks/', import.meta.url), { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => [name, readFileSync(fileURLToPath(new URL(`../../runbooks/${name}/runbook.yaml`, import.meta.url)), 'utf8')]),
);

function check(text: string, registry = actions): readonly Problem[] {
  const { runbook, problems } = parseRunbook(text, 'runbook.yaml');
  const child = (id: string): Runbook | undefined => parseRunbook(shelf.get(id) ?? '', id).runbook;
  return runbook ? checkRunbook(runbook, registry, child) : problems;
}

describe.each([...shelf])('the shipped runbook %s', (name, text) => {
  const changed = (change: (source: Source) => void): readonly Problem[] => {
    const source = parse(text) as Source;
    change(source);
    return check(stringify(source, { aliasDuplicateObjects: false }));
  };
  /** An act beyond R1 with its approval, and the step that seals its evidence. */
  const { steps } = parse(text) as Source;
  const act = steps.find((step) => step.kind === 'act' && actionClass(step.use) !== 'R1');
  const approval = steps.find((step) => step.kind === 'approve' && step.act === act?.id);
  const first = steps[0]?.id ?? '';

  it('is called as its folder, and proven', () => {
    expect(parseRunbook(text, 'runbook.yaml').runbook?.id).toBe(name);
    expect(check(text)).toEqual([]);
  });

  it.each<[string, string, (source: Source) => void]>([
    ['a dangling target', 'R_DANGLING', ({ steps: [one] }) => void Object.assign(one?.on ?? {}, { all: 'nowhere' })],
    ['an unmapped outcome', 'R_OUTCOME', ({ steps: [one] }) => void delete one?.on['none']],
    ['a missing translation', 'R_TRANSLATION', ({ steps: [one] }) => void delete one?.title['zh']],
    ['a step without a way out', 'R_NO_WAY_OUT', ({ steps: [one] }) => void Object.assign(one?.on ?? {}, { all: first, some: first, none: first })],
    ['a circle without a person', 'R_LOOP', ({ steps: [one] }) => void Object.assign(one?.on ?? {}, { none: first })],
    ['an R2 act without its evidence', 'R_EVIDENCE', ({ steps: [one] }) => void Object.assign(one?.on ?? {}, { all: approval?.id })],
    ['an act without approval', 'R_APPROVAL', ({ steps: [one] }) => void Object.assign(one?.on ?? {}, { all: act?.id })],
  ])('fails with a path on %s', (_, code, change) => {
    const found = changed(change).filter((problem) => problem.code === code);
    expect(found.map((problem) => problem.message)).toContainEqual(expect.stringMatching(/Path: .+\.$/));
    expect(found[0]?.where?.line).toBeGreaterThan(1);
  });

  it('fails on an unreachable step, naming it', () => {
    const found = changed((source) => source.steps.push({ ...(source.steps.find((step) => step.kind === 'review') as Written), id: 'lost' }));
    expect(found).toMatchObject([{ code: 'R_UNREACHABLE', message: expect.stringContaining(`No path ${first} → … → lost`) }]);
  });

  it('fails when an action loses its undo or its reading back', () => {
    const use = act?.use ?? '';
    for (const [part, code] of [
      ['undo', 'R_UNDO'],
      ['holds', 'R_HOLDS'],
    ] as const) {
      expect(check(text, { ...actions, [use]: { ...actions[use], [part]: undefined } as never })).toContainEqual(expect.objectContaining({ code }));
    }
  });
});

describe('the procedure of a case that follows a closed one', () => {
  it('is proven as the shipped ones are', () => {
    expect(check(followUp)).toEqual([]);
  });
});

function actionClass(use: string | undefined): string | undefined {
  const operation = actions[use ?? ''];
  return operation?.kind === 'action' ? operation.class : undefined;
}
