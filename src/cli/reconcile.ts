// firebreak reconcile: the trail against the account's own log, both ways. Reads the account; changes nothing in it.
import { writesOf, type LoggedWrites } from '../actions/actiontrail-ours.ts';
import type { Reader } from '../actions/define.ts';
import { whoAmI } from '../actions/sts.ts';
import { textAt, why } from '../actions/wire.ts';
import type { Clock, Cloud } from '../engine/ports.ts';
import { claimsOf, compare, windowOf, type Claims, type Reconciled } from '../engine/reconcile.ts';
import { openWorld } from '../drill/world.ts';
import { exits, Fault } from '../errors.ts';
import type { JsonObject } from '../text.ts';
import { recordBeside } from './beside.ts';
import type { Command } from './command.ts';
import { expectOriginal, openingOf, sealedScenario } from './library.ts';
import { worldFileOf } from './linked.ts';
import { expectEndpoint, profileOf } from './reach.ts';
import { renderReconciled } from './reconcile-text.ts';
import { drillOf } from './shipped.ts';
import type { Shell } from './shell.ts';

type Readable = Awaited<ReturnType<Shell['readCase']>>;

export const reconcile: Command = {
  name: 'reconcile',
  usage: 'reconcile CASE [--profile NAME]',
  summary: { en: 'compare the trail with ActionTrail, both ways; reads only', zh: '将案件记录与操作审计双向核对；只读' },
  examples: ['firebreak reconcile INC-20260314-4f2a --profile auditor', 'firebreak reconcile INC-20260314-4f2a --json | jq .mismatches'],
  flags: { profile: 'text' },
  words: [1, 1],
  async run(shell, args) {
    const store = await shell.readCase(args.words[0] as string);
    const { origin, endpoint } = openingOf(store);
    expectOriginal(store);
    const claims = claimsOf(store.entries());
    const startedAt = shell.host.now().toISOString();
    const { log, result } = await look(shell, store, claims, args.text('profile'));
    const found: JsonObject = {
      case: claims.case,
      origin,
      endpoint,
      ...(result as unknown as JsonObject),
      delayMs: claims.delayMs,
      keys: claims.keys,
      coverage: { regionsRead: log.regionsRead, regionsMissed: log.regionsMissed, from: log.from, pages: log.pages, notLooked: unseen },
    };
    const entry = claims.closedAt === undefined ? await seal(shell, store.id, found, startedAt) : undefined;
    if (shell.json) shell.out(JSON.stringify({ ...found, ...(entry === undefined ? {} : { entry }) }));
    else shell.out(renderReconciled({ claims, log, result, exercise: origin === 'exercise', notLooked: unseen, ...(entry === undefined ? {} : { entry }) }, shell.lang));
    return { matched: exits.ok, findings: exits.findings, unproven: exits.findings, early: exits.open }[result.state];
  },
};

/** What a comparison by key can never see. */
const unseen = [
  { en: 'What the same person did in the console: the log names no key there.', zh: '同一人员在控制台的操作：日志中不含密钥。' },
  { en: 'Reads. Only writes are compared.', zh: '读操作：只核对写操作。' },
] as const;

/** In a drill the account's time goes on until its log is complete, in memory alone: the case's own world stays where it ended. */
async function look(shell: Shell, store: Readable, claims: Claims, profile: string | undefined): Promise<{ readonly log: LoggedWrites; readonly result: Reconciled }> {
  const { cloud, clock, close } = await reach(shell, store, profile);
  const once = async (): Promise<{ readonly log: LoggedWrites; readonly result: Reconciled }> => {
    const now = clock.now().toISOString();
    const reader: Reader = { read: async (call) => cloud.send(call, shell.signal) };
    const log = await writesOf(reader, { keys: claims.keys, regions: claims.regions, ...windowOf(claims, now), now });
    return { log, result: compare(claims, log, now) };
  };
  try {
    await expectAccount(shell, store, cloud, clock);
    const first = await once();
    if (openingOf(store).mode !== 'drill' || first.result.lookAgainAt === undefined) return first;
    await clock.sleep(Date.parse(first.result.lookAgainAt) - clock.now().getTime(), shell.signal);
    return await once();
  } finally {
    await close();
  }
}

type Reach = { readonly cloud: Cloud; readonly clock: Clock; close(): Promise<void> };

async function reach(shell: Shell, store: Readable, profile: string | undefined): Promise<Reach> {
  const opened = openingOf(store);
  if (opened.mode !== 'drill') {
    expectEndpoint(opened, shell.endpoint);
    const credential = await shell.credential(profile ?? profileOf(store.entries()));
    const cloud = await shell.cloud({ credential, clock: shell.host, caseId: store.id, readOnly: true });
    return { cloud, clock: shell.host, close: () => cloud.close() };
  }
  const scenario = await sealedScenario(store);
  if (!scenario) throw new Fault('E_ENTRY', 'This drill has no sealed scenario: its account can not be asked.');
  const { world } = drillOf(scenario, `${store.id}/scenario`);
  const range = await openWorld(world, { journal: await worldFileOf(shell, store), time: { kind: 'virtual' }, still: true });
  try {
    const cloud = await shell.cloud({ credential: world.credential, clock: range.clock, caseId: store.id, endpoint: range.url, readOnly: true });
    return {
      cloud,
      clock: range.clock,
      async close() {
        await cloud.close();
        await range.close();
      },
    };
  } catch (cause) {
    await range.close();
    throw cause;
  }
}

/** Any credential of the account may look; one of another would find nothing, and that would look like a proof of loss. */
async function expectAccount(shell: Shell, store: Readable, cloud: Cloud, clock: Clock): Promise<void> {
  const pinned = store.entries().findLast((entry) => entry.type === 'identity.pinned');
  if (pinned?.type !== 'identity.pinned') return;
  const reader: Reader = { read: async (call) => cloud.send(call, shell.signal) };
  const me = await whoAmI.slice(reader, { caseId: store.id, step: 'reconcile', now: clock.now().toISOString(), input: {} }, undefined);
  if (me.refused) throw new Fault('E_ACCOUNT', `This credential does not work: ${why(me.refused).en}. Nothing was compared.`);
  const account = textAt(me.facts?.['identity'], 'account');
  if (account !== pinned.account) throw new Fault('E_ACCOUNT', `This credential belongs to account ${account}; the case is about ${pinned.account}. Nothing was compared.`);
}

/** An open case keeps the result, with the coverage it rests on. */
async function seal(shell: Shell, id: string, found: JsonObject, startedAt: string): Promise<number> {
  let seq = 0;
  await recordBeside(
    shell,
    id,
    async ({ store, now }) => ({
      type: 'evidence.sealed',
      ...(await store.put([Buffer.from(`${JSON.stringify(found)}\n`, 'utf8')])),
      kind: 'reconciliation',
      mediaType: 'application/json',
      source: { api: 'actiontrail:LookupEvents', state: String(found['state']) },
      collector: { tool: 'firebreak', version: shell.version, by: shell.by },
      startedAt,
      endedAt: now(),
      redactions: [],
      coverage: found['coverage'] ?? null,
    }),
    async (entry) => {
      seq = entry.seq;
      await Promise.resolve();
    },
  );
  return seq;
}
