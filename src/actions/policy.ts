// The least RAM policy a set of operations needs, one statement per product and purpose. Pure.
import type { Action, Collector } from './define.ts';

/** How far one means to go: look only, contain (R1, R2), or remove for good (R3). Each holds those before it. */
export const tiers = ['read', 'contain', 'eradicate'] as const;
export type Tier = (typeof tiers)[number];

/** As RAM takes it: `aliyun ram CreatePolicy --PolicyDocument`. */
export type Policy = { readonly Version: '1'; readonly Statement: readonly Statement[] };
type Statement = { readonly Effect: 'Allow'; readonly Action: readonly string[]; readonly Resource: '*' };

/** Every call of ours that changes nothing is named so; test/actions/policy.test.ts holds them to it. */
export const isRead = (call: string): boolean => /:(Describe|Get|List|Lookup)/.test(call);

/** Resources are not narrowed: nobody knows beforehand which keys, trails and machines a case will be about. */
export function policyOf(operations: readonly (Action | Collector)[], tier: Tier, { undo = false }: { readonly undo?: boolean } = {}): Policy {
  const within = operations.filter((operation) => tiers.indexOf(tierOf(operation)) <= tiers.indexOf(tier));
  const calls = within.flatMap((operation) => operation.calls);
  const undoes = within.flatMap((operation) => (operation.kind === 'action' ? operation.undoes : []));
  return { Version: '1', Statement: [...statements(calls.filter(isRead)), ...statements(calls.filter((call) => !isRead(call))), ...(undo ? statements(undoes) : [])] };
}

/** The tier an operation belongs to. */
export function tierOf(operation: Action | Collector): Tier {
  if (operation.kind === 'collector') return 'read';
  return operation.class === 'R3' ? 'eradicate' : 'contain';
}

function statements(calls: readonly string[]): readonly Statement[] {
  const names = [...new Set(calls.flatMap((call) => permission(call) ?? []))].toSorted();
  const products = Map.groupBy(names, (name) => name.slice(0, name.indexOf(':')));
  return [...products.values()].map((group) => ({ Effect: 'Allow', Action: group, Resource: '*' }));
}

/** The RAM name of a call: IMS is authorised under RAM, and who one is may be asked by anybody. */
function permission(call: string): string | undefined {
  return call === 'sts:GetCallerIdentity' ? undefined : call.replace(/^ims:/, 'ram:');
}
