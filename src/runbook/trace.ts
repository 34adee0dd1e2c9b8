// The way to a step in a document that is not a runbook yet. Pure; takes nothing about its shape for granted.
import { pathTo, reach, renderPath, type Edge } from './graph.ts';
import type { Flaw } from './problem.ts';

const traced: readonly string[] = ['R_DANGLING', 'R_OUTCOME', 'R_TRANSLATION'];

/** Adds to a flaw inside a step how a run gets there, where it does. */
export function trace(flaw: Flaw, source: unknown): Flaw {
  const [section, index] = flaw.path;
  if (section !== 'steps' || !traced.includes(flaw.code)) return flaw;
  const steps = listOf(fieldOf(source, 'steps'));
  const [start, step] = [steps[0], steps[Number(index)]].map((each) => fieldOf(each, 'id'));
  if (typeof start !== 'string' || typeof step !== 'string') return flaw;
  const edges = steps.flatMap(loose);
  const found = reach(edges, start);
  if (!found.has(step)) return flaw;
  const dangling = flaw.code === 'R_DANGLING' ? edges.filter((edge) => edge.from === step && edge.on === flaw.path.at(-1)) : [];
  return { ...flaw, message: `${flaw.message} Path: ${renderPath(start, [...pathTo(found, step), ...dangling])}.` };
}

function loose(step: unknown): readonly Edge[] {
  const from = fieldOf(step, 'id');
  const [on, skip] = [fieldOf(step, 'on'), fieldOf(step, 'skip')];
  const ways = typeof on === 'object' && on !== null ? Object.entries(on) : [];
  return [...ways, ['skip', skip] as const].flatMap(([outcome, to]): Edge[] =>
    typeof from === 'string' && typeof to === 'string' ? [{ from, to, on: outcome, kind: outcome === 'skip' ? 'skip' : 'outcome' }] : [],
  );
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
