// The texts a case carries: its runbooks and its scenario, read back from the objects they were sealed as (law 14).
import type { Entry } from '../casefile/entry.ts';
import { parseScenario, type Scenario } from '../drill/scenario.ts';
import { Fault } from '../errors.ts';
import { replay } from '../engine/state.ts';
import type { RunState } from '../engine/frame.ts';
import { parseRunbook } from '../runbook/parse.ts';
import type { Runbook } from '../runbook/schema.ts';

/** As much of a store as reading needs. */
type Readable = { readonly id: string; entries(): readonly Entry[]; object(sha256: string): Promise<Uint8Array> };

type OpenedEntry = Extract<Entry, { type: 'case.opened' }>;

/** How the case was opened. @throws Fault E_TRAIL_BROKEN when the trail does not say. */
export function openingOf(store: Omit<Readable, 'object'> & { readonly dir: string }): OpenedEntry {
  const [opened] = store.entries();
  if (opened?.type !== 'case.opened') throw new Fault('E_TRAIL_BROKEN', `The trail of ${store.id} does not begin with case.opened.`, { where: store.dir });
  return opened;
}

/** A folder under another name is a copy: going on with it would fork the trail. @throws Fault E_CASE_UNKNOWN for one. */
export function expectOriginal(store: Readable & { readonly dir: string }): void {
  const { case: id } = openingOf(store);
  if (id === store.id) return;
  throw new Fault('E_CASE_UNKNOWN', `The folder ${store.id} holds a copy of case ${id}. Nothing was changed.`, {
    where: store.dir,
    hint: `Go on with ${id} where it is, or give this folder its name back.`,
  });
}

/** One sealed runbook. @throws Fault E_RUNBOOK when today's language no longer reads it. */
export async function sealedRunbook(store: Readable, sha256: string): Promise<Runbook> {
  const { runbook, problems } = parseRunbook(await sealedText(store, sha256), `${store.id}/objects/${sha256.slice(0, 12)}`);
  if (!runbook) throw new Fault('E_RUNBOOK', 'The runbook sealed in this case can not be read.', { problems });
  return runbook;
}

/** Every runbook the trail names, by SHA-256; those that are `known` are not read again. */
export async function sealedRunbooks(store: Readable, known: ReadonlyMap<string, Runbook> = new Map()): Promise<Map<string, Runbook>> {
  const named = store.entries().flatMap((entry) => (entry.type === 'case.opened' || entry.type === 'frame.opened' ? [entry.runbookSha256] : []));
  return new Map(await Promise.all([...new Set(named)].map(async (sha256) => [sha256, known.get(sha256) ?? (await sealedRunbook(store, sha256))] as const)));
}

/** The scenario a drill was opened with; undefined for a case that is none. @throws Fault E_SCENARIO when it can not be read. */
export async function sealedScenario(store: Readable): Promise<Scenario | undefined> {
  const text = await scenarioTextOf(store);
  return text === undefined ? undefined : scenarioOf(text, `${store.id}/scenario`);
}

/** The text of that scenario. */
export async function scenarioTextOf(store: Readable): Promise<string | undefined> {
  const sealed = store.entries().find((entry) => entry.type === 'evidence.sealed' && entry.kind === 'scenario');
  return sealed?.type === 'evidence.sealed' ? sealedText(store, sealed.sha256) : undefined;
}

/** @throws Fault E_SCENARIO with every problem of the text. */
export function scenarioOf(text: string, file: string): Scenario {
  const { scenario, problems } = parseScenario(text, file);
  if (!scenario) throw new Fault('E_SCENARIO', `The drill has ${problems.length} problem(s).`, { problems });
  return scenario;
}

/** Where a case stands by its trail alone, with the runbooks that say so. Reads only. */
export async function readState(store: Readable & { readonly dir: string }): Promise<{ readonly state: RunState; readonly library: ReadonlyMap<string, Runbook> }> {
  openingOf(store);
  const library = await sealedRunbooks(store);
  return { state: replay(store.entries(), (sha256) => library.get(sha256) as Runbook), library };
}

async function sealedText(store: Readable, sha256: string): Promise<string> {
  return Buffer.from(await store.object(sha256)).toString('utf8');
}

/** Where a closed case's report lies, in the format with this extension. */
export function reportFile(dir: string, extension = 'md'): string {
  return `${dir}/report/report.${extension}`;
}
