// Security groups and network interfaces: their calls, their answers, and the quarantine group of a case. Decides nothing.
import type { JsonObject } from '../text.ts';
import type { Call, Context, Reader, Refused } from './define.ts';
import { describeNetworkInterfaces, pageAfter, readPages } from './ecs.ts';
import { listAt, named, numbered, read, textAt, textsAt, write } from './wire.ts';

export type Nic = { readonly id: string; readonly instanceId: string; readonly primary: boolean; readonly groups: readonly string[] };

/** All secondary interfaces of a region: groups of their own. */
export function describeSecondary(region: string, token = ''): Call {
  return read('ecs', 'DescribeNetworkInterfaces', { Type: 'Secondary', MaxResults: '100', ...pageAfter(token) }, region);
}

/** The interfaces of an answer to DescribeNetworkInterfaces. */
export function interfacesIn(body: JsonObject): readonly Nic[] {
  return listAt(body, 'NetworkInterfaceSets', 'NetworkInterfaceSet').map((row) => ({
    id: textAt(row, 'NetworkInterfaceId'),
    instanceId: textAt(row, 'InstanceId'),
    primary: textAt(row, 'Type') === 'Primary',
    groups: textsAt(row, 'SecurityGroupIds', 'SecurityGroupId'),
  }));
}

/** Every interface of one instance. */
export async function readInterfaces(
  reader: Reader,
  region: string,
  instanceId: string,
  seal?: { readonly kind: string; readonly target: string },
): Promise<readonly Nic[] | Refused> {
  const pages = await readPages(reader, (token) => describeNetworkInterfaces(region, instanceId, token), seal);
  return 'refusal' in pages ? pages : pages.bodies.flatMap(interfacesIn).filter((nic) => nic.instanceId === instanceId);
}

/** The groups of an instance and its primary interface; the whole list is replaced. */
export function setInstanceGroups(region: string, instanceId: string, groups: readonly string[]): Call {
  return write('ecs', 'ModifyInstanceAttribute', { InstanceId: named('instance id', instanceId), ...numbered('SecurityGroupIds', groups) }, region);
}

/** The groups of a secondary interface; the whole list is replaced. */
export function setInterfaceGroups(region: string, interfaceId: string, groups: readonly string[]): Call {
  return write('ecs', 'ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: named('interface id', interfaceId), ...numbered('SecurityGroupId', groups) }, region);
}

const everywhere = ['0.0.0.0/0', '::/0'] as const;

/** By this name and tag the group is found again: one per VPC. */
export function quarantineName({ caseId }: Pick<Context, 'caseId'>): string {
  return `firebreak-quarantine-${named('case id', caseId)}`;
}

const tags = ({ caseId }: Pick<Context, 'caseId'>) => ({ 'Tag.1.Key': 'firebreak-case', 'Tag.1.Value': named('case id', caseId) });

export function createGroup(context: Context, region: string, vpc: string, clientToken: string): Call {
  const name = { SecurityGroupName: quarantineName(context), Description: 'Quarantine: nothing in, nothing out.' };
  return write('ecs', 'CreateSecurityGroup', { ...name, VpcId: named('VPC id', vpc), ClientToken: named('client token', clientToken), ...tags(context) }, region);
}

/** Members reach one another in a new group until this. */
export function dropInner(region: string, group: string): Call {
  return write('ecs', 'ModifySecurityGroupPolicy', { SecurityGroupId: named('group id', group), InnerAccessPolicy: 'Drop' }, region);
}

/** A new group lets everything out until this: at priority 1 a drop wins over whatever else is there. */
export function dropEgress(region: string, group: string): Call {
  const rule = (nth: number): Readonly<Record<string, string>> => ({
    [`Permissions.${nth}.Policy`]: 'drop',
    [`Permissions.${nth}.Priority`]: '1',
    [`Permissions.${nth}.IpProtocol`]: 'ALL',
    [`Permissions.${nth}.PortRange`]: '-1/-1',
  });
  const rules = { ...rule(1), 'Permissions.1.DestCidrIp': everywhere[0], ...rule(2), 'Permissions.2.Ipv6DestCidrIp': everywhere[1] };
  return write('ecs', 'AuthorizeSecurityGroupEgress', { SecurityGroupId: named('group id', group), ...rules }, region);
}

export function deleteGroup(region: string, group: string): Call {
  return write('ecs', 'DeleteSecurityGroup', { SecurityGroupId: named('group id', group) }, region);
}

/** `sealed`: nothing in, nothing out, members apart. `opened`: somebody lets something in. */
export type Group = { readonly id: string; readonly inner: boolean; readonly egress: boolean; readonly opened: boolean; readonly sealed: boolean };

/** The quarantine group of this case in a VPC, with its rules; undefined when there is none. */
export async function findGroup(
  reader: Reader,
  context: Context,
  region: string,
  vpc: string,
  seal?: { readonly kind: string; readonly target: string },
): Promise<Group | Refused | undefined> {
  const filter = { VpcId: named('VPC id', vpc), SecurityGroupName: quarantineName(context), ...tags(context) };
  // Who may not list sees an empty list: asked for what is not there, the dry run tells the two apart.
  const pages = await readPages(reader, (token) => read('ecs', 'DescribeSecurityGroups', { ...filter, MaxResults: '100', ...pageAfter(token) }, region), seal);
  if ('refusal' in pages) return pages;
  const id = pages.bodies.flatMap((body) => listAt(body, 'SecurityGroups', 'SecurityGroup').map((row) => textAt(row, 'SecurityGroupId'))).toSorted()[0];
  if (id !== undefined) return readGroup(reader, region, id, seal);
  const probe = await reader.read(read('ecs', 'DescribeSecurityGroups', { DryRun: 'true' }, region));
  return probe.ok || probe.code.startsWith('DryRun') ? undefined : probe;
}

async function readGroup(reader: Reader, region: string, id: string, seal?: { readonly kind: string; readonly target: string }): Promise<Group | Refused> {
  const ask = { SecurityGroupId: id, Direction: 'all', NicType: 'intranet', MaxResults: '1000' };
  const pages = await readPages(reader, (token) => read('ecs', 'DescribeSecurityGroupAttribute', { ...ask, ...pageAfter(token) }, region), seal);
  if ('refusal' in pages) return pages;
  const rules = pages.bodies.flatMap((body) => listAt(body, 'Permissions', 'Permission'));
  const is = (rule: JsonObject, field: string, value: string): boolean => textAt(rule, field).toLowerCase() === value;
  const drops = rules.filter((rule) => is(rule, 'Direction', 'egress') && is(rule, 'Policy', 'drop') && is(rule, 'Priority', '1') && is(rule, 'IpProtocol', 'all'));
  const egress = everywhere.every((cidr) => drops.some((rule) => is(rule, 'DestCidrIp', cidr) || is(rule, 'Ipv6DestCidrIp', cidr)));
  const inner = pages.bodies.some((body) => textAt(body, 'InnerAccessPolicy').toLowerCase() === 'drop');
  const opened = rules.some((rule) => is(rule, 'Direction', 'ingress') && is(rule, 'Policy', 'accept'));
  return { id, inner, egress, opened, sealed: inner && egress && !opened };
}

/** How many interfaces a group has. */
export async function readMembers(reader: Reader, region: string, group: string): Promise<number | Refused> {
  const ask = { SecurityGroupId: named('group id', group), MaxResults: '100' };
  const pages = await readPages(reader, (token) => read('ecs', 'DescribeNetworkInterfaces', { ...ask, ...pageAfter(token) }, region));
  return 'refusal' in pages ? pages : pages.bodies.flatMap(interfacesIn).length;
}
