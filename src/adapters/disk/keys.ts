// Private keys of cases: in the responder's state directory, never in a vault. Knows files and key names.
import { randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createPrivateKey } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../errors.ts';
import type { Format } from '../../casefile/format.ts';
import type { Signer } from '../../casefile/signing.ts';
import { ensureFolder, errorCode, storageFault, syncFolder, tryRead, writeNew } from './files.ts';

/** Where this responder's keys live: `$FIREBREAK_STATE`, else `$XDG_STATE_HOME/firebreak`, else `~/.local/state/firebreak`. */
export function stateDirectory(env: Readonly<Record<string, string | undefined>>, home: string): string {
  return env['FIREBREAK_STATE'] || join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'firebreak');
}

/**
 * Draws a key for a case and keeps it, flushed, before it is used.
 *
 * @throws Fault E_VAULT_WRITE if it can not be kept.
 */
export function createKey(stateDir: string, format: Format): Signer {
  const privateKey = format.privateKeyOf(randomBytes(32));
  const signer = format.signerOf(privateKey);
  try {
    const folder = join(stateDir, 'keys');
    ensureFolder(folder);
    writeNew(pathOf(stateDir, signer.key, format), Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' })));
    syncFolder(folder);
  } catch (cause) {
    throw new Fault('E_VAULT_WRITE', `The case key could not be kept (${errorCode(cause) ?? 'unknown error'}). Nothing was recorded.`, {
      where: stateDir,
      hint: 'Make the state directory writable, or name another with FIREBREAK_STATE.',
      cause,
    });
  }
  return signer;
}

/** Forgets a key whose case never came to be. */
export function discardKey(stateDir: string, key: string, format: Format): void {
  rmSync(pathOf(stateDir, key, format), { force: true });
}

/**
 * The public key by which a case is handed over to this responder (SPKI DER, base64), drawn the first time it is asked for.
 *
 * @throws Fault E_VAULT_WRITE if it can not be kept.
 */
export function ownKey(stateDir: string, format: Format): string {
  const path = join(stateDir, 'handover.pub');
  const kept = tryRead(path)?.trim();
  if (kept !== undefined && loadKey(stateDir, [kept], format) !== undefined) return kept;
  const { key } = createKey(stateDir, format);
  try {
    rmSync(path, { force: true });
    writeNew(path, Buffer.from(`${key}\n`));
    syncFolder(stateDir);
  } catch (cause) {
    throw storageFault(stateDir, cause);
  }
  return key;
}

/** The newest of these recorded keys whose private half this machine holds. */
export function loadKey(stateDir: string, keys: readonly string[], format: Format): Signer | undefined {
  for (const key of keys.toReversed()) {
    const pem = tryRead(pathOf(stateDir, key, format));
    const privateKey = pem === undefined ? undefined : parsePem(pem);
    const signer = privateKey === undefined ? undefined : format.signerOf(privateKey);
    if (signer?.key === key) return signer;
  }
  return undefined;
}

function parsePem(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function pathOf(stateDir: string, key: string, format: Format): string {
  return join(stateDir, 'keys', `${format.fingerprint(key).replaceAll(' ', '')}.pem`);
}
