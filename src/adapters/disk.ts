// Cases on disk: made, opened, listed, verified. Knows the vault's layout; the trail's format is handed over by main.
import { hash } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../errors.ts';
import type { Draft, Entry } from '../casefile/entry.ts';
import type { Format } from '../casefile/format.ts';
import type { Verdict } from '../casefile/verdict.ts';
import type { VerifyOptions } from '../casefile/verify.ts';
import { ensureFolder, errorCode, makeFolder, nodeFiles, storageFault, syncFolder, unreadable, writeNew } from './disk/files.ts';
import type { Files } from './disk/files.ts';
import { holder } from './disk/holder.ts';
import { holderOf, prepareLocks } from './disk/locks.ts';
import { folderOf, listCases } from './disk/list.ts';
import type { ListedCase } from './disk/list.ts';
import { createKey, discardKey, loadKey, ownKey } from './disk/keys.ts';
import { hashObjects, readObject } from './disk/objects.ts';
import { DiskCase } from './disk/store.ts';
import { TrailFile, trailName } from './disk/trail.ts';

type Opened = Extract<Draft, { type: 'case.opened' }>;

type Common = {
  readonly vault: string;
  /** Where private keys live; see `stateDirectory`. */
  readonly stateDir: string;
  readonly id: string;
  /** Scenario time. What is on record so far helps whoever has no clock yet. */
  readonly now: (known: readonly Entry[]) => Date;
  /** Recorded as claimed. */
  readonly by: string;
};

export type CreateCase = Common & {
  readonly opened: Omit<Opened, 'type' | 'case' | 'key' | 'by'>;
  /** Texts the first entry names by hash (the runbook): sealed before the case exists. */
  readonly texts?: readonly Uint8Array[];
};

export type OpenCase = Common & {
  /** Fences a living but hung process; the reason goes on record. */
  readonly takeOver?: string;
  /** Goes on with a new key when this machine lacks the case's own; the reason goes on record. */
  readonly adopt?: string;
};

/** A case read without lock, key or change: for status, reports and copies on read-only media. */
export type ReadCase = {
  readonly id: string;
  readonly dir: string;
  entries(): readonly Entry[];
  readonly fingerprint: string;
  witness(): string;
  object(sha256: string): Promise<Uint8Array>;
};

export type Disk = {
  /** @throws Fault E_CASE_NAME, E_CASE_EXISTS, E_VAULT_WRITE; no case is left behind then. */
  createCase(options: CreateCase): Promise<DiskCase>;
  /**
   * Opens a case to go on with it, repairing what a crash left. A closed case opens without its key and takes no entry.
   *
   * @throws Fault E_CASE_UNKNOWN, E_TRAIL_BROKEN, E_KEY_MISSING (without `adopt`), E_BUSY.
   */
  openCase(options: OpenCase): Promise<DiskCase>;
  /** The public key by which a case is handed over to this machine. @throws Fault E_VAULT_WRITE */
  ownKey(stateDir: string): string;
  /** @throws Fault E_CASE_UNKNOWN, E_VAULT_READ, E_TRAIL_BROKEN. An unfinished last line is left out. */
  readCase(vault: string, id: string): Promise<ReadCase>;
  /** Every case of a vault by name, from its first and last line only. A vault that is not there has none. */
  listCases(vault: string): readonly ListedCase[];
  /** Verifies the case in a folder, wherever it was copied to. @throws Fault E_CASE_UNKNOWN if there is no trail in it. */
  verifyCase(dir: string, options?: VerifyOptions): Promise<Verdict>;
};

/** Cases on disk in this format. */
export function openDisk(format: Format, files: Files = nodeFiles): Disk {
  return {
    createCase: (options) => createCase(options, format, files),
    openCase: (options) => openCase(options, format, files),
    ownKey: (stateDir) => ownKey(stateDir, format),
    readCase: (vault, id) => readCase(folderOf(vault, id), id, format),
    listCases: (vault) => listCases(vault, format),
    verifyCase: async (dir, options) => {
      const trail = await readTrailBytes(dir);
      return format.verify(trail, await hashObjects(dir), options);
    },
  };
}

