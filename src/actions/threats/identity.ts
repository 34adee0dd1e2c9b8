// What identity events mean and what answers them: users, keys, logins, grants. Pure data.
import { textAt } from '../wire.ts';
import type { Subject } from './threat.ts';
import { act, byHand, child, given, looks, newKey, theRole, theUser, theUserOrSelf, threat } from './threat.ts';

const oldVersion = byHand(
  'Compare its versions and go back to the last good one. Keep the new text: do not delete the version.',
  '比较各版本，切回最后一个可信版本。保留新版本内容作为证据，不要删除该版本。',
  ['ram', 'SetDefaultPolicyVersion', { PolicyName: '{PolicyName}', VersionId: 'OLD_VERSION' }],
);

const federation = (command: 'ListSAMLProviders' | 'ListOIDCProviders' | 'GetUserSsoSettings') =>
  byHand(
    'Save what stands there now. RAM console > SSO: remove theirs or put the old values back. Who signs in through it loses access, so ask its owner first.',
    '先保存当前内容。RAM 控制台 > SSO 管理：删除对方的提供商或恢复原值。通过它登录的人会失去访问权限，请先询问其负责人。',
    ['ims', command],
  );

const application = byHand(
  'RAM console > OAuth applications: note the application and its authorizations, then delete the secret or the application. Whatever uses it stops.',
  'RAM 控制台 > OAuth 应用：记录应用及其授权，再删除应用密钥或应用。使用它的程序会停止。',
  ['ims', 'ListApplications'],
);

const switchLoginOff = act('ims.disableLogins', theUserOrSelf);
const denyUser = act('ram.denyUsers', theUser);

