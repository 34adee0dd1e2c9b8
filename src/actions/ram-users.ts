// The users of the attacker, as targets: made by the suspects, or older ones whose login or key they changed. Changes nothing.
import { z } from 'zod';
import type { Text } from '../text.ts';
import type { Reader, Slice, Target } from './define.ts';
import { defineCollector } from './define.ts';
import { getLoginProfile, listPoliciesForUser } from './ram.ts';
import { attachedIn } from './ram-policies.ts';
import { suspectInput, suspectsOf } from './suspects.ts';
import { pool, why } from './wire.ts';

const mostUsers = 100;

export const theirUsers = defineCollector({
  summary: { en: 'The users they made or took over', zh: '攻击者创建或接管的用户' },
  calls: ['ram:ListPoliciesForUser', 'ram:GetLoginProfile'],
  input: z.object(suspectInput),
  gives: ['theirUsers', 'theirLogins'],
  async slice(reader, context): Promise<Slice> {
    const { users } = suspectsOf(context.input);
    const wanted = users.filter(({ userName }) => userName !== '');
    const listed = wanted.slice(0, mostUsers);
    const missing: Text[] = [];
    const targets = await pool(listed, 5, async (user) => toTarget(reader, user, missing));
    if (wanted.length > listed.length)
      missing.push({ en: `${wanted.length - listed.length} more users were not read.`, zh: `另有 ${wanted.length - listed.length} 个用户未读取。` });
    const theirs = targets.flatMap((target) => (target === undefined ? [] : [target]));
    const outcome = theirs.length === 0 ? 'none' : missing.length > 0 ? 'some' : 'all';
    return {
      outcome,
      facts: { theirUsers: theirs, theirLogins: theirs.filter(({ data }) => data['console'] !== 'no') },
      ...(missing.length === 0 ? {} : { coverage: { notLooked: missing } }),
    };
  },
});

type User = { readonly userName: string; readonly createdBy: string; readonly at: string; readonly made: boolean };

/** Undefined for a user that is gone. One that cannot be read is still theirs. */
async function toTarget(reader: Reader, { userName, createdBy, at, made }: User, missing: Text[]): Promise<Target | undefined> {
  const [policies, login] = await Promise.all([
    reader.read(listPoliciesForUser(userName), { kind: 'user-record', target: userName }),
    reader.read(getLoginProfile(userName), { kind: 'user-record', target: userName }),
  ]);
  if (!policies.ok && policies.refusal === 'gone') return undefined;
  for (const reply of [policies, login]) {
    if (!reply.ok && reply.refusal !== 'gone') missing.push({ en: `${userName}: not read in full (${why(reply).en}).`, zh: `${userName}：未能完整读取（${why(reply).zh}）。` });
  }
  const grants = policies.ok ? attachedIn(policies.body).map(({ name }) => name) : [];
  return {
    id: userName,
    kind: 'ram-user',
    label: `${userName} ${grants.join(', ')}`.trim(),
    ...(made ? {} : { held: takenOver }),
    data: { userName, createdBy, createdAt: at, made, grants, console: login.ok ? 'yes' : login.refusal === 'gone' ? 'no' : 'unknown' },
  };
}

const takenOver: Text = {
  en: 'Older than the attack: they changed its login or key. Its rightful owner would be locked out; tick it only when that is right.',
  zh: '早于攻击存在：攻击者修改了它的登录或密钥。勾选会让合法使用者也无法登录，请确认后再勾选。',
};
