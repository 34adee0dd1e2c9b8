// Who may take a role: its trust policy, read and narrowed. Pure.
import type { Json, JsonObject } from '../text.ts';
import type { Target } from './define.ts';
import { isObject, listAt, textAt, textsAt } from './wire.ts';

type Principal = { readonly kind: string; readonly name: string };

/** Everyone a trust policy lets in: `Service`, `RAM`, `Federated`, each with its names. */
export function trustedIn(document: Json | undefined): readonly Principal[] {
  return (isObject(document) ? listAt(document, 'Statement') : []).flatMap((statement) => {
    const principal = statement['Principal'];
    return statement['Effect'] === 'Allow' && isObject(principal) ? Object.entries(principal).flatMap(([kind, value]) => namesOf(value).map((name) => ({ kind, name }))) : [];
  });
}

/** Is it let in from outside the account: another account's identity, everybody, or an identity provider? */
export function isForeign({ kind, name }: Principal, account: string): boolean {
  if (kind === 'Service') return false;
  return kind === 'Federated' || !name.startsWith(`acs:ram::${account}:`);
}

/**
 * The document without principals for which `drop` says so; a statement that then lets nobody in goes. Undefined when nothing would be left:
 * RAM takes no trust policy without a statement.
 */
export function narrowed(document: JsonObject, drop: (principal: Principal) => boolean): JsonObject | undefined {
  const statements = listAt(document, 'Statement').flatMap((statement): JsonObject[] => {
    const principal = statement['Principal'];
    if (statement['Effect'] !== 'Allow' || !isObject(principal)) return [statement];
    const kept = Object.entries(principal).flatMap(([kind, value]): [string, Json][] => {
      const names = namesOf(value).filter((name) => !drop({ kind, name }));
      return names.length === 0 ? [] : [[kind, names]];
    });
    return kept.length === 0 ? [] : [{ ...statement, Principal: Object.fromEntries(kept) }];
  });
  return statements.length === 0 ? undefined : { ...document, Statement: statements };
}

/** Only a cloud service may change it. */
export function isServiceLinked(target: Target): boolean {
  return /^AliyunServiceRoleFor/i.test(textAt(target.data, 'roleName'));
}

/** ActionTrail and Log Service deliver with such a role. */
export function isDelivery(target: Target): boolean {
  return textsAt(target.data, 'services').some((service) => /^(actiontrail|log)\./.test(service));
}

function namesOf(value: Json): readonly string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((name: Json) => (typeof name === 'string' ? [name] : []));
}
