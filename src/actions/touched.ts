// Where the attack came from and which roles it touched, judged from the suspects' own events. Pure.
import type { CloudEvent } from './event.ts';
import { findingOf } from './threats.ts';
import { textAt } from './wire.ts';

/** `assumed`: a session was opened. `changed`: made, its trust edited, a policy given. */
export type TouchedRole = { readonly roleName: string; readonly how: 'assumed' | 'changed'; readonly at: string; readonly by: string };

const changes = new Set(['CreateRole', 'UpdateRole', 'AttachPolicyToRole']);

/**
 * Is the address of this event one the attack came from? Whatever an identity of their own making did; of the leaked key only what its
 * rightful user would not do, for that user works from somewhere too.
 */
export function isAttack(event: CloudEvent, ownMaking: boolean): boolean {
  if (!event.ok || !/^[\da-f.:]+$/i.test(event.source)) return false;
  const severity = findingOf(event)?.severity;
  return ownMaking || severity === 'critical' || severity === 'high';
}

/** The roles a suspect's event touched; none for one that failed or was about another account's role. */
export function roleTouchedBy(event: CloudEvent, account: string): readonly TouchedRole[] {
  if (!event.ok) return [];
  const by = event.accessKeyId || event.userName;
  if (changes.has(event.name)) {
    const roleName = textAt(event.request, 'RoleName');
    return roleName === '' ? [] : [{ roleName, how: 'changed', at: event.at, by }];
  }
  const [, owner = '', roleName = ''] = event.name === 'AssumeRole' ? (/^acs:ram::(\d+):role\/(.+)$/.exec(textAt(event.request, 'RoleArn')) ?? []) : [];
  return roleName === '' || (account !== '' && owner !== account) ? [] : [{ roleName, how: 'assumed', at: event.at, by }];
}

/** One row for each role, whatever its letter case; a change outweighs a session. */
export function touchedRoles(all: readonly TouchedRole[]): readonly TouchedRole[] {
  const byName = Map.groupBy(all, ({ roleName }) => roleName.toLowerCase());
  return [...byName.values()].flatMap((same) => same.find(({ how }) => how === 'changed') ?? same.slice(0, 1));
}
