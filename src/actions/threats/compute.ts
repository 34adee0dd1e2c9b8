// What events of machines, disks and their network mean and what answers them. Pure data.
import type { Command, Subject, Template } from './threat.ts';
import { act, byHand, given, instances, looks, threat } from './threat.ts';

const stop = act('ecs.stopInstances', instances);
const mining = (en: string, zh: string): Template =>
  byHand(
    `${en} Note ids, region and price for the refund first. Then stop or release what they made; it bills until then.`,
    `${zh}先记录 ID、地域和价格以便申请退款，再停止或释放对方创建的资源；在此之前持续计费。`,
  );

const invocation: Command = ['ecs', 'StopInvocation', { InvokeId: '{InvokeId}' }];
const ran = byHand(
  'Save what it ran and printed first (DescribeInvocations). Stop it if it still runs. Treat every machine it ran on as in their hands.',
  '先保存执行内容和输出（DescribeInvocations）。仍在运行则停止。执行过它的实例都应视为已被控制。',
  invocation,
);
const rules = (revoke: 'RevokeSecurityGroup' | 'RevokeSecurityGroupEgress'): Template =>
  byHand(
    'Find the rule by its description and time in the group, note it, and revoke it by its rule id. What used the port loses it.',
    '按描述和时间在安全组中找到该规则，先记录，再按规则 ID 撤销。使用该端口的业务会中断。',
    ['ecs', revoke, { SecurityGroupId: '{SecurityGroupId}', 'SecurityGroupRuleId.1': 'RULE_ID' }],
  );
const readGroup: Command = ['ecs', 'DescribeSecurityGroupAttribute', { SecurityGroupId: '{SecurityGroupId}' }];
const wayIn = byHand(
  'ECS console > Key Pairs: note the fingerprint. Unbind it from your machines and delete it. Look for it in authorized_keys too: unbinding does not take it out of a running system.',
  'ECS 控制台 > 密钥对：先记录指纹，再从您的实例解绑并删除。还要检查 authorized_keys：解绑不会从运行中的系统里移除。',
);
const copies = byHand(
  'A copy alone harms nothing. See whether it was shared, copied or exported afterwards. Keep it as evidence until the case ends.',
  '仅有副本并无危害。请查看之后是否被共享、复制或导出。结案前保留作为证据。',
  ['ecs', 'DescribeSnapshots'],
);
const leftOver = (by: 'InstanceId' | 'DiskId'): Template =>
  byHand('Gone for good. See which snapshots are left, lock them, and rebuild from the newest good one.', '已无法找回。查看剩余快照并锁定，用最新的可信快照重建。', [
    'ecs',
    'DescribeSnapshots',
    { [by]: `{${by}}` },
  ]);
const noBackup = byHand(
  'ECS console > Snapshots > Automatic snapshot policies: make one again and bind it to your disks. Take a snapshot of what matters now.',
  'ECS 控制台 > 快照 > 自动快照策略：重新创建并绑定到您的磁盘。重要磁盘现在就手动创建快照。',
);

