// Which soft limits hold a key that was not disabled: read back from the account, whoever set them. Changes nothing.
import { z } from 'zod';
import type { JsonObject } from '../text.ts';
import type { Slice, Target } from './define.ts';
import { defineCollector } from './define.ts';
import { readLimit } from './ims.ts';
import { denyRisky, readDeny } from './ram-policies.ts';
import { Loose } from './suspects.ts';
import { listAt, textAt, why } from './wire.ts';

export const softState = defineCollector({
  summary: { en: 'Read back what limits a key that still works', zh: '核对仍然有效的密钥受哪些限制' },
  calls: ['ims:GetAccessKeyPolicy', 'ram:ListPoliciesForUser', 'ram:GetPolicy'],
  input: z.object({ accessKeyId: z.string().min(8), leakedKey: z.array(Loose).default([]) }),
  gives: ['soft', 'softened'],
  async slice(reader, context): Promise<Slice> {
    const [target] = listAt(context.input, 'leakedKey') as unknown as readonly Target[];
    const userName = textAt(target?.data, 'userName');
    if (target === undefined || userName === '') return { outcome: 'none', facts: { soft: { limited: 0, denied: 0, networks: [] }, softened: '' } };
    const seal = { kind: 'read-back', target: target.id };
    const [limit, deny] = await Promise.all([readLimit(reader, target, context, seal), readDeny(reader, { kind: 'User', name: userName }, denyRisky, seal)]);
    const networks = 'refusal' in limit ? [] : limit.networks;
    const limited = networks.length > 0;
    const denied = !('refusal' in deny) && deny.attached && deny.policy === 'same';
    const missing = [limit, deny].flatMap((part) => ('refusal' in part ? [why(part)] : []));
    const soft: JsonObject = { limited: limited ? 1 : 0, denied: denied ? 1 : 0, networks };
    return {
      outcome: limited && denied ? 'all' : limited || denied ? 'some' : 'none',
      facts: { soft, softened: limited || denied ? 'yes' : '' },
      ...(missing.length === 0 ? {} : { coverage: { notLooked: missing } }),
    };
  },
});
