import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkSshSignature, findSignature, readSshKey } from '../../src/casefile/sshsig.ts';
import { anSshKey } from '../support/ssh.ts';

const message = Buffer.from('firebreak-approval-1 case=INC-1 step=approve');

/** Made with `ssh-keygen -Y sign -n firebreak` over "hello firebreak" (OpenSSH). */
const published = {
  key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAFPlHm62iRD7z211+QSYeuKk/vRPIiQQVqfpclmkZ+R',
  signature: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgAU+UebraJEPvPbXX5BJh64qT+9
E8iJBBWp+lyWaRn5EAAAAJZmlyZWJyZWFrAAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1l
ZDI1NTE5AAAAQB93jJPedZFE+60wUwGvYCHvuXoH1o25PpST4xgBRkxL8kb1Ez05PMZUfj
st1Xwew+lFv/ZekNFLbP7H13C+Dwg=
-----END SSH SIGNATURE-----`,
};

describe('an SSH signature', () => {
  const ours = anSshKey();

  it('names the key that made it', () => {
    expect(checkSshSignature(ours.sign(message), message)).toEqual({ key: readSshKey(ours.line) });
  });

  it('made by ssh-keygen is read as ssh-keygen reads it', () => {
    expect(checkSshSignature(published.signature, Buffer.from('hello firebreak'))).toEqual({ key: readSshKey(published.key) });
  });

  it.for([
    ['another message', (): string => ours.sign(Buffer.from('something else')), 'does-not-fit'],
    ['another purpose', (): string => ours.sign(message, { namespace: 'git' }), 'other-purpose'],
    ['another algorithm', (): string => ours.sign(message, { algorithm: 'ssh-rsa' }), 'not-ed25519'],
    ['a changed bit', (): string => flip(ours.sign(message)), 'does-not-fit'],
    ['a cut signature', (): string => ours.sign(message).replace(/.{30}\n-----END/, '\n-----END'), 'unreadable'],
    ['no signature at all', (): string => 'yes, go ahead', 'unreadable'],
    ['nothing', (): string => '', 'unreadable'],
  ] as const)('over %s is nobody’s', ([, made, wrong]) => {
    expect(checkSshSignature(made(), message)).toEqual({ wrong });
  });

  it('is found in a mail around it', () => {
    const armoured = ours.sign(message);
    expect(findSignature(`Approved.\n\n${armoured}\nRegards`)).toBe(armoured.trim());
    expect(findSignature('Approved.')).toBeUndefined();
  });
});

describe('a public key line', () => {
  it('is read with or without a comment, as one and the same key', () => {
    const { line } = anSshKey();
    expect(readSshKey(`${line} somebody@example`)).toEqual(readSshKey(line));
    expect(readSshKey(line)?.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  });

  it.for(['', 'ssh-ed25519', 'ssh-ed25519 AAAA', 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==', `ssh-ed25519 ${Buffer.alloc(51).toString('base64')}`])('refuses %j', (line) => {
    expect(readSshKey(line)).toBeUndefined();
  });
});

describe('beside ssh-keygen itself', () => {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-ssh-'));
  const file = join(folder, 'key');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const missing = isMissing();

  it.skipIf(missing)('agrees on a fresh key, a signature and a fingerprint', () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    const line = readFileSync(`${file}.pub`, 'utf8');
    const signature = execFileSync('ssh-keygen', ['-Y', 'sign', '-n', 'firebreak', '-f', file], { input: message, stdio: ['pipe', 'pipe', 'ignore'] }).toString();
    expect(checkSshSignature(signature, message)).toEqual({ key: readSshKey(line) });
    expect(checkSshSignature(signature, Buffer.from(`${message.toString()}\n`))).toEqual({ wrong: 'does-not-fit' });
    expect(execFileSync('ssh-keygen', ['-lf', `${file}.pub`]).toString()).toContain(readSshKey(line)?.fingerprint);
  });
});

function isMissing(): boolean {
  try {
    execFileSync('ssh-keygen', ['-?'], { stdio: 'ignore' });
    return false;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** One bit of the signature proper, near its end. */
function flip(armoured: string): string {
  const body = armoured.replaceAll(/-----.*?-----|\s/g, '');
  const bytes = Buffer.from(body, 'base64');
  bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
  return armoured.replace(/-----\n[\s\S]*\n-----/, `-----\n${bytes.toString('base64')}\n-----`);
}
