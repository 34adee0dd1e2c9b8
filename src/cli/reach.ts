// How a case reaches its cloud: which endpoint and which credential it may use, and what must never be mixed (laws 9 and 10).
import type { Entry } from '../casefile/entry.ts';
import type { Cloud } from '../engine/ports.ts';
import { catchUp, type Run } from '../engine/run.ts';
import { Fault } from '../errors.ts';
import type { openingOf } from './library.ts';

type OpenedEntry = ReturnType<typeof openingOf>;

/** What a fake cloud answers never enters a real case, and an exercise never reaches a real account (law 10). */
export function expectEndpoint({ endpoint, case: id }: OpenedEntry, now: string | undefined): void {
  if (endpoint === 'alibaba' && now !== undefined) {
    throw new Fault('E_ENDPOINT', `Case ${id} is about a real account, but FIREBREAK_ENDPOINT is set. Nothing was sent.`, { hint: 'Unset FIREBREAK_ENDPOINT.' });
  }
  if (endpoint !== 'alibaba' && now === undefined) {
    throw new Fault('E_ENDPOINT', `Case ${id} is an exercise on ${endpoint}: it must not reach a real account. Nothing was sent.`, {
      hint: 'Set FIREBREAK_ENDPOINT to where that server listens now.',
    });
  }
}

/** Stands for the cloud where no call is made. */
export function offline({ endpoint, credential }: OpenedEntry): Cloud {
  const refuse = async (): Promise<never> => Promise.reject(new Fault('E_BUG', 'A call was about to be made by a command that makes none.'));
  return { send: refuse, settleMs: 0, endpoint, accessKeyId: '', source: credential, close: async () => Promise.resolve() };
}

/** A credential that changed must belong to the pinned account (law 9). */
export async function checkIdentity(run: Run): Promise<void> {
  const pinned = run.state.identity;
  const { cloud } = run.ports;
  if (!pinned || cloud.accessKeyId === '' || cloud.accessKeyId === pinned.accessKeyId) return;
  await pinIdentity(run, pinned.account);
}

/** Reads who the credential is and puts it on record. @throws Fault E_ACCOUNT when it does not belong to this account. */
export async function pinIdentity(run: Run, account: string): Promise<void> {
  const { cloud, store } = run.ports;
  const reply = await cloud.send({ product: 'sts', version: '2015-04-01', action: 'GetCallerIdentity', params: {}, region: 'cn-hangzhou', effect: 'read' });
  const { AccountId, Arn, IdentityType, PrincipalId } = reply.ok ? reply.body : {};
  // Some services give the account as a number.
  if (String(AccountId) !== account) {
    throw new Fault(
      'E_ACCOUNT',
      reply.ok
        ? `This credential belongs to account ${String(AccountId)}; the case is about ${account}. Nothing was done.`
        : `The new credential does not work (${reply.code}). Nothing was done.`,
    );
  }
  const userName = /:user\/(.+)$/.exec(String(Arn))?.[1];
  await store.append({
    type: 'identity.pinned',
    account: account,
    arn: String(Arn),
    kind: String(IdentityType),
    principal: String(PrincipalId),
    accessKeyId: cloud.accessKeyId,
    source: cloud.source,
    ...(userName === undefined ? {} : { userName }),
  });
  catchUp(run);
}

/** The profile this case was opened or last continued with; undefined: the environment. */
export function profileOf(entries: readonly Entry[]): string | undefined {
  const named = entries.flatMap((entry) => (entry.type === 'case.opened' ? [entry.credential] : entry.type === 'identity.pinned' ? [entry.source] : []));
  return /^profile:(.+)$/.exec(named.at(-1) ?? '')?.[1];
}
