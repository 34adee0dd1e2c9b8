// An SSH key and signatures made the way `ssh-keygen -Y sign` makes them, written independently of the reader in src.
import { generateKeyPairSync, hash, sign } from 'node:crypto';

export type SshSigner = {
  /** `ssh-ed25519 AAAA…`. */
  readonly line: string;
  sign(message: Uint8Array, odd?: { readonly namespace?: string; readonly algorithm?: string }): string;
};

const packed = (part: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(part as string);
  return Buffer.concat([Buffer.from([0, 0, bytes.length >> 8, bytes.length & 255]), bytes]);
};

export function anSshKey(): SshSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const blob = Buffer.concat([packed('ssh-ed25519'), packed(raw)]);
  return {
    line: `ssh-ed25519 ${blob.toString('base64')}`,
    sign(message, { namespace = 'firebreak', algorithm = 'ssh-ed25519' } = {}) {
      const to = Buffer.concat([Buffer.from('SSHSIG'), packed(namespace), packed(''), packed('sha512'), packed(hash('sha512', message, 'buffer'))]);
      const signature = Buffer.concat([packed(algorithm), packed(sign(null, to, privateKey))]);
      const all = Buffer.concat([Buffer.from('SSHSIG'), Buffer.from([0, 0, 0, 1]), packed(blob), packed(namespace), packed(''), packed('sha512'), packed(signature)]);
      const lines = all.toString('base64').match(/.{1,70}/g) ?? [];
      return `-----BEGIN SSH SIGNATURE-----\n${lines.join('\n')}\n-----END SSH SIGNATURE-----\n`;
    },
  };
}
