// What events of stored data, keys and databases mean and what answers them. Pure data.
import type { Subject } from './threat.ts';
import { byHand, looks, often, threat } from './threat.ts';

const open = byHand(
  'OSS console > the bucket > Permission Control: save ACL and policy, then block public access. A public web site on it stops; setting an ACL on a bucket that is gone makes a new one.',
  'OSS 控制台 > 存储桶 > 权限控制：先保存 ACL 和授权策略，再开启阻止公共访问。其上的公开网站会中断；对已不存在的存储桶设置 ACL 会新建一个。',
);
const deleted = byHand(
  'OSS console > the bucket > Versioning: was it on, bring the old versions back. If not, from backups or a copy in another region. Look for lifecycle rules too.',
  'OSS 控制台 > 存储桶 > 版本控制：若曾开启，可恢复旧版本；否则用备份或其他地域的副本。同时检查生命周期规则。',
);
const bucketLog = byHand(
  'OSS console > the bucket > Logging: put the target of the access log back. What was read meanwhile is not in it.',
  'OSS 控制台 > 存储桶 > 日志管理：恢复访问日志的存储位置。期间的读取没有记录。',
);
const secret = byHand(
  'Treat the secret as known to them. KMS console > Secrets: put a new value where it is used first, then a new version here. Keep the old version.',
  '该凭据应视为已泄露。先在使用方更换，再到 KMS 控制台 > 凭据 写入新版本。保留旧版本。',
);
const database = byHand(
  'RDS console > the instance: note accounts and whitelist. Remove their account, set new passwords, put the old whitelist back, release the public address. Programs with the old password stop.',
  'RDS 控制台 > 实例：先记录账号和白名单。删除对方账号，重设密码，恢复白名单，释放公网地址。使用旧密码的程序会中断。',
);
const exported = byHand(
  'DMS console > Tickets and operation log: save what was run or exported, and close the ticket if it still waits. Treat what it read as known to them.',
  'DMS 控制台 > 工单与操作日志：保存执行或导出的内容，未执行的工单请关闭。读取的数据应视为已泄露。',
);

