// What events of signing in, MFA, sessions, CloudSSO and the organisation mean and what answers them. Pure data.
import type { Subject } from './threat.ts';
import { act, byHand, child, isRoot, looks, theRole, theUserOrSelf, threat, watch } from './threat.ts';

const switchLoginOff = act('ims.disableLogins', theUserOrSelf);

const devices = byHand(
  'List the devices; delete one that is bound to nobody. For a user of yours, bind a new device before the login is opened again.',
  '列出设备；未绑定任何人的设备可删除。对您的用户，先绑定新设备，再开放登录。',
  ['ram', 'ListVirtualMFADevices'],
);

const cloudSso = byHand(
  'Another door: cutting RAM keys does not close it. CloudSSO console: keep the assignments, then remove what they made, with its assignments. Who works through it loses access.',
  '这是另一个入口：禁用 RAM 密钥关不上它。云 SSO 控制台：先保存授权，再删除对方创建的内容及其授权。通过它工作的人会失去访问权限。',
);

const rootLogin = byHand(
  'The root account: nobody here can cut it. Sign in as root, change the password, check MFA and its keys, and sign out everywhere.',
  '这是主账号，RAM 身份无法切断。请用主账号登录，修改密码，检查 MFA 和主账号密钥，并退出所有会话。',
);

const guardrail = byHand(
  'From the management account: Resource Management console > Resource Directory. Note how it stands, then put the policy, the folder or the member back.',
  '使用管理账号：资源管理控制台 > 资源目录。先记录现状，再恢复策略、资源夹或成员。',
);

const groupGrant = byHand(
  'The RAM console does not show this grant. Resource Management console > Resource Groups > the group > Permissions: note it, then remove it.',
  'RAM 控制台看不到此授权。资源管理控制台 > 资源组 > 选择资源组 > 权限管理：先记录，再解除。',
);

export const signin: Subject = [
  [
    ['Ram', 'Ims', 'AasSub'],
    {
      BindMFADevice: threat('high', 'T1556.006', 'Bound an MFA device to {user}', '为 {user} 绑定了 MFA 设备', switchLoginOff),
      UnbindMFADevice: threat('high', 'T1556.006', 'Removed the MFA device of {user}', '解绑了 {user} 的 MFA 设备', switchLoginOff),
      DisableVirtualMFA: threat('high', 'T1556.006', 'Removed the MFA device of {user}', '停用了 {user} 的 MFA 设备', switchLoginOff),
      CreateVirtualMFADevice: threat('high', 'T1556.006', 'Made an MFA device', '新建了 MFA 设备', devices),
      DeleteVirtualMFADevice: threat('high', 'T1556.006', 'Deleted an MFA device', '删除了 MFA 设备', devices),
    },
  ],
  [
    ['AasSub', 'AasCustomer'],
    {
      ConsoleSignin: threat('high', 'T1078.004', 'Signed in to the console', '登录了控制台', (event) => (isRoot(event) ? rootLogin : switchLoginOff)),
      PasswordReset: threat('medium', 'T1098', 'Reset a password', '重置了密码', (event) => (isRoot(event) ? rootLogin : switchLoginOff)),
      ConsoleSignout: threat('low', '', 'Signed out of the console', '退出了控制台', watch('A sign-out opens nothing.', '退出登录不会打开任何入口。')),
    },
  ],
  [
    ['Sts'],
    {
      AssumeRole: threat('medium', 'T1548.005 T1550.001', 'Took the role {RoleArn}', '扮演了角色 {RoleArn}', child('taken-role', theRole)),
      AssumeRoleWithSAML: threat('medium', 'T1548.005 T1550.001', 'Took the role {RoleArn} through SAML', '通过 SAML 扮演了角色 {RoleArn}', child('taken-role', theRole)),
      AssumeRoleWithOIDC: threat('medium', 'T1548.005 T1550.001', 'Took the role {RoleArn} through OIDC', '通过 OIDC 扮演了角色 {RoleArn}', child('taken-role', theRole)),
      ...looks('T1087.004', { GetCallerIdentity: ['Asked whose key it is', '查询了密钥属于谁'] }),
    },
  ],
  [
    ['CloudSSO'],
    {
      CreateUser: threat('critical', 'T1098.003 T1484.002', 'Made a CloudSSO user', '新建了云 SSO 用户', cloudSso),
      CreateAccessConfiguration: threat('critical', 'T1098.003 T1484.002', 'Made a CloudSSO access configuration', '新建了云 SSO 访问配置', cloudSso),
      AddPermissionPolicyToAccessConfiguration: threat(
        'critical',
        'T1098.003 T1484.002',
        'Gave a CloudSSO access configuration more rights',
        '为云 SSO 访问配置添加了权限',
        cloudSso,
      ),
      CreateAccessAssignment: threat('critical', 'T1098.003 T1484.002', 'Let somebody into an account through CloudSSO', '通过云 SSO 授予了账号访问权限', cloudSso),
      ProvisionAccessConfiguration: threat('critical', 'T1098.003 T1484.002', 'Put a CloudSSO access configuration into an account', '把云 SSO 访问配置部署到了账号', cloudSso),
      CreateSCIMServerCredential: threat('critical', 'T1098.003 T1484.002', 'Made a credential that can write CloudSSO users', '新建了云 SSO 的 SCIM 凭证', cloudSso),
    },
  ],
  [
    ['ResourceManager'],
    {
      AttachPolicy: threat('critical', 'T1098.003', 'Granted {PolicyName} within a resource group', '在资源组内授予了 {PolicyName}', groupGrant),
      CreateRole: threat('critical', 'T1098.003', 'Made the role {RoleName}', '新建了角色 {RoleName}', child('taken-role', theRole)),
      CreatePolicy: threat('critical', 'T1098.003', 'Wrote the policy {PolicyName}', '新建了权限策略 {PolicyName}', groupGrant),
      InviteAccountToResourceDirectory: threat('critical', 'T1484 T1562', 'Invited an account into the organisation', '邀请账号加入资源目录', guardrail),
      RemoveCloudAccount: threat('critical', 'T1484 T1562', 'Removed an account from the organisation', '把账号移出了资源目录', guardrail),
      DisableControlPolicy: threat('critical', 'T1484 T1562', 'Switched the control policies of the organisation off', '关闭了资源目录的管控策略', guardrail),
      DetachControlPolicy: threat('critical', 'T1484 T1562', 'Took a control policy away', '解除了管控策略', guardrail),
      MoveAccount: threat('critical', 'T1484 T1562', 'Moved an account within the organisation', '移动了资源目录中的账号', guardrail),
    },
  ],
];
