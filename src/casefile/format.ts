// The case file's functions as one value, handed by main to the adapter that keeps cases on disk (adapters import no rules of ours).
import { link, readTrail } from './chain.ts';
import { readLine } from './line.ts';
import { isSignedEntry } from './links.ts';
import { fingerprint, privateKeyOf, signerOf } from './signing.ts';
import { verify } from './verify.ts';
import { renderWitness } from './witness.ts';

export const format = { link, readLine, readTrail, isSignedEntry, verify, fingerprint, privateKeyOf, signerOf, renderWitness } as const;

/** What a store must know of the format: how to link, read, sign, witness and verify. */
export type Format = typeof format;