async function createCase({ vault, stateDir, id, opened, texts = [], now, by }: CreateCase, format: Format, files: Files): Promise<DiskCase> {
  const dir = folderOf(vault, id);
  if (existsSync(dir)) throw new Fault('E_CASE_EXISTS', `There is already a case ${id} in this vault.`, { where: dir });
  const self = holder();
  const signer = createKey(stateDir, format);
  // Made whole beside its place and moved there, so that a crash leaves a case or none.
  const staged = join(vault, `.new-${self.token}`);
  try {
    ensureFolder(vault);
    makeFolder(staged);
    for (const name of ['objects', 'tmp']) makeFolder(join(staged, name));
    prepareLocks(staged, self);
    for (const text of texts) writeNew(join(staged, 'objects', hash('sha256', text, 'hex')), text);
    const first = format.link(undefined, { ...opened, type: 'case.opened', case: id, key: signer.key, by }, now([]).toISOString(), signer.sign);
    writeNew(join(staged, trailName), first.line);
    syncFolder(join(staged, 'objects'));
    syncFolder(staged);
    renameSync(staged, dir);
    syncFolder(vault);
  } catch (cause) {
    if (existsSync(staged)) rmSync(staged, { recursive: true, force: true });
    discardKey(stateDir, signer.key, format);
    if (cause instanceof Fault) throw cause;
    if (['EEXIST', 'ENOTEMPTY'].includes(errorCode(cause) ?? '')) throw new Fault('E_CASE_EXISTS', `There is already a case ${id} in this vault.`, { where: dir, cause });
    throw new Fault('E_VAULT_WRITE', `The case could not be made (${errorCode(cause) ?? 'unknown error'}). Nothing was recorded.`, { where: dir, cause });
  }
  return openCase({ vault, stateDir, id, now, by }, format, files);
}

async function openCase({ vault, stateDir, id, now, by, takeOver, adopt }: OpenCase, format: Format, files: Files): Promise<DiskCase> {
  const dir = folderOf(vault, id);
  if (!existsSync(join(dir, trailName))) throw new Fault('E_CASE_UNKNOWN', `There is no case ${id} in this vault.`, { where: dir });
  const self = holder();
  let trail: TrailFile | undefined;
  try {
    for (const folder of ['tmp', 'objects']) ensureFolder(join(dir, folder));
    prepareLocks(dir, self);
    const drivenBy = takeOver === undefined ? undefined : holderOf(dir, 'drive');
    trail = new TrailFile(dir, format, files);
    const store = new DiskCase({ id, dir, by, now, self, format, trail });
    await store.recover(takeOver);
    const keys = keysOf(store.entries());
    const last = store.entries().at(-1);
    if (last === undefined || !format.isSignedEntry(last, keys)) throw new Fault('E_TRAIL_BROKEN', 'The last entry is not signed by a key of this case.', { where: dir });
    if (store.isClosed) return store;
    const signer = loadKey(stateDir, keys, format);
    if (signer !== undefined) store.useKey(signer);
    else if (adopt !== undefined) store.useKey(createKey(stateDir, format), adopt);
    else throw new Fault('E_KEY_MISSING', `The key of case ${id} is not on this machine.`, { where: stateDir });
    // Without drafts of its own: records what the recovery found.
    await store.append();
    if (takeOver !== undefined && drivenBy !== undefined) await store.fence(drivenBy, takeOver);
    return store;
  } catch (error) {
    trail?.close();
    throw storageFault(dir, error);
  }
}

function keysOf(entries: readonly Entry[]): readonly string[] {
  const keys = entries.flatMap((entry) => (entry.type === 'case.opened' || entry.type === 'key.adopted' || entry.type === 'key.added' ? [entry.key] : []));
  // Read from disk and not verified: a key may be anything.
  return keys.filter((key) => typeof key === 'string');
}

async function readTrailBytes(dir: string): Promise<Buffer> {
  try {
    return await readFile(join(dir, trailName));
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(cause) ?? '')) throw new Fault('E_CASE_UNKNOWN', 'There is no trail in this folder.', { where: dir, cause });
    throw unreadable(dir, cause);
  }
}

async function readCase(dir: string, id: string, format: Format): Promise<ReadCase> {
  const bytes = await readTrailBytes(dir);
  const read = format.readTrail(bytes);
  if (read.broken !== undefined) throw new Fault('E_TRAIL_BROKEN', `The trail is broken at entry ${read.broken.seq}: ${read.broken.why}.`, { where: dir });
  const whole = bytes.subarray(0, read.bytes);
  const [opened] = read.entries;
  return {
    id,
    dir,
    entries: () => read.entries,
    fingerprint: opened?.type === 'case.opened' ? format.fingerprint(opened.key) : '',
    witness: () => format.renderWitness(id, whole.length, hash('sha256', whole, 'hex')),
    object: (sha256) => readObject(dir, sha256),
  };
}
