// ECS: a ClientToken makes a create happen once. Knows no particular create.
import { createHash } from 'node:crypto';
import { ApiError, byName } from './call.ts';
import type { Context } from './call.ts';

/**
 * Runs a create once per ClientToken: a repeat with the same parameters gives the same ids, one with others is refused.
 * Without a token every call creates.
 */
export function claim(context: Context, create: () => readonly string[]): { readonly ids: readonly string[]; readonly changed: boolean } {
  const { world, call, p } = context;
  const client = p.text('ClientToken');
  if (client === undefined) return { ids: create(), changed: true };
  if (!/^[\x21-\x7e]{1,64}$/.test(client)) throw new ApiError(400, 'InvalidClientToken.Malformed', 'The ClientToken must be at most 64 ASCII characters.');
  const digest = createHash('sha256')
    .update(JSON.stringify(Object.entries(call.params).toSorted(byName)))
    .digest('hex');
  const key = `${call.action}\n${context.region}\n${client}`;
  const known = world.tokens.get(key);
  if (known && known.digest !== digest) throw new ApiError(403, 'IdempotentParameterMismatch', 'The request uses the same client token as a previous, but non-identical request.');
  if (known) return { ids: known.id.split(','), changed: false };
  const ids = create();
  world.tokens.set(key, { digest, id: ids.join(',') });
  return { ids, changed: true };
}
