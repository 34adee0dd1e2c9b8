// Every command, by name; each is loaded when it is used, so that help and --version stay fast.
import type { Command } from './command.ts';

const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  drill: async () => (await import('./drill.ts')).drill,
  run: async () => (await import('./run.ts')).run,
  resume: async () => (await import('./resume.ts')).resume,
  answer: async () => (await import('./answer.ts')).answer,
  jump: async () => (await import('./jump.ts')).jump,
  approval: async () => (await import('./approval.ts')).approval,
  abort: async () => (await import('./abort.ts')).abort,
  note: async () => (await import('./note.ts')).note,
  attach: async () => (await import('./attach.ts')).attach,
  undo: async () => (await import('./undo.ts')).undo,
  handover: async () => (await import('./handover.ts')).handover,
  status: async () => (await import('./list.ts')).status,
  brief: async () => (await import('./brief.ts')).brief,
  follow: async () => (await import('./follow.ts')).follow,
  verify: async () => (await import('./verify.ts')).verify,
  reconcile: async () => (await import('./reconcile.ts')).reconcile,
  report: async () => (await import('./report.ts')).report,
  events: async () => (await import('./events.ts')).events,
  runbook: async () => (await import('./runbook.ts')).runbook,
  preflight: async () => (await import('./preflight.ts')).preflight,
  config: async () => (await import('./config.ts')).config,
  completion: async () => (await import('./completion.ts')).completion,
  range: async () => (await import('./range.ts')).range,
};

export const commandNames: readonly string[] = Object.keys(loaders);

/** The command, or undefined for a word that is none. */
export async function findCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(loaders, name) ? loaders[name]?.() : undefined;
}

export async function allCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(loaders).map((load) => load()));
}
