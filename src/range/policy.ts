// RAM policy documents: are they well formed, and do they allow this? Pure; knows no account.
import type { Json, JsonObject } from '../text.ts';

export type Verdict = 'Allow' | 'ExplicitDeny' | 'ImplicitDeny';

/** What is asked: an action like `ecs:StopInstances` on one ARN, from an address. */
export type Question = { readonly action: string; readonly resource: string; readonly sourceIp: string };

/** Decides like RAM: an explicit deny wins, then any allow, else nothing allows it. */
export function decide(documents: readonly JsonObject[], question: Question): Verdict {
  let allowed = false;
  for (const statement of documents.flatMap(statements)) {
    if (!applies(statement, question)) continue;
    if (statement['Effect'] === 'Deny') return 'ExplicitDeny';
    allowed = true;
  }
  return allowed ? 'Allow' : 'ImplicitDeny';
}

/** Why a document is no policy, or undefined. */
export function malformed(document: Json): string | undefined {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) return 'The policy is not a JSON object.';
  const list = statements(document as JsonObject);
  if ((document as JsonObject)['Version'] !== '1') return 'The policy Version must be "1".';
  if (list.length === 0) return 'The policy has no Statement.';
  for (const statement of list) {
    if (statement['Effect'] !== 'Allow' && statement['Effect'] !== 'Deny') return 'Effect must be Allow or Deny.';
    if (statement['Action'] === undefined && statement['NotAction'] === undefined) return 'A Statement has no Action.';
    for (const operator of Object.keys(asObject(statement['Condition']))) if (!(operator in operators)) return `The condition operator ${operator} is not known here.`;
  }
  return undefined;
}

function statements(document: JsonObject): readonly JsonObject[] {
  const found = document['Statement'];
  return (Array.isArray(found) ? found : found === undefined ? [] : [found]) as readonly JsonObject[];
}

function applies(statement: JsonObject, question: Question): boolean {
  const actions = strings(statement['Action']);
  const named =
    actions.length > 0
      ? actions.some((pattern) => matches(pattern, question.action, true))
      : !strings(statement['NotAction']).some((pattern) => matches(pattern, question.action, true));
  if (!named) return false;
  const resources = strings(statement['Resource']);
  if (resources.length > 0 && !resources.some((pattern) => matches(pattern, question.resource, false))) return false;
  return Object.entries(asObject(statement['Condition'])).every(([operator, tests]) =>
    Object.entries(asObject(tests)).every(([key, values]) => operators[operator]?.(keys[key]?.(question), strings(values)) ?? false),
  );
}

const keys: Readonly<Record<string, (question: Question) => string>> = { 'acs:SourceIp': (question) => question.sourceIp };

const operators: Readonly<Record<string, (actual: string | undefined, wanted: readonly string[]) => boolean>> = {
  StringEquals: (actual, wanted) => actual !== undefined && wanted.includes(actual),
  StringNotEquals: (actual, wanted) => actual !== undefined && !wanted.includes(actual),
  StringLike: (actual, wanted) => actual !== undefined && wanted.some((pattern) => matches(pattern, actual, false)),
  IpAddress: (actual, wanted) => actual !== undefined && inNetworks(actual, wanted),
  NotIpAddress: (actual, wanted) => actual !== undefined && !inNetworks(actual, wanted),
};

/** Is this IPv4 address in one of the networks (`203.0.113.7` or `203.0.113.0/24`)? */
export function inNetworks(address: string, networks: readonly string[]): boolean {
  const bits = ipv4(address);
  return networks.some((network) => {
    const [base = '', length = '32'] = network.split('/');
    const wanted = ipv4(base);
    if (bits === undefined || wanted === undefined) return base === address;
    const size = 2 ** (32 - Number(length));
    return Math.floor(bits / size) === Math.floor(wanted / size);
  });
}

function ipv4(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  return parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256) ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}

function matches(pattern: string, text: string, ignoreCase: boolean): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]');
  return new RegExp(`^${source}$`, ignoreCase ? 'i' : '').test(text);
}

function strings(value: Json | undefined): readonly string[] {
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).filter((one): one is string => typeof one === 'string');
}

function asObject(value: Json | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};
}

const all = (...actions: readonly string[]): JsonObject => ({ Version: '1', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });

/** The system policies this account knows. */
export const systemPolicies: Readonly<Record<string, { readonly description: string; readonly document: JsonObject }>> = {
  AdministratorAccess: { description: 'Full access to all services and resources', document: all('*') },
  ReadOnlyAccess: { description: 'Read-only access to all services', document: all('*:Describe*', '*:List*', '*:Get*', '*:Query*', '*:Lookup*') },
  AliyunRAMFullAccess: { description: 'Full access to RAM', document: all('ram:*') },
  AliyunRAMReadOnlyAccess: { description: 'Read-only access to RAM', document: all('ram:Get*', 'ram:List*') },
  AliyunECSFullAccess: { description: 'Full access to ECS', document: all('ecs:*') },
  AliyunECSReadOnlyAccess: { description: 'Read-only access to ECS', document: all('ecs:Describe*', 'ecs:List*', 'ecs:Get*') },
  AliyunActionTrailFullAccess: { description: 'Full access to ActionTrail', document: all('actiontrail:*') },
  AliyunActionTrailReadOnlyAccess: { description: 'Read-only access to ActionTrail', document: all('actiontrail:Describe*', 'actiontrail:Get*', 'actiontrail:Lookup*') },
  AliyunSTSAssumeRoleAccess: { description: 'May assume roles', document: all('sts:AssumeRole') },
  AliyunOSSFullAccess: { description: 'Full access to OSS', document: all('oss:*') },
  AliyunContainerRegistryFullAccess: { description: 'Full access to Container Registry', document: all('cr:*') },
};