export const data: Subject = [
  [
    ['Oss'],
    {
      PutBucketAcl: threat('critical', 'T1530 T1562', 'Changed who may read a bucket', '修改了存储桶的访问权限', open),
      PutBucketPolicy: threat('critical', 'T1530 T1562', 'Changed the policy of a bucket', '修改了存储桶的授权策略', open),
      DeleteBucketPolicy: threat('critical', 'T1530 T1562', 'Deleted the policy of a bucket', '删除了存储桶的授权策略', open),
      DeletePublicAccessBlock: threat('critical', 'T1530 T1562', 'Allowed public buckets in the account', '关闭了账号级阻止公共访问', open),
      DeleteBucketPublicAccessBlock: threat('critical', 'T1530 T1562', 'Allowed a bucket to be public', '关闭了存储桶的阻止公共访问', open),
      PutObjectAcl: often(threat('critical', 'T1530 T1562', 'Changed who may read objects', '修改了对象的访问权限', open)),
      PutBucketReplication: threat(
        'high',
        'T1537 T1530',
        'Set a bucket to copy itself elsewhere',
        '设置了存储桶的数据复制',
        byHand(
          'OSS console > the bucket > Replication: note the target, then end the rule. What was copied stays there.',
          'OSS 控制台 > 存储桶 > 数据复制：先记录目标，再停止该规则。已复制的数据无法收回。',
        ),
      ),
      GetObject: often(
        threat(
          'medium',
          'T1530',
          'Read objects',
          '读取了对象',
          byHand(
            'What was read can not be called back. Save the access log of the bucket, list what was read, and tell the owner of the data.',
            '已读取的数据无法收回。保存存储桶访问日志，列出被读取的对象，并通知数据负责人。',
          ),
        ),
      ),
      ...looks('T1619', { ListBuckets: ['Listed the buckets', '列出了存储桶'], GetBucketAcl: ['Read who may read a bucket', '读取了存储桶的权限'] }),
      PutBucketLogging: threat('high', 'T1562.008', 'Changed the access log of a bucket', '修改了存储桶的访问日志', bucketLog),
      DeleteBucketLogging: threat('high', 'T1562.008', 'Switched the access log of a bucket off', '关闭了存储桶的访问日志', bucketLog),
      DeleteBucket: threat('critical', 'T1485', 'Deleted a bucket', '删除了存储桶', deleted),
      DeleteMultipleObjects: often(threat('critical', 'T1485', 'Deleted objects in bulk', '批量删除了对象', deleted)),
      DeleteObject: often(threat('critical', 'T1485', 'Deleted objects', '删除了对象', deleted)),
      PutBucketLifecycle: threat(
        'critical',
        'T1485 T1486',
        'Set a bucket to delete its objects',
        '设置了存储桶的自动删除规则',
        byHand(
          'Now, before it runs: OSS console > the bucket > Lifecycle: note the rule and delete it.',
          '请立即处理，赶在规则执行之前：OSS 控制台 > 存储桶 > 生命周期，先记录再删除该规则。',
        ),
      ),
      PutBucketEncryption: threat(
        'critical',
        'T1486',
        'Changed the encryption of a bucket',
        '修改了存储桶的加密方式',
        byHand(
          'OSS console > the bucket > Server-side Encryption: note the key, put the old one back. Objects written since need the new key: do not delete it.',
          'OSS 控制台 > 存储桶 > 服务端加密：先记录密钥，再恢复原设置。期间写入的对象需要新密钥才能读取：不要删除它。',
        ),
      ),
    },
  ],
  [
    ['Kms'],
    {
      ScheduleKeyDeletion: threat(
        'critical',
        'T1485 T1486',
        'Scheduled an encryption key for deletion',
        '计划删除加密密钥',
        byHand(
          'Now, while it waits: KMS console > Keys > the key: cancel the deletion, then enable it. After its day nothing it encrypted can be read again.',
          '请趁等待期内处理：KMS 控制台 > 密钥 > 选择密钥，取消删除并启用。到期后其加密的数据永远无法读取。',
        ),
      ),
      DisableKey: threat(
        'critical',
        'T1485 T1486',
        'Disabled an encryption key',
        '禁用了加密密钥',
        byHand('KMS console > Keys > the key > Enable. What it encrypts could not be read meanwhile.', 'KMS 控制台 > 密钥 > 选择密钥 > 启用。期间其加密的数据无法读取。'),
      ),
      CreateSecret: threat(
        'critical',
        'T1098',
        'Stored a secret of their own',
        '新建了凭据',
        byHand(
          'KMS console > Secrets: note name and time, never its value. Make sure nothing of yours reads it, then delete it with a waiting time.',
          'KMS 控制台 > 凭据：记录名称和时间，不要记录其值。确认业务没有读取它，再设置等待期删除。',
        ),
      ),
      GetSecretValue: often(threat('critical', 'T1555.006', 'Read stored secrets', '读取了凭据', secret)),
      PutSecretValue: threat('critical', 'T1555.006', 'Replaced a stored secret', '替换了凭据的值', secret),
    },
  ],
  [
    ['Rds'],
    {
      CreateAccount: threat('high', 'T1098 T1530', 'Made a database account', '新建了数据库账号', database),
      ResetAccountPassword: threat('high', 'T1098 T1530', 'Reset the password of a database account', '重置了数据库账号密码', database),
      ModifySecurityIps: threat('high', 'T1098 T1530', 'Changed which addresses reach a database', '修改了数据库白名单', database),
      AllocateInstancePublicConnection: threat('high', 'T1098 T1530', 'Gave a database a public address', '为数据库开通了公网地址', database),
      CreateBackup: threat(
        'high',
        'T1530',
        'Made a backup of a database',
        '创建了数据库备份',
        byHand(
          'RDS console > the instance > Backups: see whether it was downloaded or shared. Keep it as evidence; treat the data as read if it was.',
          'RDS 控制台 > 实例 > 备份恢复：查看是否被下载或共享。保留作为证据；若被下载，数据应视为已泄露。',
        ),
      ),
      ...looks('T1530', { DescribeBackups: ['Listed backups of a database', '列出了数据库备份'] }),
    },
  ],
  [
    ['Dms'],
    {
      CreateDataExportOrder: threat('high', 'T1530', 'Asked for an export of a database', '提交了数据导出工单', exported),
      ExecuteScript: threat('high', 'T1530', 'Ran statements on a database', '在数据库上执行了脚本', exported),
    },
  ],
];
