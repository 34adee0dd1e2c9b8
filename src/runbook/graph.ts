// Steps and the ways between them: who reaches whom, and by which path. Pure; knows no machine and no law.
import { mappedOf, skipTarget } from './outcome.ts';
import type { Step } from './schema.ts';

/** One way out of a step. `on` is the outcome; a jump is `back` or, towards the cut, `ahead`; the others repeat their kind. */
export type Edge = { readonly from: string; readonly to: string; readonly on: string; readonly kind: 'outcome' | 'skip' | 'jump' | 'abort' };

/** The steps that can be reached, each with the edge that first reached it; the start has none. */
export type Reach = ReadonlyMap<string, Edge | undefined>;

/** Everything reachable from `start` along the edges that `open` lets pass, breadth first: paths read from it are shortest. */
export function reach(edges: readonly Edge[], start: string, open: (edge: Edge) => boolean = () => true): Reach {
  const ways = Map.groupBy(edges.filter(open), (edge) => edge.from);
  const found = new Map<string, Edge | undefined>([[start, undefined]]);
  for (const step of found.keys()) {
    for (const edge of ways.get(step) ?? []) if (!found.has(edge.to)) found.set(edge.to, edge);
  }
  return found;
}

/** The edges from the start to `step`, in order; empty for the start itself and for what is not reached. */
export function pathTo(found: Reach, step: string): readonly Edge[] {
  const path: Edge[] = [];
  for (let edge = found.get(step); edge !== undefined; edge = found.get(edge.from)) path.unshift(edge);
  return path;
}

const quiet: readonly string[] = ['answered', 'approved', 'all', 'started', 'quiet', 'done', 'closed'];

/** `open → seal (none) → stop`: an outcome is named where it is not the plain good one. */
export function renderPath(start: string, path: readonly Edge[]): string {
  const steps = path.map((edge) => `${edge.from}${edge.kind === 'outcome' && quiet.includes(edge.on) ? '' : ` (${edge.on})`}`);
  return [...steps, path.at(-1)?.to ?? start].join(' → ');
}

/** The ways a step's own lines give: its mapped outcomes and its skip. Targets may not exist. */
export function waysOf(step: Step): readonly Edge[] {
  const outcomes = mappedOf(step).map(([on, to]): Edge => ({ from: step.id, to, on, kind: 'outcome' }));
  const skip = skipTarget(step);
  return skip === undefined ? outcomes : [...outcomes, { from: step.id, to: skip, on: 'skip', kind: 'skip' }];
}
