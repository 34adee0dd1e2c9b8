// What each important event means to an investigator: severity, ATT&CK, one sentence. Pure data and its filling.
import type { Text } from '../text.ts';
import type { Finding } from './define.ts';
import type { CloudEvent } from './event.ts';
import { instancesOf, userOf } from './event.ts';
import { textAt } from './wire.ts';

type Severity = Finding['severity'];
type Threat = { readonly severity: Severity; readonly attack: readonly string[]; readonly en: string; readonly zh: string };

function threat(severity: Severity, attack: string, en: string, zh: string): Threat {
  return { severity, attack: attack.split(' '), en, zh };
}

/** By event name. `{user}`, `{key}`, `{count}` are computed; any other `{Name}` is a request parameter. */
const threats: Readonly<Record<string, Threat>> = {
  CreateUser: threat('high', 'T1136.003', 'Made the user {user}', '新建了用户 {user}'),
  RestoreUserFromRecycleBin: threat('critical', 'T1136.003 T1098.001', 'Brought back the deleted user {user}', '恢复了已删除的用户 {user}'),
  DeleteUser: threat('high', 'T1531', 'Deleted the user {user}', '删除了用户 {user}'),
  UpdateUser: threat('medium', 'T1098', 'Changed the user {user}', '修改了用户 {user}'),
  CreateAccessKey: threat('critical', 'T1098.001', 'Made the key {key} for {user}', '为 {user} 新建了密钥 {key}'),
  UpdateAccessKey: threat('medium', 'T1098.001', 'Set the key {UserAccessKeyId} to {Status}', '把密钥 {UserAccessKeyId} 改为 {Status}'),
  DeleteAccessKey: threat('high', 'T1531', 'Deleted the key {UserAccessKeyId}', '删除了密钥 {UserAccessKeyId}'),
  RestoreAccessKeyFromRecycleBin: threat('critical', 'T1098.001', 'Brought back the deleted key {UserAccessKeyId}', '恢复了已删除的密钥 {UserAccessKeyId}'),
  CreateLoginProfile: threat('high', 'T1098 T1078.004', 'Gave {user} a console password', '为 {user} 开通了控制台登录'),
  UpdateLoginProfile: threat('high', 'T1098 T1078.004', 'Changed the console login of {user}', '修改了 {user} 的控制台登录'),
  ChangePassword: threat('high', 'T1098 T1078.004', 'Changed a password', '修改了密码'),
  AttachPolicyToUser: threat('critical', 'T1098.003', 'Granted {PolicyName} to the user {user}', '给用户 {user} 授予了 {PolicyName}'),
  AttachPolicyToGroup: threat('critical', 'T1098.003', 'Granted {PolicyName} to the group {GroupName}', '给用户组 {GroupName} 授予了 {PolicyName}'),
  AttachPolicyToRole: threat('critical', 'T1098.003', 'Granted {PolicyName} to the role {RoleName}', '给角色 {RoleName} 授予了 {PolicyName}'),
  AttachPolicy: threat('critical', 'T1098.003', 'Granted {PolicyName} within a resource group', '在资源组内授予了 {PolicyName}'),
  DetachPolicyFromUser: threat('high', 'T1531', 'Took {PolicyName} away from {user}', '解除了 {user} 的 {PolicyName}'),
  AddUserToGroup: threat('critical', 'T1098.003', 'Put {user} into the group {GroupName}', '把 {user} 加入用户组 {GroupName}'),
  RemoveUserFromGroup: threat('high', 'T1531', 'Took {user} out of the group {GroupName}', '把 {user} 移出用户组 {GroupName}'),
  CreatePolicy: threat('high', 'T1098.003 T1484', 'Wrote the policy {PolicyName}', '新建了权限策略 {PolicyName}'),
  CreatePolicyVersion: threat('high', 'T1098.003 T1484', 'Changed the policy {PolicyName}', '修改了权限策略 {PolicyName}'),
  SetDefaultPolicyVersion: threat('high', 'T1098.003 T1484', 'Switched the policy {PolicyName} to another version', '切换了权限策略 {PolicyName} 的版本'),
  CreateRole: threat('critical', 'T1098.003 T1484.002', 'Made the role {RoleName}', '新建了角色 {RoleName}'),
  UpdateRole: threat('critical', 'T1098.003 T1484.002', 'Changed who may take the role {RoleName}', '修改了角色 {RoleName} 的信任策略'),
  AssumeRole: threat('medium', 'T1548.005 T1550.001', 'Took the role {RoleArn}', '扮演了角色 {RoleArn}'),
  CreateSAMLProvider: threat('critical', 'T1484.002 T1606.002', 'Added a SAML identity provider', '新增了 SAML 身份提供商'),
  CreateOIDCProvider: threat('critical', 'T1484.002 T1606.002', 'Added an OIDC identity provider', '新增了 OIDC 身份提供商'),
  CreateAppSecret: threat('high', 'T1098.001 T1550.001', 'Made a secret for an OAuth application', '为 OAuth 应用新建了密钥'),
  BindMFADevice: threat('high', 'T1556.006', 'Bound an MFA device to {user}', '为 {user} 绑定了 MFA 设备'),
  UnbindMFADevice: threat('high', 'T1556.006', 'Removed the MFA device of {user}', '解绑了 {user} 的 MFA 设备'),
  SetSecurityPreference: threat('high', 'T1556 T1562.001', 'Changed the security settings of the account', '修改了账号安全设置'),
  SetPasswordPolicy: threat('high', 'T1556 T1562.001', 'Changed the password rules', '修改了密码规则'),
  ConsoleSignin: threat('high', 'T1078.004', 'Signed in to the console', '登录了控制台'),
  RunInstances: threat('critical', 'T1496.001 T1578.002', 'Started {count} instances of {InstanceType}', '启动了 {count} 台 {InstanceType} 实例'),
  CreateInstance: threat('critical', 'T1496.001 T1578.002', 'Made {count} instances of {InstanceType}', '新建了 {count} 台 {InstanceType} 实例'),
  CreateAutoProvisioningGroup: threat('critical', 'T1496.001 T1578.002', 'Set up an auto provisioning group', '新建了弹性供应组'),
  StartInstances: threat('high', 'T1578.002', 'Started stopped instances', '启动了已停止的实例'),
  DeleteInstance: threat('critical', 'T1485 T1578.003', 'Deleted the instance {InstanceId}', '删除了实例 {InstanceId}'),
  DeleteInstances: threat('critical', 'T1485 T1578.003', 'Deleted instances', '删除了实例'),
  RunCommand: threat('critical', 'T1651', 'Ran a command on instances', '在实例上执行了命令'),
  InvokeCommand: threat('critical', 'T1651', 'Ran a saved command on instances', '在实例上执行了已存的命令'),
  StartTerminalSession: threat('critical', 'T1021.008', 'Opened a terminal on an instance', '打开了实例的远程终端'),
  CreateSecurityGroup: threat('medium', 'T1562.007', 'Made a security group', '新建了安全组'),
  AuthorizeSecurityGroup: threat('high', 'T1562.007', 'Opened {PortRange} to {SourceCidrIp} in {SecurityGroupId}', '在 {SecurityGroupId} 对 {SourceCidrIp} 放行了 {PortRange}'),
  CreateSnapshot: threat('medium', 'T1578.001', 'Made a snapshot of the disk {DiskId}', '为磁盘 {DiskId} 创建了快照'),
  DeleteSnapshot: threat('critical', 'T1485 T1490', 'Deleted the snapshot {SnapshotId}', '删除了快照 {SnapshotId}'),
  ModifyImageSharePermission: threat('high', 'T1537', 'Shared the image {ImageId} with another account', '把镜像 {ImageId} 共享给了其他账号'),
  StopLogging: threat('critical', 'T1562.008', 'Stopped the trail {Name}', '停止了操作审计跟踪 {Name}'),
  DeleteTrail: threat('critical', 'T1562.008', 'Deleted the trail {Name}', '删除了操作审计跟踪 {Name}'),
  UpdateTrail: threat('critical', 'T1562.008', 'Changed the trail {Name}', '修改了操作审计跟踪 {Name}'),
  UpdateGlobalEventsStorageRegion: threat('critical', 'T1562.008', 'Moved global events to another region', '更改了全局事件的存储地域'),
  DeleteLogStore: threat('critical', 'T1562.008 T1070', 'Deleted a log store', '删除了日志库'),
  DeleteProject: threat('critical', 'T1562.008 T1070', 'Deleted a log project', '删除了日志项目'),
  PutBucketAcl: threat('critical', 'T1530 T1537', 'Changed who may read a bucket', '修改了存储桶的访问权限'),
  PutBucketPolicy: threat('critical', 'T1530 T1537', 'Changed the policy of a bucket', '修改了存储桶的授权策略'),
  PutBucketLifecycle: threat('critical', 'T1485', 'Set a bucket to delete its objects', '设置了存储桶的自动删除规则'),
  DeleteBucket: threat('critical', 'T1485', 'Deleted a bucket', '删除了存储桶'),
  ScheduleKeyDeletion: threat('critical', 'T1485 T1486', 'Scheduled an encryption key for deletion', '计划删除加密密钥'),
  GetSecretValue: threat('critical', 'T1555.006', 'Read a stored secret', '读取了凭据'),
  SendSms: threat('high', 'T1496.003', 'Sent text messages', '发送了短信'),
  SendBatchSms: threat('high', 'T1496.003', 'Sent text messages in bulk', '批量发送了短信'),
};

