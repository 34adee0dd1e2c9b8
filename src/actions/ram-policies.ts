// RAM policies as calls and as documents: how one is made, attached, read back. The deny documents are fixed: same content, same name.
import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../text.ts';
import type { Call, Context, Planned, Reader, Refused } from './define.ts';
import { listAt, named, read, textAt, write } from './wire.ts';

/** Who a policy is attached to: the parameter that names it, and how the calls are called. */
export type Holder = { readonly kind: 'User' | 'Role'; readonly name: string };

/** A document under the one name that its content gives it. */
export type Deny = { readonly name: string; readonly document: string; readonly actions: readonly string[] };

export function createPolicy({ name, document }: Deny): Call {
  return write('ram', 'CreatePolicy', { PolicyName: named('policy name', name), PolicyDocument: document, Description: 'Temporary deny during an incident' });
}

export function getPolicy(name: string): Call {
  return read('ram', 'GetPolicy', { PolicyType: 'Custom', PolicyName: named('policy name', name) });
}

export function listPolicies({ kind, name }: Holder): Call {
  return read('ram', `ListPoliciesFor${kind}`, { [`${kind}Name`]: named(`${kind} name`, name) });
}

export function attachPolicy({ kind, name }: Holder, policy: string, type: 'Custom' | 'System' = 'Custom'): Call {
  return write('ram', `AttachPolicyTo${kind}`, { PolicyType: type, PolicyName: named('policy name', policy), [`${kind}Name`]: named(`${kind} name`, name) });
}

export function detachPolicy({ kind, name }: Holder, policy: string, type: 'Custom' | 'System' = 'Custom'): Call {
  return write('ram', `DetachPolicyFrom${kind}`, { PolicyType: type, PolicyName: named('policy name', policy), [`${kind}Name`]: named(`${kind} name`, name) });
}

/** The policy's default version, parsed; undefined when it is no JSON. */
export function documentIn(body: JsonObject): Json | undefined {
  const text = textAt(body, 'DefaultPolicyVersion', 'PolicyDocument') || textAt(body, 'Policy', 'PolicyDocument');
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Names and types of what is attached. */
export function attachedIn(body: JsonObject): readonly { readonly name: string; readonly type: string }[] {
  return listAt(body, 'Policies', 'Policy').map((row) => ({ name: textAt(row, 'PolicyName'), type: textAt(row, 'PolicyType') }));
}

function deny(label: string, ...groups: readonly (readonly string[])[]): Deny {
  const document = JSON.stringify({ Version: '1', Statement: groups.map((actions) => ({ Effect: 'Deny', Action: actions, Resource: '*' })) });
  const hash = createHash('sha256').update(document).digest('hex').slice(0, 8);
  return { name: `firebreak-${label}-${hash}`, document, actions: groups.flat() };
}

/** Everything: for an identity that nobody rightful uses meanwhile. */
export const denyAll: Deny = deny('deny-all', ['*']);

/**
 * What an attacker uses a leaked key for, while production goes on with the rest. The first list is the one Alibaba Cloud publishes for keys
 * that can not be rotated at once (RAM help, "Solutions to AccessKey pair leaks"); the second is ours: what starts machines and what silences the log.
 */
export const denyRisky: Deny = deny(
  'deny-risky',
  [
    'ram:AddUserToGroup',
    'ram:AttachPolicyToGroup',
    'ram:AttachPolicyToRole',
    'ram:AttachPolicyToUser',
    'ram:ChangePassword',
    'ram:CreateAccessKey',
    'ram:CreateLoginProfile',
    'ram:CreatePolicyVersion',
    'ram:CreateRole',
    'ram:CreateUser',
    'ram:DetachPolicyFromUser',
    'ram:PassRole',
    'ram:SetDefaultPolicyVersion',
    'ram:SetPasswordPolicy',
    'ram:UpdateAccessKey',
    'ram:UpdateLoginProfile',
    'ram:UpdateRole',
    'ram:UpdateUser',
    'ecs:DeleteInstance',
    'ecs:DeleteInstances',
    'ecs:DeregisterManagedInstance',
    'ecs:ReleaseDedicatedHost',
    'rds:Delete*',
    'rds:DestroyDBInstance',
    'oss:DeleteBucket',
    'oss:DeleteObject',
    'oss:PutBucketAcl',
    'oss:PutBucketPolicy',
    'log:DeleteLogStore',
    'log:DeleteProject',
    'log:DeleteProjectPolicy',
    'log:PutProjectPolicy',
    'dysms:*',
  ],
  [
    'ecs:CreateAutoProvisioningGroup',
    'ecs:CreateInstance',
    'ecs:InvokeCommand',
    'ecs:RunCommand',
    'ecs:RunInstances',
    'ecs:StartInstance',
    'ecs:StartInstances',
    'actiontrail:DeleteTrail',
    'actiontrail:StopLogging',
    'actiontrail:UpdateTrail',
  ],
);

/** Does the deny cover this action, like `ram:CreateUser`? */
export function isDenied({ actions }: Deny, action: string): boolean {
  return actions.some((pattern) => (pattern.endsWith('*') ? action.toLowerCase().startsWith(pattern.slice(0, -1).toLowerCase()) : pattern.toLowerCase() === action.toLowerCase()));
}

/** The policy first, then its attachment. */
export function denyCalls(holder: Holder, policy: Deny, target: string): readonly Planned[] {
  return [
    { call: createPolicy(policy), targets: [target], stage: 0 },
    { call: attachPolicy(holder, policy.name), targets: [target], stage: 1 },
  ];
}

export type DenyState = {
  /** `other`: a policy of this name exists with another content, which is nobody's accident. */
  readonly policy: 'same' | 'other' | 'absent';
  readonly attached: boolean;
  readonly policies: readonly { readonly name: string; readonly type: string }[];
};

/** How things stand with a deny on a holder; a refusal of what had to be read. */
export async function readDeny(reader: Reader, holder: Holder, policy: Deny, seal?: { readonly kind: string; readonly target: string }): Promise<DenyState | Refused> {
  const [list, found] = await Promise.all([reader.read(listPolicies(holder), seal), reader.read(getPolicy(policy.name))]);
  if (!list.ok) return list;
  if (!found.ok && found.refusal !== 'gone') return found;
  const policies = attachedIn(list.body);
  return {
    policy: !found.ok ? 'absent' : JSON.stringify(documentIn(found.body)) === policy.document ? 'same' : 'other',
    attached: policies.some(({ name, type }) => name === policy.name && type === 'Custom'),
    policies,
  };
}

/** Is the holder the responder's own user or role (law 9)? */
export function isOwn({ kind, name }: Holder, { identity }: Context): boolean {
  if (identity === undefined) return false;
  if (kind === 'User') return identity.userName === name;
  const [sort = '', role] = (identity.arn.split(':').at(-1) ?? '').split('/');
  return sort.endsWith('role') && role?.toLowerCase() === name.toLowerCase();
}
