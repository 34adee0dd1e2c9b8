// What "quiet" means on each rung of the ladder (law 8): a key that is not disabled is judged by what was done to it instead. Pure.
import { z } from 'zod';
import type { Text } from '../text.ts';
import type { Context } from './define.ts';
import type { CloudEvent } from './event.ts';
import { isIn } from './networks.ts';
import { denyRisky, isDenied } from './ram-policies.ts';
import { numberAt, textAt, textsAt } from './wire.ts';

/** How many targets each soft rung has reached; absent or 0: that rung was not taken. */
export const rungInput = {
  limited: z.number().default(0),
  denied: z.number().default(0),
  /** Roles that were denied everything: their sessions live on without rights. */
  rolesDenied: z.number().default(0),
  /** The addresses that may still use the key. */
  networks: z.array(z.string()).default([]),
};

/**
 * Does this success break the quiet? Any does, of a key that is off. A limited key may work from the list; a denied one may do what the
 * deny leaves it. With both, each must hold.
 */
export function breaks(event: CloudEvent, context: Context): boolean {
  const { limited, denied, roles } = rungsOf(context);
  if (roles && event.identityType === 'assumed-role' && powerless.has(actionOf(event))) return false;
  if (event.accessKeyId !== textAt(context.input, 'accessKeyId') || (!limited && !denied)) return true;
  if (limited && !isIn(event.source, textsAt(context.input, 'networks'))) return true;
  return denied && isDenied(denyRisky, actionOf(event));
}

/** What a soft rung does not watch, for the coverage. */
export function notWatched(context: Context): readonly Text[] {
  const { limited, denied, roles } = rungsOf(context);
  return [
    ...(roles
      ? [
          {
            en: 'A session of a denied role may still ask who it is, and DescribeInstances answers it with an empty list and no error: neither counts as a success.',
            zh: '被禁止的角色，其会话仍可查询自身身份；DescribeInstances 会返回空列表而不报错：二者都不算成功操作。',
          },
        ]
      : []),
    ...(limited
      ? [
          {
            en: 'The key still works from the addresses named as ours: what is done from there is not told apart.',
            zh: '密钥仍可从列为自有的地址使用：来自这些地址的操作不做区分。',
          },
        ]
      : []),
    ...(denied && !limited ? [{ en: 'The key may still do what the deny policy does not name, from anywhere.', zh: '拒绝策略未列出的操作，仍可从任何地方用该密钥执行。' }] : []),
  ];
}

/** What a denied caller gets an answer to all the same (DescribeInstances by its official note). */
const powerless = new Set(['sts:GetCallerIdentity', 'ecs:DescribeInstances']);

function rungsOf({ input }: Context): { readonly limited: boolean; readonly denied: boolean; readonly roles: boolean } {
  return {
    roles: (numberAt(input, 'rolesDenied') ?? 0) > 0,
    limited: (numberAt(input, 'limited') ?? 0) > 0,
    denied: (numberAt(input, 'denied') ?? 0) > 0,
  };
}

/** `ram:CreateUser`, as policies name it: IMS is authorised under RAM. */
function actionOf({ service, name }: CloudEvent): string {
  const product = service.toLowerCase();
  return `${product === 'ims' ? 'ram' : product}:${name}`;
}
