// SSH signatures as `ssh-keygen -Y sign` makes them: what a key line holds, whether a signature fits. Pure; knows no roster and no case.
import { createPublicKey, hash, verify } from 'node:crypto';

/** What a signature for us is made for: `ssh-keygen -Y sign -n firebreak`. One made for git or a file says otherwise and is refused. */
export const sshNamespace = 'firebreak';

/** A public key as `ssh-keygen` prints it, without its comment. `fingerprint`: `SHA256:` and unpadded base64, as `ssh-keygen -lf`. */
export type SshKey = { readonly line: string; readonly fingerprint: string };

/** The signer of these bytes, or why nobody is. */
export type Checked = { readonly key: SshKey } | { readonly wrong: 'unreadable' | 'not-ed25519' | 'other-purpose' | 'does-not-fit' };

const algorithm = 'ssh-ed25519';
const armour = /-----BEGIN SSH SIGNATURE-----\s+([A-Za-z0-9+/=\s]+?)\s+-----END SSH SIGNATURE-----/;
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
/** A signature of an ed25519 key has about 200 bytes. */
const mostBytes = 4_096;

/** Reads `ssh-ed25519 AAAA… comment`; undefined for anything else: other algorithms are not accepted. */
export function readSshKey(line: string): SshKey | undefined {
  const [name, base64 = ''] = line.trim().split(/\s+/);
  const blob = Buffer.from(base64, 'base64');
  if (name !== algorithm || blob.toString('base64') !== base64) return undefined;
  return keyOf(blob);
}

/** The armoured signature in a text that may hold more; undefined when there is none. */
export function findSignature(text: string): string | undefined {
  const [whole] = armour.exec(text) ?? [];
  return whole;
}

/**
 * Checks an armoured signature over `message`: the bytes as signed, a line break at the end being a different message.
 *
 * @returns the key that made it. Whether that key may decide anything is the caller's question.
 */
export function checkSshSignature(text: string, message: Uint8Array): Checked {
  const blob = Buffer.from(armour.exec(text)?.[1]?.replaceAll(/\s/g, '') ?? '', 'base64');
  if (blob.length === 0 || blob.length > mostBytes || blob.toString('latin1', 0, 6) !== 'SSHSIG' || blob.length < 10 || blob.readUInt32BE(6) !== 1) return { wrong: 'unreadable' };
  const [publicKey, namespace, reserved, hashName, signature, ...rest] = fields(blob.subarray(10)) ?? [];
  if (!publicKey || !namespace || !reserved || !hashName || !signature || rest.length > 0) return { wrong: 'unreadable' };
  const key = keyOf(publicKey);
  const [signedBy, raw, ...more] = fields(signature) ?? [];
  if (!key || signedBy?.toString() !== algorithm || raw?.length !== 64 || more.length > 0) return { wrong: 'not-ed25519' };
  if (namespace.toString() !== sshNamespace) return { wrong: 'other-purpose' };
  const name = hashName.toString();
  if (name !== 'sha512' && name !== 'sha256') return { wrong: 'unreadable' };
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...[namespace, reserved, hashName, hash(name, message, 'buffer')].map(field)]);
  const spki = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey.subarray(-32)]), format: 'der', type: 'spki' });
  return verify(null, signed, spki, raw) ? { key } : { wrong: 'does-not-fit' };
}

function keyOf(blob: Buffer): SshKey | undefined {
  const [name, raw, ...more] = fields(blob) ?? [];
  if (name?.toString() !== algorithm || raw?.length !== 32 || more.length > 0) return undefined;
  return { line: `${algorithm} ${blob.toString('base64')}`, fingerprint: `SHA256:${hash('sha256', blob, 'base64').replace(/=+$/, '')}` };
}

/** Length-prefixed fields up to the very end; undefined when they do not add up. */
function fields(bytes: Buffer): readonly Buffer[] | undefined {
  const found: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    found.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
