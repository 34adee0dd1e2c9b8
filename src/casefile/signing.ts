// Ed25519 signatures and the names of keys. Pure; where keys are kept and how they are drawn is the shell's affair.
import { createPrivateKey, createPublicKey, hash, sign as signBytes, verify as verifyBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { Fault } from '../errors.ts';

/** Signs bytes: base64 of the 64-byte Ed25519 signature. */
export type Sign = (bytes: Uint8Array) => string;

/** A private key ready to sign, and the public half as the trail records it (SPKI DER, base64). */
export type Signer = { readonly key: string; readonly sign: Sign };

// 64 bytes: the last digit stands for four bits that must be zero.
const oneSpelling = /^[A-Za-z0-9+/]{85}[AQgw]==$/;
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The Ed25519 private key of a 32-byte seed. The caller brings the randomness. */
export function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
}

/** A signer for an Ed25519 private key. */
export function signerOf(privateKey: KeyObject): Signer {
  const key = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64');
  return { key, sign: (bytes) => signBytes(null, bytes, privateKey).toString('base64') };
}

/** The public key of a recorded `key`, or undefined when that is not an Ed25519 SPKI in base64. */
export function publicKeyOf(key: string): KeyObject | undefined {
  try {
    const parsed = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
    return parsed.asymmetricKeyType === 'ed25519' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Does `sig` (base64) sign these bytes? A second spelling of the same base64 does not count: it would be a change nobody sees. */
export function isSignedBy(publicKey: KeyObject, bytes: Uint8Array, sig: string): boolean {
  return oneSpelling.test(sig) && verifyBytes(null, bytes, publicKey, Buffer.from(sig, 'base64'));
}

/** How a key is read out: the first 32 hex digits of SHA-256 over its SPKI DER, in fours. */
export function fingerprint(key: string): string {
  return inFours(hash('sha256', Buffer.from(key, 'base64'), 'hex').slice(0, 32));
}

/**
 * A fingerprint as a person types it (any case; spaces, dashes and colons ignored), in its printed form.
 *
 * @throws Fault E_USAGE unless 32 hex digits remain: fewer could be forged.
 */
export function parseFingerprint(text: string): string {
  const digits = text.replace(/[\s:-]/g, '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(digits)) {
    throw new Fault('E_USAGE', 'A key fingerprint is 32 hexadecimal digits.', { hint: 'Give it as it was shown at opening: eight groups of four.' });
  }
  return inFours(digits);
}

function inFours(digits: string): string {
  return digits.replace(/(.{4})(?=.)/g, '$1 ');
}