/** The finding an event is, or undefined when it needs nobody's attention. A failed attempt is kept once a name, as low. */
export function findingOf(event: CloudEvent): Finding | undefined {
  const known = threats[event.name];
  if (known === undefined) return undefined;
  const principal = event.accessKeyId || event.userName;
  const what = { en: filled(known.en, event), zh: filled(known.zh, event) };
  return {
    id: event.ok ? event.id : `refused ${event.name} ${principal}`,
    at: event.at,
    severity: event.ok ? known.severity : 'low',
    what: event.ok ? what : tried(what, event),
    attack: known.attack,
    principal,
    ...(event.region === '' ? {} : { region: event.region }),
    eventName: event.name,
    requestId: event.requestId,
  };
}

/** The sentence of an event without any name in it; undefined for one that is no finding. */
export function bareThreat(eventName: string): Text | undefined {
  const known = threats[eventName];
  if (known === undefined) return undefined;
  const bare = (template: string): string => template.replaceAll(/\{\w+\}/g, '…');
  return { en: bare(known.en), zh: bare(known.zh) };
}

function tried(what: Text, { errorCode }: CloudEvent): Text {
  return { en: `Tried and was refused (${errorCode}): ${what.en}`, zh: `尝试但被拒绝（${errorCode}）：${what.zh}` };
}

function filled(template: string, event: CloudEvent): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'user') return userOf(event) || event.userName || '?';
    if (name === 'key') return textAt(event.response, 'AccessKey', 'AccessKeyId') || '?';
    if (name === 'count') return String(instancesOf(event).length || textAt(event.request, 'Amount') || 1);
    return textAt(event.request, name) || '?';
  });
}
