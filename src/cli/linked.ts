// Cases that follow a closed one: found, opened, traced back to where they began. Nothing is ever appended to what is closed.
import { hash } from 'node:crypto';
import { dirname } from 'node:path';
import { canonical } from '../casefile/canonical.ts';
import type { Entry } from '../casefile/entry.ts';
import { parseWitness } from '../casefile/witness.ts';
import { Fault } from '../errors.ts';
import { followUp } from './follow-up.ts';
import { expectOriginal, openingOf, scenarioTextOf } from './library.ts';
import { lastTimeOf, sealOpening } from './opening.ts';
import type { CaseLine, Shell } from './shell.ts';

type Read = Awaited<ReturnType<Shell['readCase']>>;

/** SHA-256 of the last line: a trail's lines are canonical. */
function headOf(entries: readonly Entry[]): string {
  return hash('sha256', canonical(entries.at(-1)), 'hex');
}

export function isClosed(entries: readonly Entry[]): boolean {
  return entries.at(-1)?.type === 'case.closed';
}

/**
 * The case in which it all began: this one, or the first of those it follows.
 *
 * @throws Fault E_CASE_UNKNOWN when a case it follows is not in this vault, E_TRAIL_BROKEN when that one does not end where it should.
 */
export async function originOf(shell: Shell, id: string): Promise<Read> {
  let store = await shell.readCase(id);
  for (let follows = openingOf(store).continues; follows !== undefined; follows = openingOf(store).continues) {
    const before = await shell.readCase(follows.case);
    if (headOf(before.entries()) !== follows.head)
      throw new Fault('E_TRAIL_BROKEN', `${store.id} follows another end of ${follows.case} than the one in this vault.`, { where: before.dir });
    store = before;
  }
  return store;
}

/** Every case of the vault that follows `origin`, over any number of steps; `origin` itself is not among them. */
export async function followersOf(shell: Shell, origin: string): Promise<readonly CaseLine[]> {
  const cases = await shell.listCases();
  const found = new Map<string, CaseLine>();
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const line of cases) if (line.continues === origin || found.has(line.continues ?? '')) found.set(line.case, line);
  }
  return [...found.values()];
}

/** Where something can still be put on record for this case: itself, or an open one that follows it; undefined when all are closed. */
export async function openPlaceOf(shell: Shell, id: string): Promise<string | undefined> {
  if (!isClosed((await shell.readCase(id)).entries())) return id;
  const origin = await originOf(shell, id);
  return (await followersOf(shell, origin.id)).find(({ closed, unreadable }) => closed === undefined && unreadable === undefined)?.case;
}

/** Opens a case that follows this closed one, of the same origin, mode and endpoint; gives its id. Calls nothing. */
export async function openLinked(shell: Shell, id: string): Promise<string> {
  const before = await shell.readCase(id);
  expectOriginal(before);
  const entries = before.entries();
  const { origin, mode, endpoint, lang, credential, scenario } = openingOf(before);
  const first = await originOf(shell, id);
  const taken = new Set((await shell.listCases()).map((line) => line.case));
  let number = 2;
  while (taken.has(`${first.id}.${number}`)) number += 1;
  const next = `${first.id}.${number}`;
  const pinned = entries.findLast((entry) => entry.type === 'identity.pinned');
  const scenarioText = await scenarioTextOf(before);
  const store = await shell.createCase(
    next,
    {
      origin,
      mode,
      runbook: 'follow-up',
      runbookSha256: hash('sha256', followUp, 'hex'),
      endpoint,
      version: shell.version,
      by: shell.by,
      lang,
      credential: pinned?.type === 'identity.pinned' ? pinned.source : credential,
      ...(scenario === undefined ? {} : { scenario }),
      continues: { case: id, head: headOf(entries) },
    },
    followUp,
    { now: (known) => lastTimeOf(known) ?? lastTimeOf(entries) ?? shell.host.now() },
  );
  try {
    await sealOpening(shell, store, { runbook: followUp, ...(scenarioText === undefined ? {} : { scenario: scenarioText }) });
    const { bytes, sha256 } = parseWitness(store.witness());
    // Its one question waits from the beginning: no command has to drive it there.
    await store.append({ type: 'witness.given', why: 'opening', bytes, sha256 }, { type: 'step.started', step: 'follow-up', visit: 1, kind: 'review', phase: 'after' });
  } finally {
    await store.close();
  }
  if (!shell.json) shell.out(shell.lang === 'zh' ? `${id} 已结案：后续记入 ${next}` : `${id} is closed: what follows goes into ${next}`);
  return next;
}

/** A drill's linked case goes on with the simulated account as the closed one left it. */
export async function inheritWorld(shell: Shell, store: Linked): Promise<void> {
  const [own, file] = [worldIn(store, store.id), await worldFileOf(shell, store)];
  const world = file === own ? undefined : await shell.read(file);
  if (world !== undefined) await shell.write(own, world);
}

/** Where the simulated account of a drill lies: with the case, or with the newest before it that has one. @throws Fault E_CASE_UNKNOWN when that is not here. */
export async function worldFileOf(shell: Shell, store: Linked): Promise<string> {
  const own = worldIn(store, store.id);
  let { continues } = openingOf(store);
  if (continues === undefined || (await shell.read(own)) !== undefined) return own;
  while (continues !== undefined) {
    const file = worldIn(store, continues.case);
    if ((await shell.read(file)) !== undefined) return file;
    continues = openingOf(await shell.readCase(continues.case)).continues;
  }
  throw new Fault('E_CASE_UNKNOWN', `The simulated account of ${store.id} lies with the case it follows, and that is not in this vault.`);
}

type Linked = Parameters<typeof openingOf>[0];

function worldIn({ dir }: Linked, id: string): string {
  return `${dirname(dir)}/${id}/world.jsonl`;
}
