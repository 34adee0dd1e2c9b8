// STS: who is asking. Knows nothing of what the identity may do.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Call } from './define.ts';
import { defineCollector } from './define.ts';
import { read, textAt } from './wire.ts';

/** Needs no permission: any credential that works may ask. */
function getCallerIdentity(): Call {
  return read('sts', 'GetCallerIdentity');
}

const root: Text = {
  en: 'This is the root account itself. Its own AccessKeys can only be managed in the console. Use a RAM user for this work if you can.',
  zh: '这是主账号本身。主账号的 AccessKey 只能在控制台管理。如有可能，请改用 RAM 用户处置。',
};

const session: Text = {
  en: 'This is a role session. It ends by itself; keep a second way in ready.',
  zh: '这是角色会话，到期会自动失效。请准备好另一个可用的身份。',
};

export const whoAmI = defineCollector({
  summary: { en: 'Read which account and identity this credential is', zh: '读取当前凭证所属的账号和身份' },
  calls: ['sts:GetCallerIdentity'],
  input: z.object({}),
  gives: ['identity', 'account', 'warnings'],
  async slice(reader) {
    const reply = await reader.read(getCallerIdentity(), { kind: 'identity' });
    if (!reply.ok) return { outcome: 'none', refused: reply };
    const identity = identityOf(reply.body);
    const warnings = identity.type === 'Account' ? [root] : identity.type === 'AssumedRoleUser' ? [session] : [];
    return { outcome: 'all', facts: { identity, account: identity.account, warnings } };
  },
});

type Caller = { readonly account: string; readonly type: string; readonly arn: string; readonly principal: string; readonly userName?: string };

function identityOf(body: JsonObject): Caller {
  const arn = textAt(body, 'Arn');
  const userName = /:user\/(.+)$/.exec(arn)?.[1];
  return {
    account: textAt(body, 'AccountId'),
    type: textAt(body, 'IdentityType'),
    arn,
    principal: textAt(body, 'PrincipalId'),
    ...(userName === undefined ? {} : { userName }),
  };
}
