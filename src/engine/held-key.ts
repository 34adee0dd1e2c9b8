// How a key is held just now, judged by the acts that reached it: cut, or only limited or denied. Pure.
import type { Entry } from '../casefile/entry.ts';
import { lookUp } from './facts.ts';
import type { Frame, RunState } from './frame.ts';

/** `inactive`: it was off before we came. `limited`, `denied`: it still works within that. */
export type HeldKey = { readonly state: 'cut' | 'inactive' | 'limited' | 'denied'; readonly at: string };

const [disable, remove] = ['ram.disableAccessKeys', 'ram.deleteAccessKeys'];
const reached: readonly string[] = ['done', 'already', 'gone'];

/** Undefined: nothing holds it. A cut outweighs a limit to some addresses, and that outweighs a deny of some actions. */
export function heldKey(state: RunState, entries: readonly Entry[], key: string): HeldKey | undefined {
  const back = entries.findLastIndex((entry) => entry.type === 'undo.finished' && entry.outcome === 'undone' && targetOf(entries, entry.card) === key);
  const held = entries.slice(back + 1).flatMap((entry): HeldKey[] => {
    if (entry.type !== 'target.settled' || !reached.includes(entry.status)) return [];
    const { frame, use } = actAt(state, entry.frame, entry.step);
    if (entry.target === key && (use === disable || use === remove)) return [{ state: entry.status === 'already' ? 'inactive' : 'cut', at: entry.at }];
    if (entry.target === key && use === 'ims.limitAccessKeys') return [{ state: 'limited', at: entry.at }];
    const owner = frame === undefined ? undefined : lookUp(frame.facts, 'owner.userName');
    return use === 'ram.denyOwner' && entry.target === owner ? [{ state: 'denied', at: entry.at }] : [];
  });
  // The first of them: what is deleted was off before.
  return held.find((each) => each.state === 'cut' || each.state === 'inactive') ?? held.findLast((each) => each.state === 'limited') ?? held.at(-1);
}

function targetOf(entries: readonly Entry[], card: number): string | undefined {
  const saved = entries.find((entry) => entry.type === 'undo.saved' && entry.card === card);
  return saved?.type === 'undo.saved' ? saved.target : undefined;
}

/** The frame may be closed by now: what a step of that name does is the same in every case that shares the runbook. */
function actAt(state: RunState, path: string | undefined, id: string): { readonly frame: Frame | undefined; readonly use: string } {
  const frame = state.frames.find((each) => each.path === (path ?? '')) ?? state.frames[0];
  const step = frame?.steps.get(id);
  return { frame, use: step?.kind === 'act' ? step.use : '' };
}
