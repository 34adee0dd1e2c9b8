// Runbooks and drills that come with the program: found by name, parsed, refused with every problem. Knows no case.
import type { Action, Collector } from '../actions/define.ts';
import { actions } from '../actions/index.ts';
import { readWorld, type World } from '../drill/world.ts';
import type { Scenario } from '../drill/scenario.ts';
import { Fault } from '../errors.ts';
import { parseRunbook } from '../runbook/parse.ts';
import type { Runbook } from '../runbook/schema.ts';
import { clip } from '../text.ts';
import { scenarioOf } from './library.ts';
import type { Shell } from './shell.ts';

const name = /^[a-z][a-z0-9-]*$/;

/** Reads a shipped runbook. @throws Fault E_RUNBOOK_UNKNOWN, E_RUNBOOK with every problem found. */
export async function loadRunbook(shell: Shell, id: string): Promise<{ readonly runbook: Runbook; readonly text: string }> {
  const file = shell.runbookFile(id);
  const text = name.test(id) ? await shell.read(file) : undefined;
  if (text === undefined) throw new Fault('E_RUNBOOK_UNKNOWN', `There is no runbook "${clip(id, 60)}". There are: ${(await shell.runbooks()).join(', ')}.`);
  const { runbook, problems } = parseRunbook(text, file);
  if (!runbook) throw new Fault('E_RUNBOOK', `The runbook ${id} has ${problems.length} problem(s).`, { problems });
  return { runbook, text };
}

/** Every runbook reachable as a child, by id; one that is missing or broken is left out, and the check says so. */
export async function childrenOf(shell: Shell, book: Runbook, known: Map<string, Runbook> = new Map()): Promise<Map<string, Runbook>> {
  for (const step of book.steps) {
    if (step.kind !== 'case' || known.has(step.runbook)) continue;
    const text = await shell.read(shell.runbookFile(step.runbook));
    const child = text === undefined ? undefined : parseRunbook(text, step.runbook).runbook;
    if (!child) continue;
    known.set(step.runbook, child);
    await childrenOf(shell, child, known);
  }
  return known;
}

/** What the steps of these runbooks use, each once. */
export function operationsOf(books: readonly Runbook[]): readonly (Action | Collector)[] {
  const uses = new Set(books.flatMap(({ steps }) => steps.flatMap((step) => ('use' in step ? [step.use] : []))));
  return [...uses].flatMap((use) => actions[use] ?? []);
}

export type Drill = { readonly scenario: Scenario; readonly world: World; readonly text: string };

/** Reads a shipped drill. @throws Fault E_RUNBOOK_UNKNOWN, E_SCENARIO with every problem found. */
export async function loadScenario(shell: Shell, id: string, drill: string): Promise<Drill> {
  const file = shell.runbookFile(id, drill);
  const text = name.test(drill) ? await shell.read(file) : undefined;
  if (text === undefined) throw new Fault('E_RUNBOOK_UNKNOWN', `The runbook ${id} has no drill "${clip(drill, 60)}". It has: ${(await shell.scenarios(id)).join(', ')}.`);
  return { ...drillOf(scenarioOf(text, file), file), text };
}

/** A scenario with the simulated account it describes. @throws Fault E_SCENARIO */
export function drillOf(scenario: Scenario, file: string): Omit<Drill, 'text'> {
  return { scenario, world: readWorld(scenario, file) };
}

/** The drill that `RUNBOOK[/SCENARIO]` names: without a scenario, the one the runbook begins with. @throws Fault E_RUNBOOK_UNKNOWN when there is none. */
export async function drillNamed(shell: Shell, word: string): Promise<{ readonly runbook: string; readonly scenario: string }> {
  const slash = word.indexOf('/');
  const runbook = slash < 0 ? word : word.slice(0, slash);
  const scenario = slash < 0 ? ((await loadRunbook(shell, runbook)).runbook.drill ?? (await shell.scenarios(runbook))[0]) : word.slice(slash + 1);
  if (scenario !== undefined) return { runbook, scenario };
  await loadRunbook(shell, runbook);
  throw new Fault('E_RUNBOOK_UNKNOWN', `The runbook ${runbook} has no drill.`);
}
