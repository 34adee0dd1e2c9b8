// What a case begins with: the texts it seals and the time it goes by until its clock runs. Knows no cloud and no engine.
import type { Entry } from '../casefile/entry.ts';
import type { CaseStore } from '../engine/ports.ts';
import { Fault } from '../errors.ts';
import type { Organisation } from '../engine/organisation.ts';
import type { JsonObject } from '../text.ts';
import { openingOf } from './library.ts';
import type { CaseTime, Shell } from './shell.ts';

/** A drill's time when it was last at work; undefined for a case that goes by host time. */
export function lastTimeOf(known: readonly Entry[] = []): Date | undefined {
  const [opened] = known;
  const last = known.at(-1);
  return opened?.type === 'case.opened' && opened.mode === 'drill' && last ? new Date(last.at) : undefined;
}

/** A time that is known better later: a drill's world lies in the folder of the case that needs the time. */
export function lateTime(first: CaseTime): CaseTime & { set(next: CaseTime): void } {
  let time = first;
  return { now: (known) => time.now(known), set: (next) => void (time = next) };
}

export type OpeningTexts = { readonly runbook: string; readonly scenario?: string; readonly organisation?: string };

/** Seals what a case begins with; what is sealed already stays as it is. */
export async function sealOpening(shell: Shell, store: CaseStore, texts: OpeningTexts, settled?: Organisation): Promise<void> {
  const sealed = store.entries().flatMap((entry) => (entry.type === 'evidence.sealed' ? [entry.kind] : []));
  for (const [kind, text] of Object.entries(texts)) if (!sealed.includes(kind)) await sealText(shell, store, store.entries()[0]?.at ?? '', kind, text);
  const told = store.entries().some(({ type }) => type === 'organisation.recorded');
  const file = store.entries().find((entry) => entry.type === 'evidence.sealed' && entry.kind === 'organisation');
  if (settled === undefined || told || file?.type !== 'evidence.sealed') return;
  await store.append({ type: 'organisation.recorded', sha256: file.sha256, organisation: settled as unknown as JsonObject });
}

/**
 * What a case whose opening was cut short had still to seal. Nothing has happened in it yet, so today's scenario is the one it began with.
 *
 * @throws Fault E_SCENARIO when there is no such scenario any more.
 */
export async function openingTexts(shell: Shell, store: CaseStore): Promise<OpeningTexts> {
  const opened = openingOf(store);
  const runbook = Buffer.from(await store.object(opened.runbookSha256)).toString('utf8');
  if (opened.scenario === undefined) return { runbook };
  const [id = '', name] = opened.scenario.split('/');
  const scenario = await shell.read(shell.runbookFile(id, name));
  if (scenario === undefined) {
    throw new Fault('E_SCENARIO', `The opening of ${store.id} was cut short, and its drill ${opened.scenario} is gone.`, {
      hint: 'Nothing has happened in this case yet. Start a new one.',
    });
  }
  return { runbook, scenario };
}

/** Seals one text and puts it on record; gives its SHA-256. */
export async function sealText(shell: Shell, store: CaseStore, at: string, kind: string, text: string): Promise<string> {
  const { sha256: sha } = await store.seal(Buffer.from(text, 'utf8'), {
    kind,
    mediaType: 'application/yaml',
    source: { file: `${kind}.yaml` },
    collector: { tool: 'firebreak', version: shell.version, by: shell.by },
    startedAt: at,
    endedAt: at,
    redactions: [],
  });
  return sha;
}
