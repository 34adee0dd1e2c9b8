// Which crashes to try: every state of the reference run, or few that stand for every kind of boundary. Pure.
import type { Mark, Reference, State } from './crash-record.ts';
import type { Crash } from './crash-resume.ts';

/** A crash with the boundaries it stands for, in words. */
export type Planned = Crash & { readonly name: string };

const exactly = ({ side, kind, step, name }: Mark): string => `${side} ${kind} ${step} ${name}`;

/** Distinct step × entry types or API × side. */
export function kindsOf({ states }: Pick<Reference, 'states'>, nameOf: (mark: Mark) => string = exactly): readonly string[] {
  return [...new Set(states.flatMap(({ marks }) => marks.map(nameOf)))];
}

export function boundaryCount({ states }: Pick<Reference, 'states'>): number {
  return states.reduce((sum, { marks }) => sum + marks.length, 0);
}

/** Every state, each resumed until it is the reference's own again. */
export function everyState({ states }: Pick<Reference, 'states'>): readonly Planned[] {
  return states.map((state) => plan(state, 'calm'));
}

/** The same with all reads of a step as one: whatever they ask, they go through the same few lines. */
export const alike = (mark: Mark): string => (mark.kind === 'call' && !mark.write ? exactly({ ...mark, name: 'read' }) : exactly(mark));

/** A few states that together stand for every kind of boundary; of several the last, which has the shortest way to go. */
export function everyKind({ states }: Pick<Reference, 'states'>, nameOf: (mark: Mark) => string = exactly): readonly State[] {
  const open = new Set(states.flatMap(({ marks }) => marks.map(nameOf)));
  const chosen = new Set<State>();
  // Kinds that one state alone shows come first: they often bring others with them.
  const places = Map.groupBy(
    states.flatMap((state) => state.marks.map((mark) => ({ state, name: nameOf(mark) }))),
    ({ name }) => name,
  );
  for (const [name, shown] of [...places].toSorted(([, a], [, b]) => a.length - b.length)) {
    const state = shown.at(-1)?.state;
    if (!open.has(name) || !state) continue;
    chosen.add(state);
    for (const mark of state.marks) open.delete(nameOf(mark));
  }
  return states.filter((state) => chosen.has(state));
}

/** States at an intent, an effect or an outcome of a write. */
export function writes({ states }: Pick<Reference, 'states'>): readonly State[] {
  return states.filter(({ marks }) => marks.some(({ write }) => write));
}

/**
 * The same crash in the middle of the write that followed: half of its first line, and, where several entries were written together, all
 * but the last with half of that one.
 */
export function torn(state: State, trail: Uint8Array): readonly Planned[] {
  const append = state.marks.find(({ side, kind }) => side === 'before' && kind === 'append');
  if (!append) return [];
  const first = lineAt(trail, state.trail);
  const second = append.name.includes('+') ? lineAt(trail, state.trail + first) : 0;
  return [Math.ceil(first / 2), ...(second > 0 ? [first, first + Math.ceil(second / 2)] : [])].map((bytes) => plan(state, 'calm', bytes));
}

export function plan(state: State, until: Crash['until'], torn?: number): Planned {
  const [first, ...others] = [...new Set(state.marks.map(exactly))];
  const also = others.length > 0 ? ` (also ${others.slice(0, 2).join(', ')})` : '';
  const name = `${first}${also} at byte ${state.trail}${torn === undefined ? '' : ` + ${torn} torn`}, until ${until}`;
  return { state: { trail: state.trail, world: state.world }, until, name, ...(torn === undefined ? {} : { torn }) };
}

function lineAt(trail: Uint8Array, from: number): number {
  const end = trail.indexOf(0x0a, from);
  return end < 0 ? 0 : end + 1 - from;
}
