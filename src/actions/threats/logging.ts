// What events against logs, detection and messages mean and what answers them. Pure data.
import type { Subject } from './threat.ts';
import { act, byHand, given, threat } from './threat.ts';

const rebuild = byHand(
  'Make it again with all events of all regions, into a bucket or log store they can not reach, then start it. The 90-day event history still has what happened.',
  '重新创建跟踪：全部地域、全部事件，投递到对方无法访问的存储，然后启动。期间的事件仍可在 90 天事件历史中查到。',
  ['actiontrail', 'CreateTrail', { Name: '{Name}', OssBucketName: 'BUCKET', EventRW: 'All', TrailRegion: 'All' }],
);
const storeGone = byHand(
  'Nothing brings it back. Log Service console: make it again with a long retention, then point the trail at it. Take the gap from the 90-day event history now.',
  '已无法恢复。日志服务控制台：重新创建并设置较长的保存时间，再让跟踪投递到它。请立即从 90 天事件历史中补取缺口。',
);
const alert = byHand(
  'Log Service console > Alerts: put the alert back and switch it on. See what it would have said since.',
  '日志服务控制台 > 告警：恢复并启用告警。查看这段时间它本应报出的内容。',
);
const recorder = byHand(
  'Cloud Config console: start the recorder or the rules again. Changes in between are not on record there.',
  '配置审计控制台：重新启动监控或规则。期间的变更在那里没有记录。',
);
const hidden = byHand(
  'Security Center console > Alerts, handled ones too: save what they marked as handled, put it back to unhandled. Look at each as if new.',
  '云安全中心控制台 > 安全告警（含已处理）：保存被标记为已处理的告警并恢复为未处理，逐条重新查看。',
);
const agent = byHand(
  'Security Center console > Assets: install the agent again on these machines. Nothing was seen on them meanwhile: treat them as unwatched.',
  '云安全中心控制台 > 资产中心：在这些实例上重新安装客户端。期间它们不受监控。',
);
const messages = byHand(
  'Message Center > Settings, as root: put back who gets security and billing messages, by e-mail too. Ask Alibaba Cloud support for messages that were deleted.',
  '消息中心 > 消息接收管理（主账号）：恢复安全和费用消息的接收人，包括邮件。已删除的消息可向阿里云售后索取。',
);

export const logging: Subject = [
  [
    ['Actiontrail'],
    {
      StopLogging: threat('critical', 'T1562.008', 'Stopped the trail {Name}', '停止了操作审计跟踪 {Name}', act('actiontrail.startLogging', given('Name'))),
      DeleteTrail: threat('critical', 'T1562.008', 'Deleted the trail {Name}', '删除了操作审计跟踪 {Name}', rebuild),
      UpdateTrail: threat(
        'critical',
        'T1562.008',
        'Changed the trail {Name}',
        '修改了操作审计跟踪 {Name}',
        byHand(
          'Save how it is set now. Set events and regions back to all, and the target to yours. Without EventRW it would fall back to writes only.',
          '先保存当前设置，再把事件和地域恢复为全部、目标恢复为您的存储。不带 EventRW 会变成只记录写事件。',
          ['actiontrail', 'UpdateTrail', { Name: '{Name}', EventRW: 'All', TrailRegion: 'All' }],
        ),
      ),
      DeleteDataEventSelector: threat(
        'critical',
        'T1562.008',
        'Switched the record of data events off',
        '关闭了数据事件记录',
        byHand(
          'See which selectors are left, then add the missing one in the ActionTrail console. Data read meanwhile is not on record.',
          '查看剩余的数据事件选择器，再到操作审计控制台补上。期间的数据读取没有记录。',
          ['actiontrail', 'ListDataEventSelectors'],
        ),
      ),
      UpdateGlobalEventsStorageRegion: threat(
        'critical',
        'T1562.008',
        'Moved global events to another region',
        '更改了全局事件的存储地域',
        byHand(
          'Put the region back. Until then look for RAM and sign-in events in both: cn-hangzhou and ap-southeast-1.',
          '恢复存储地域。在此之前，RAM 和登录事件要同时查询 cn-hangzhou 和 ap-southeast-1。',
          ['actiontrail', 'UpdateGlobalEventsStorageRegion', { StorageRegion: 'OLD_REGION' }],
        ),
      ),
      DisableInsight: threat(
        'critical',
        'T1562.008',
        'Switched the detection of unusual events off',
        '关闭了异常事件检测',
        byHand('ActionTrail console > Insights: enable it again.', '操作审计控制台 > Insight 事件：重新开启。'),
      ),
    },
  ],
  [
    ['Sls'],
    {
      DeleteLogStore: threat('critical', 'T1562.008 T1070', 'Deleted a log store', '删除了日志库', storeGone),
      DeleteProject: threat('critical', 'T1562.008 T1070', 'Deleted a log project', '删除了日志项目', storeGone),
      UpdateLogStore: threat(
        'critical',
        'T1562.008 T1070',
        'Changed how long logs are kept',
        '修改了日志库的保存设置',
        byHand(
          'Log Service console > the log store > Attributes: set the retention back now. What is older than the short one is being deleted.',
          '日志服务控制台 > 日志库 > 属性：立即恢复保存时间。超出缩短期限的日志正在被删除。',
        ),
      ),
      DeleteAlert: threat('critical', 'T1562.008 T1070', 'Deleted an alert', '删除了告警', alert),
      DisableAlert: threat('critical', 'T1562.008 T1070', 'Switched an alert off', '关闭了告警', alert),
    },
  ],
  [
    ['Config'],
    {
      StopConfigurationRecorder: threat('high', 'T1562.008', 'Stopped the record of changes', '停止了配置审计监控', recorder),
      DeleteConfigRules: threat('high', 'T1562.008', 'Deleted rules of Cloud Config', '删除了配置审计规则', recorder),
      StopConfigRules: threat('high', 'T1562.008', 'Stopped rules of Cloud Config', '停用了配置审计规则', recorder),
    },
  ],
  [
    ['Sas'],
    {
      ModifyAccessKeyLeakDeal: threat('critical', 'T1562.001', 'Marked a leaked key as dealt with', '把泄露的密钥标记为已处理', hidden),
      HandleSecurityEvents: threat('critical', 'T1562.001', 'Marked security alerts as handled', '把安全告警标记为已处理', hidden),
      ModifySecurityEventMarkMissIndividually: threat('critical', 'T1562.001', 'Had security alerts ignored from now on', '把安全告警加入了白名单', hidden),
      AddUninstallClientsByUuids: threat('critical', 'T1562.001', 'Removed the security agent from machines', '卸载了实例上的安全客户端', agent),
      UnbindAegis: threat('critical', 'T1562.001', 'Took machines out of Security Center', '把实例移出了云安全中心', agent),
    },
  ],
  [
    ['Notifications'],
    {
      UpdateUserSubscription: threat('critical', 'T1562.006 T1070', 'Changed who gets the messages of Alibaba Cloud', '修改了阿里云消息的接收设置', messages),
      DelMessage: threat('critical', 'T1562.006 T1070', 'Deleted messages of Alibaba Cloud', '删除了阿里云的消息', messages),
    },
  ],
];