export const identity: Subject = [
  [
    ['Ram', 'Ims'],
    {
      CreateUser: threat('high', 'T1136.003', 'Made the user {user}', '新建了用户 {user}', denyUser),
      RestoreUserFromRecycleBin: threat('critical', 'T1136.003 T1098.001', 'Brought back the deleted user {user}', '恢复了已删除的用户 {user}', denyUser),
      DeleteUser: threat(
        'high',
        'T1531',
        'Deleted the user {user}',
        '删除了用户 {user}',
        byHand(
          'Was it one of yours? It lies in the recycle bin for about a month: restore it by its id. Its groups and policies must be given again.',
          '是您的用户吗？回收站约保留一个月：按用户 ID 恢复。用户组和权限需要重新授予。',
          ['ims', 'RestoreUserFromRecycleBin', { UserId: 'USER_ID' }],
        ),
      ),
      UpdateUser: threat(
        'medium',
        'T1098',
        'Changed the user {user}',
        '修改了用户 {user}',
        byHand('Renamed? Give it its old name back: keys and logs are told apart by it.', '是否改了名？请改回原名：密钥和日志靠它对应。', [
          'ram',
          'UpdateUser',
          { UserName: '{NewUserName}', NewUserName: '{UserName}' },
        ]),
      ),
      CreateAccessKey: threat('critical', 'T1098.001', 'Made the key {key} for {user}', '为 {user} 新建了密钥 {key}', act('ram.disableAccessKeys', newKey)),
      UpdateAccessKey: threat('medium', 'T1098.001', 'Set the key {UserAccessKeyId} to {Status}', '把密钥 {UserAccessKeyId} 改为 {Status}', ({ request }) =>
        textAt(request, 'Status') === 'Inactive'
          ? byHand('Was it one of yours, and is it clean? Then enable it again. Never a key of theirs.', '如果是您自己的、可信的密钥，再重新启用。绝不要启用对方的密钥。', [
              'ram',
              'UpdateAccessKey',
              { UserName: '{UserName}', UserAccessKeyId: '{UserAccessKeyId}', Status: 'Active' },
            ])
          : child('leaked-access-key', given('UserAccessKeyId')),
      ),
      DeleteAccessKey: threat(
        'high',
        'T1531',
        'Deleted the key {UserAccessKeyId}',
        '删除了密钥 {UserAccessKeyId}',
        byHand(
          'Does something of yours need it? Better give that a new key. Only if it must, restore this one from the recycle bin.',
          '有业务依赖它吗？最好换用新密钥。确有必要时才从回收站恢复。',
          ['ims', 'RestoreAccessKeyFromRecycleBin', { UserId: 'USER_ID', UserAccessKeyId: '{UserAccessKeyId}' }],
        ),
      ),
      RestoreAccessKeyFromRecycleBin: threat(
        'critical',
        'T1098.001 T1136.003',
        'Brought back the deleted key {UserAccessKeyId}',
        '恢复了已删除的密钥 {UserAccessKeyId}',
        child('leaked-access-key', given('UserAccessKeyId')),
      ),
      CreateLoginProfile: threat('high', 'T1098 T1078.004', 'Gave {user} a console password', '为 {user} 开通了控制台登录', switchLoginOff),
      UpdateLoginProfile: threat('high', 'T1098 T1078.004', 'Changed the console login of {user}', '修改了 {user} 的控制台登录', switchLoginOff),
      ChangePassword: threat('high', 'T1098 T1078.004', 'Changed the password of {user}', '修改了 {user} 的密码', switchLoginOff),
      DeleteLoginProfile: threat(
        'high',
        'T1531',
        'Took the console login away from {user}',
        '删除了 {user} 的控制台登录',
        byHand(
          'Is it one of yours? RAM console > Users > the user > Authentication: set up console logon again, with a new password. The old one is lost.',
          '是您的用户吗？RAM 控制台 > 用户 > 选择用户 > 认证管理：重新启用控制台登录并设置新密码。原密码已丢失。',
        ),
      ),
      AttachPolicyToUser: threat('critical', 'T1098.003', 'Granted {PolicyName} to the user {user}', '给用户 {user} 授予了 {PolicyName}', denyUser),
      AttachPolicyToGroup: threat(
        'critical',
        'T1098.003',
        'Granted {PolicyName} to the group {GroupName}',
        '给用户组 {GroupName} 授予了 {PolicyName}',
        byHand('Take it away again. Everybody in the group loses what the policy gave, so note who is in it.', '解除该授权。组内所有人都会失去该策略的权限，请先记录组成员。', [
          'ram',
          'DetachPolicyFromGroup',
          { PolicyType: '{PolicyType}', PolicyName: '{PolicyName}', GroupName: '{GroupName}' },
        ]),
      ),
      AttachPolicyToRole: threat('critical', 'T1098.003', 'Granted {PolicyName} to the role {RoleName}', '给角色 {RoleName} 授予了 {PolicyName}', child('taken-role', theRole)),
      DetachPolicyFromUser: threat(
        'high',
        'T1531',
        'Took {PolicyName} away from {user}',
        '解除了 {user} 的 {PolicyName}',
        byHand('Is the user one of yours, and clean? Then grant it again.', '如果是您自己的、可信的用户，再重新授权。', [
          'ram',
          'AttachPolicyToUser',
          { PolicyType: '{PolicyType}', PolicyName: '{PolicyName}', UserName: '{user}' },
        ]),
      ),
      AddUserToGroup: threat('critical', 'T1098.003', 'Put {user} into the group {GroupName}', '把 {user} 加入用户组 {GroupName}', denyUser),
      RemoveUserFromGroup: threat(
        'high',
        'T1531',
        'Took {user} out of the group {GroupName}',
        '把 {user} 移出用户组 {GroupName}',
        byHand('Is the user one of yours, and clean? Then put it back.', '如果是您自己的、可信的用户，再加回该组。', [
          'ram',
          'AddUserToGroup',
          { UserName: '{user}', GroupName: '{GroupName}' },
        ]),
      ),
      CreatePolicy: threat(
        'high',
        'T1098.003 T1484',
        'Wrote the policy {PolicyName}',
        '新建了权限策略 {PolicyName}',
        byHand('Keep its text. See who carries it and detach it from each of them; delete it last.', '先保存策略内容。查看授予了谁，逐一解除，最后再删除。', [
          'ram',
          'ListEntitiesForPolicy',
          { PolicyType: 'Custom', PolicyName: '{PolicyName}' },
        ]),
      ),
      CreatePolicyVersion: threat('high', 'T1098.003 T1484', 'Changed the policy {PolicyName}', '修改了权限策略 {PolicyName}', oldVersion),
      SetDefaultPolicyVersion: threat('high', 'T1098.003 T1484', 'Switched the policy {PolicyName} to another version', '切换了权限策略 {PolicyName} 的版本', oldVersion),
      CreateRole: threat('critical', 'T1098.003 T1484.002', 'Made the role {RoleName}', '新建了角色 {RoleName}', child('taken-role', theRole)),
      UpdateRole: threat('critical', 'T1098.003 T1484.002', 'Changed who may take the role {RoleName}', '修改了角色 {RoleName} 的信任策略', child('taken-role', theRole)),
      CreateSAMLProvider: threat('critical', 'T1484.002 T1606.002', 'Added a SAML identity provider', '新增了 SAML 身份提供商', federation('ListSAMLProviders')),
      UpdateSAMLProvider: threat('critical', 'T1484.002 T1606.002', 'Changed a SAML identity provider', '修改了 SAML 身份提供商', federation('ListSAMLProviders')),
      CreateOIDCProvider: threat('critical', 'T1484.002 T1606.002', 'Added an OIDC identity provider', '新增了 OIDC 身份提供商', federation('ListOIDCProviders')),
      UpdateOIDCProvider: threat('critical', 'T1484.002 T1606.002', 'Changed an OIDC identity provider', '修改了 OIDC 身份提供商', federation('ListOIDCProviders')),
      AddFingerprintToOIDCProvider: threat(
        'critical',
        'T1484.002 T1606.002',
        'Gave an OIDC identity provider another certificate',
        '为 OIDC 身份提供商添加了证书指纹',
        federation('ListOIDCProviders'),
      ),
      AddClientIdToOIDCProvider: threat(
        'critical',
        'T1484.002 T1606.002',
        'Let another client use an OIDC identity provider',
        '为 OIDC 身份提供商添加了客户端 ID',
        federation('ListOIDCProviders'),
      ),
      SetUserSsoSettings: threat('critical', 'T1484.002 T1606.002', 'Changed how users sign in through SSO', '修改了用户 SSO 设置', federation('GetUserSsoSettings')),
      CreateApplication: threat('high', 'T1098.001 T1550.001', 'Made an OAuth application', '新建了 OAuth 应用', application),
      CreateAppSecret: threat('high', 'T1098.001 T1550.001', 'Made a secret for an OAuth application', '为 OAuth 应用新建了密钥', application),
      ProvisionExternalApplication: threat('high', 'T1098.001 T1550.001', 'Installed an OAuth application of somebody else', '安装了外部 OAuth 应用', application),
      SetSecurityPreference: threat(
        'high',
        'T1556 T1562.001',
        'Changed the security settings of the account',
        '修改了账号安全设置',
        byHand(
          'Read what is set now and keep it; put your own values back in the RAM console > Settings. Sign-ins that relied on the weaker rules stop.',
          '读取并保存当前设置，再到 RAM 控制台 > 设置 中恢复您的取值。依赖宽松规则的登录会停止。',
          ['ims', 'GetSecurityPreference'],
        ),
      ),
      SetPasswordPolicy: threat(
        'high',
        'T1556 T1562.001',
        'Changed the password rules',
        '修改了密码规则',
        byHand(
          'Read what is set now and keep it; put your own rules back in the RAM console > Settings. Leave hard expiry off: it can lock people out.',
          '读取并保存当前规则，再到 RAM 控制台 > 设置 中恢复。不要开启密码过期后禁止登录：可能把人锁在外面。',
          ['ims', 'GetPasswordPolicy'],
        ),
      ),
      ...looks('T1087.004 T1069.003', {
        ListUsers: ['Listed the users', '列出了用户'],
        ListRoles: ['Listed the roles', '列出了角色'],
        ListPolicies: ['Listed the policies', '列出了权限策略'],
        ListAccessKeys: ['Listed keys', '列出了密钥'],
        GetAccountSummary: ['Read the summary of the account', '读取了账号概要'],
      }),
    },
  ],
];
