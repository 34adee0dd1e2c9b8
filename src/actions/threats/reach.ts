// What events of networks, functions, clusters and names mean and what answers them: ways in and out that outlive a key. Pure data.
import type { Subject } from './threat.ts';
import { byHand, threat } from './threat.ts';

const address = byHand(
  'VPC console > Elastic IP Addresses: note address and machine, then unassociate it. Never release it: the address is evidence and would be lost.',
  '专有网络控制台 > 弹性公网 IP：先记录地址和实例，再解绑。不要释放：地址是证据，释放后无法找回。',
);
const tunnel = byHand(
  'VPC console, the region of the event: note the far end and the routes, then delete what they made. Traffic that used it stops.',
  '专有网络控制台，事件所在地域：先记录对端和路由，再删除对方创建的连接。经过它的流量会中断。',
);
const code = byHand(
  'Function Compute console: download the code and note its role and triggers. Then delete the trigger first, the function after it.',
  '函数计算控制台：下载代码并记录其角色和触发器，再先删触发器、后删函数。',
);
const cluster = byHand(
  'Container Service console: note users and workloads. Revoke the kubeconfig of the user, then the role it used. Who works with it must fetch a new one.',
  '容器服务控制台：先记录用户和工作负载，再吊销该用户的 kubeconfig 及其所用角色。使用者需重新获取。',
);
const names = byHand(
  'Cloud DNS console > the zone > operation log: note record and value, then put the old value back. Answers stay in caches until the TTL has passed.',
  '云解析 DNS 控制台 > 域名 > 操作日志：先记录解析值，再恢复原值。TTL 到期前缓存仍会返回旧结果。',
);

export const reach: Subject = [
  [
    ['Vpc'],
    {
      AllocateEipAddress: threat('medium', 'T1133', 'Took a public address', '申请了公网 IP', address),
      AssociateEipAddress: threat('medium', 'T1133', 'Bound a public address to {InstanceId}', '为 {InstanceId} 绑定了公网 IP', address),
      CreateVpnConnection: threat('medium', 'T1133', 'Made a VPN connection', '新建了 VPN 连接', tunnel),
      CreateForwardEntry: threat('medium', 'T1133', 'Opened a machine to the internet through NAT', '通过 NAT 把实例端口暴露到公网', tunnel),
      CreateSnatEntry: threat('medium', 'T1133', 'Gave machines a way out through NAT', '通过 NAT 为实例开通了公网出口', tunnel),
      CreateVpcPeerConnection: threat('medium', 'T1133', 'Connected a network with another one', '新建了 VPC 对等连接', tunnel),
      DeleteFlowLog: threat(
        'medium',
        'T1562.008',
        'Deleted a flow log',
        '删除了流日志',
        byHand(
          'VPC console > Flow Logs: make it again, into a log store they can not reach. Traffic in between is not on record.',
          '专有网络控制台 > 流日志：重新创建，投递到对方无法访问的日志库。期间的流量没有记录。',
        ),
      ),
    },
  ],
  [
    ['FC', 'FC-Open'],
    {
      CreateFunction: threat('high', 'T1546 T1648', 'Made a function', '新建了函数', code),
      UpdateFunction: threat('high', 'T1546 T1648', 'Changed a function', '修改了函数', code),
      CreateTrigger: threat('high', 'T1546 T1648', 'Made a trigger for a function', '为函数新建了触发器', code),
    },
  ],
  [
    ['Cs'],
    {
      CreateCluster: threat('high', 'T1613 T1552.007', 'Made a Kubernetes cluster', '新建了 Kubernetes 集群', cluster),
      DescribeClusterUserKubeconfig: threat('high', 'T1613 T1552.007', 'Fetched the credential of a Kubernetes cluster', '获取了 Kubernetes 集群的凭证', cluster),
    },
  ],
  [
    ['Alidns'],
    {
      AddDomainRecord: threat('high', 'T1584.002 T1565.001', 'Added a DNS record', '新增了解析记录', names),
      UpdateDomainRecord: threat('high', 'T1584.002 T1565.001', 'Changed a DNS record', '修改了解析记录', names),
      DeleteDomainRecord: threat('high', 'T1584.002 T1565.001', 'Deleted a DNS record', '删除了解析记录', names),
    },
  ],
];
