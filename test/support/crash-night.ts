// A live case brought to the cut once, on an account that runs apart from it; each test goes on from a copy of its own.
import { cpSync, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Range, RangeFault } from '../../src/range/server.ts';
import { aCli, anAccount, leaked, type Cli, type Line } from './cli.ts';

export const id = 'KILL-1';
export const responder = 'LTAI5tEXAMPLEir00009';

export type Night = {
  readonly cli: Cli;
  readonly range: Range;
  /** What approves the cut. */
  readonly text: string;
  end(): Promise<void>;
};

/** A case that waits for the approval of its cut. */
export async function aNight(): Promise<Night> {
  const cli = await aCli();
  const range = await anAccount(cli);
  await cli.call(['run', 'leaked-access-key', '--case', id, '--input', `accessKeyId=${leaked}`]);
  await cli.call(['answer', id, 'confirm-account', '000042']);
  for (;;) {
    const { document } = await cli.json(['status', id]);
    if (document.pending?.step === 'approve-cut') return { cli, range, text: document.pending.expects?.text ?? '', end: async () => (await range.close(), cli.end()) };
    if (document.pending) throw new Error(`the case waits at ${document.pending.step}`);
    await cli.call(['resume', id]);
  }
}

/** The same night once more, from here on its own. `vault` puts the case elsewhere. */
export async function again(night: Night, { faults = [], settleMs = 100 }: { readonly faults?: readonly RangeFault[]; readonly settleMs?: number } = {}): Promise<Night> {
  const cli = await aCli();
  for (const name of ['vault', 'state', 'range.jsonl']) cpSync(join(night.cli.folder, name), join(cli.folder, name), { recursive: true });
  if (!existsSync(join(cli.vault, id))) await mkdir(cli.vault, { recursive: true });
  const range = await anAccount(cli, faults);
  cli.env['FIREBREAK_SETTLE_MS'] = String(settleMs);
  return { cli, range, text: night.text, end: async () => (await range.close(), cli.end()) };
}

/** What our key changed in the account: what, where, on what. */
export function changes(
  effects: readonly { readonly accessKeyId: string; readonly product: string; readonly action: string; readonly region: string; readonly params: object }[],
): readonly string[] {
  return effects.flatMap(({ accessKeyId, product, action, region, params }) =>
    accessKeyId === responder ? [`${product}:${action} ${region} ${JSON.stringify(Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`] : [],
  );
}

/** Writes on record: their intents by call, and how each ended. */
export function writesIn(entries: readonly Line[]): ReadonlyMap<unknown, readonly unknown[]> {
  const intents = entries.flatMap(({ type, call }) => (type === 'call.intended' ? [call] : []));
  return new Map(intents.map((call) => [call, entries.flatMap((entry) => (entry.type === 'call.finished' && entry['call'] === call ? [entry['how']] : []))]));
}
