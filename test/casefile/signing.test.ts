import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fingerprint, isSignedBy, parseFingerprint, privateKeyOf, publicKeyOf, signerOf } from '../../src/casefile/signing.ts';

const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const signer = signerOf(privateKeyOf(seed));
const publicKey = createPublicKey(privateKeyOf(seed));

describe('signatures', () => {
  it('are those of RFC 8032 for its first test vector', () => {
    expect(Buffer.from(signer.sign(Buffer.alloc(0)), 'base64').toString('hex')).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
    expect(Buffer.from(signer.key, 'base64').subarray(12).toString('hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  });

  it('hold for the bytes they were made for and no others', () => {
    const sig = signer.sign(Buffer.from('yes'));
    expect(isSignedBy(publicKey, Buffer.from('yes'), sig)).toBe(true);
    expect(isSignedBy(publicKey, Buffer.from('no'), sig)).toBe(false);
  });

  it('have one spelling: the same bytes in other base64 do not count', () => {
    const sig = signer.sign(Buffer.from('yes'));
    const lastDigit = sig.at(-3) as string;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const respelt = `${sig.slice(0, -3)}${alphabet[alphabet.indexOf(lastDigit) ^ 1]}==`;
    expect(Buffer.from(respelt, 'base64').equals(Buffer.from(sig, 'base64'))).toBe(true);
    expect(isSignedBy(publicKey, Buffer.from('yes'), respelt)).toBe(false);
    expect(isSignedBy(publicKey, Buffer.from('yes'), ` ${sig}`)).toBe(false);
  });

  it('come from Ed25519 keys only', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'der', type: 'spki' });
    expect(publicKeyOf(rsa.toString('base64'))).toBeUndefined();
    expect(publicKeyOf('not a key')).toBeUndefined();
    expect(publicKeyOf(signer.key)?.equals(publicKey)).toBe(true);
  });
});

describe('a fingerprint', () => {
  it('is the first 32 hex digits of SHA-256 over the SPKI, in fours', () => {
    const digits = createHash('sha256').update(Buffer.from(signer.key, 'base64')).digest('hex').slice(0, 32);
    expect(fingerprint(signer.key)).toBe(digits.match(/.{4}/g)?.join(' '));
    expect(fingerprint(signer.key)).toHaveLength(39);
  });

  it('is understood as people type it', () => {
    const shown = fingerprint(signer.key);
    expect(parseFingerprint(shown.toUpperCase())).toBe(shown);
    expect(parseFingerprint(shown.replaceAll(' ', ''))).toBe(shown);
    expect(parseFingerprint(shown.replaceAll(' ', '-'))).toBe(shown);
  });

  it('is refused when shorter, for a short one could be forged', () => {
    expect(() => parseFingerprint('155f 3c2c')).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
    expect(() => parseFingerprint('zzzz'.repeat(8))).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });
});