export const compute: Subject = [
  [
    ['Ecs'],
    {
      RunInstances: threat('critical', 'T1496.001 T1578.002', 'Started {count} instances of {InstanceType}', '启动了 {count} 台 {InstanceType} 实例', stop),
      CreateInstance: threat('critical', 'T1496.001 T1578.002', 'Made {count} instances of {InstanceType}', '新建了 {count} 台 {InstanceType} 实例', stop),
      CreateAutoProvisioningGroup: threat(
        'critical',
        'T1496.001 T1578.002',
        'Set up an auto provisioning group',
        '新建了弹性供应组',
        act('ecs.closeLaunchSources', given('AutoProvisioningGroupId')),
      ),
      CreateLaunchTemplate: threat(
        'high',
        'T1496.001 T1578.002',
        'Made a launch template',
        '新建了启动模板',
        byHand(
          'It starts nothing by itself. Keep its user data: it often holds the miner. Delete it in the ECS console once nothing launches from it.',
          '模板本身不会启动实例。先保存其中的自定义数据：常含挖矿脚本。确认无人使用后到 ECS 控制台删除。',
          ['ecs', 'DescribeLaunchTemplates'],
        ),
      ),
      StartInstances: threat('high', 'T1496.001 T1578.002', 'Started stopped instances', '启动了已停止的实例', act('ecs.stopInstances', given('InstanceId'))),
      RunCommand: threat('critical', 'T1651', 'Ran a command on instances', '在实例上执行了命令', ran),
      InvokeCommand: threat('critical', 'T1651', 'Ran a saved command on instances', '在实例上执行了已存的命令', ran),
      CreateCommand: threat(
        'critical',
        'T1651',
        'Saved a command for instances',
        '保存了一条云助手命令',
        byHand(
          'Save its text first (DescribeCommands): deleting loses it. Then delete it; what runs on a schedule ends with it.',
          '先保存命令内容（DescribeCommands），删除后无法找回。再删除该命令；定时执行随之停止。',
          ['ecs', 'DeleteCommand', { CommandId: '{CommandId}' }],
        ),
      ),
      SendFile: threat('critical', 'T1651', 'Put a file onto instances', '向实例发送了文件', act('ecs.quarantine', given('InstanceId'))),
      StartTerminalSession: threat(
        'critical',
        'T1651',
        'Opened a terminal on an instance',
        '打开了实例的远程终端',
        byHand(
          'Save the list of sessions (DescribeTerminalSessions), then end this one. Treat the machine as in their hands.',
          '先保存会话列表（DescribeTerminalSessions），再结束该会话。该实例应视为已被控制。',
          ['ecs', 'EndTerminalSession', { SessionId: '{SessionId}' }],
        ),
      ),
      CreateSecurityGroup: threat(
        'medium',
        'T1562.007',
        'Made a security group',
        '新建了安全组',
        byHand('See what it lets through and which machines are in it. Delete it once it is empty.', '查看它放行了什么、包含哪些实例。清空后再删除。', readGroup),
      ),
      AuthorizeSecurityGroup: threat(
        'high',
        'T1562.007',
        'Opened {PortRange} to {SourceCidrIp} in {SecurityGroupId}',
        '在 {SecurityGroupId} 对 {SourceCidrIp} 放行了 {PortRange}',
        rules('RevokeSecurityGroup'),
      ),
      AuthorizeSecurityGroupEgress: threat(
        'high',
        'T1562.007',
        'Opened {SecurityGroupId} to the outside',
        '在 {SecurityGroupId} 放行了出方向访问',
        rules('RevokeSecurityGroupEgress'),
      ),
      ModifySecurityGroupRule: threat(
        'high',
        'T1562.007',
        'Changed a rule of {SecurityGroupId}',
        '修改了 {SecurityGroupId} 的规则',
        byHand(
          'Save the rules as they are. Then put the old values of the changed one back in the ECS console > Security Groups.',
          '先保存当前规则，再到 ECS 控制台 > 安全组 恢复被改规则的原值。',
          readGroup,
        ),
      ),
      JoinSecurityGroup: threat(
        'high',
        'T1562.007',
        'Put an instance into {SecurityGroupId}',
        '把实例加入了 {SecurityGroupId}',
        byHand('Take it out again. It must stay in one group at least, and loses what this one let through.', '将其移出。实例至少要留在一个安全组中，并会失去该组放行的访问。', [
          'ecs',
          'LeaveSecurityGroup',
          { SecurityGroupId: '{SecurityGroupId}', InstanceId: '{InstanceId}' },
        ]),
      ),
      ModifySecurityGroupPolicy: threat(
        'high',
        'T1562.007',
        'Changed whether members of {SecurityGroupId} reach each other',
        '修改了 {SecurityGroupId} 的组内互通策略',
        byHand('Put the old policy back, Accept or Drop. Machines of the group reach each other, or no longer.', '恢复原策略（Accept 或 Drop）。组内实例的互通会随之改变。', [
          'ecs',
          'ModifySecurityGroupPolicy',
          { SecurityGroupId: '{SecurityGroupId}', InnerAccessPolicy: 'OLD_POLICY' },
        ]),
      ),
      AttachInstanceRamRole: threat(
        'high',
        'T1098.003 T1552.005',
        'Gave instances the role {RamRoleName}',
        '为实例授予了角色 {RamRoleName}',
        act('ecs.detachRole', given('InstanceIds')),
      ),
      ModifyInstanceMetadataOptions: threat(
        'high',
        'T1098.003 T1552.005',
        'Changed how {InstanceId} hands out its role',
        '修改了 {InstanceId} 的元数据访问设置',
        byHand('Ask for a token again. Programs on the machine that still use the old way lose the role.', '重新要求使用令牌访问。实例上仍用旧方式的程序会失去角色权限。', [
          'ecs',
          'ModifyInstanceMetadataOptions',
          { InstanceId: '{InstanceId}', HttpEndpoint: 'enabled', HttpTokens: 'required' },
        ]),
      ),
      ModifyInstanceAttribute: threat(
        'high',
        'T1098.004',
        'Changed {InstanceId}: password, user data, groups or protection',
        '修改了 {InstanceId}：密码、自定义数据、安全组或保护设置',
        byHand(
          'See in the sealed event what was changed; save the user data. Put groups and protection back; set a new password. The machine may be in their hands.',
          '在已封存的事件中查看改了什么，并保存自定义数据。恢复安全组和保护设置，重设密码。该实例可能已被控制。',
          ['ecs', 'DescribeUserData', { InstanceId: '{InstanceId}' }],
        ),
      ),
      AttachKeyPair: threat('high', 'T1098.004', 'Bound the SSH key pair {KeyPairName} to instances', '为实例绑定了密钥对 {KeyPairName}', wayIn),
      ImportKeyPair: threat('high', 'T1098.004', 'Brought in the SSH key pair {KeyPairName}', '导入了密钥对 {KeyPairName}', wayIn),
      CreateKeyPair: threat('high', 'T1098.004', 'Made the SSH key pair {KeyPairName}', '新建了密钥对 {KeyPairName}', wayIn),
      CreateSnapshot: threat('medium', 'T1578.001', 'Made a snapshot of the disk {DiskId}', '为磁盘 {DiskId} 创建了快照', copies),
      CopySnapshot: threat('medium', 'T1578.001 T1537', 'Copied the snapshot {SnapshotId}', '复制了快照 {SnapshotId}', copies),
      CreateImage: threat('medium', 'T1578.001', 'Made an image', '创建了镜像', copies),
      CopyImage: threat('medium', 'T1578.001 T1537', 'Copied the image {ImageId}', '复制了镜像 {ImageId}', copies),
      ModifyImageSharePermission: threat(
        'high',
        'T1537',
        'Shared the image {ImageId} with another account',
        '把镜像 {ImageId} 共享给了其他账号',
        byHand('Note the accounts, then end the sharing. Copies they took already stay theirs.', '先记录账号，再取消共享。对方已复制的部分无法收回。', [
          'ecs',
          'ModifyImageSharePermission',
          { ImageId: '{ImageId}', 'RemoveAccount.1': 'ACCOUNT_ID' },
        ]),
      ),
      ExportImage: threat(
        'high',
        'T1537',
        'Exported the image {ImageId} to a bucket',
        '把镜像 {ImageId} 导出到了存储桶',
        byHand(
          'The event names the bucket. Find the object, make it private, keep it as evidence. Treat what was on the disk as read.',
          '事件中有目标存储桶。找到该对象，设为私有并保留作为证据。磁盘上的内容应视为已泄露。',
        ),
      ),
      DeleteInstance: threat('critical', 'T1485 T1490', 'Deleted the instance {InstanceId}', '删除了实例 {InstanceId}', leftOver('InstanceId')),
      DeleteInstances: threat('critical', 'T1485 T1490', 'Deleted instances', '删除了实例', leftOver('InstanceId')),
      DeleteDisk: threat('critical', 'T1485 T1490', 'Deleted the disk {DiskId}', '删除了磁盘 {DiskId}', leftOver('DiskId')),
      DeleteSnapshot: threat('critical', 'T1485 T1490', 'Deleted the snapshot {SnapshotId}', '删除了快照 {SnapshotId}', leftOver('DiskId')),
      ReplaceSystemDisk: threat('critical', 'T1485 T1490', 'Replaced the system disk of {InstanceId}', '更换了 {InstanceId} 的系统盘', leftOver('InstanceId')),
      ModifyInstanceAutoReleaseTime: threat(
        'critical',
        'T1485 T1490',
        'Set {InstanceId} to be released by itself',
        '为 {InstanceId} 设置了自动释放',
        act('ecs.keepInstances', given('InstanceId')),
      ),
      ModifyDiskAttribute: threat(
        'critical',
        'T1485 T1490',
        'Changed what is deleted together with the disk {DiskId}',
        '修改了磁盘 {DiskId} 的随实例释放设置',
        byHand('Let disk and snapshots outlive the machine again.', '恢复设置，使磁盘和快照不随实例释放。', [
          'ecs',
          'ModifyDiskAttribute',
          { DiskId: '{DiskId}', DeleteWithInstance: 'false', DeleteAutoSnapshot: 'false' },
        ]),
      ),
      DeleteAutoSnapshotPolicy: threat('critical', 'T1485 T1490', 'Deleted an automatic snapshot policy', '删除了自动快照策略', noBackup),
      CancelAutoSnapshotPolicy: threat('critical', 'T1485 T1490', 'Ended automatic snapshots of disks', '取消了磁盘的自动快照', noBackup),
      ...looks('T1580', {
        DescribeInstances: ['Listed the instances', '列出了实例'],
        DescribeRegions: ['Listed the regions', '列出了地域'],
        DescribeSecurityGroups: ['Listed the security groups', '列出了安全组'],
        DescribeAccountAttributes: ['Read the limits of the account', '读取了账号配额'],
      }),
    },
  ],
  [
    ['Eci'],
    {
      CreateContainerGroup: threat(
        'high',
        'T1496.001 T1578.002',
        'Started a container group',
        '启动了容器组',
        mining('ECI console, the region of the event.', '弹性容器实例控制台，事件所在地域。'),
      ),
    },
  ],
  [
    ['EHPC'],
    {
      CreateCluster: threat(
        'high',
        'T1496.001',
        'Made a computing cluster',
        '新建了高性能计算集群',
        mining('E-HPC console, the region of the event.', '弹性高性能计算控制台，事件所在地域。'),
      ),
    },
  ],
  [
    ['Ecd'],
    {
      CreateDesktops: threat(
        'high',
        'T1578.002',
        'Made cloud desktops',
        '新建了云电脑',
        mining('Elastic Desktop Service console, the region of the event.', '无影云电脑控制台，事件所在地域。'),
      ),
    },
  ],
];
