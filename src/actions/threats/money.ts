// What events of orders, messages and quotas mean and what answers them. Pure data.
import type { Subject } from './threat.ts';
import { act, byHand, keyAtWork, looks, often, threat } from './threat.ts';

const cutTheKey = act('ram.disableAccessKeys', keyAtWork);
const order = byHand(
  'Expenses console > Orders: note order, product and price. Cancel what is unpaid, switch auto-renewal off, ask support for a refund of the rest.',
  '费用与成本控制台 > 订单管理：先记录订单、产品和价格。取消未支付订单，关闭自动续费，其余向售后申请退款。',
);
const sender = byHand(
  'Short Message Service console: note it, then delete it and lower the daily limits. Keys that may send must be cut too.',
  '短信服务控制台：先记录再删除，并调低每日发送上限。可发送短信的密钥也要禁用。',
);

export const money: Subject = [
  [
    ['Dysmsapi'],
    {
      SendSms: often(threat('high', 'T1496.003', 'Sent text messages', '发送了短信', cutTheKey)),
      SendBatchSms: often(threat('high', 'T1496.003', 'Sent text messages in bulk', '批量发送了短信', cutTheKey)),
      AddSmsSign: threat('high', 'T1496.003', 'Added a signature for text messages', '新增了短信签名', sender),
      AddSmsTemplate: threat('high', 'T1496.003', 'Added a template for text messages', '新增了短信模板', sender),
    },
  ],
  [
    ['BssOpenApi'],
    {
      CreateInstance: threat('high', 'T1496 T1657', 'Bought a subscription: {ProductCode}', '购买了 {ProductCode} 包年包月资源', order),
      PayOrder: threat('high', 'T1496 T1657', 'Paid an order', '支付了订单', order),
      RefundInstance: threat(
        'high',
        'T1657',
        'Gave a subscription back for money',
        '退订了资源',
        byHand(
          'What was given back is gone. Expenses console > Refunds: note where the money went; ask support to stop it. Buy again what you need.',
          '退订的资源已释放。费用与成本控制台 > 退订记录：记录退款去向，联系售后拦截。需要的资源请重新购买。',
        ),
      ),
      CreateResellerUserQuota: threat(
        'high',
        'T1496 T1657',
        'Gave a customer a credit limit',
        '为客户设置了信用额度',
        byHand('Partner console: note customer and amount, then take the limit back.', '合作伙伴控制台：先记录客户和额度，再收回额度。'),
      ),
      ...looks('T1580', { QueryAccountBalance: ['Read the balance of the account', '查询了账户余额'] }),
    },
  ],
  [
    ['quotas'],
    {
      CreateQuotaApplication: threat(
        'medium',
        'T1578.005 T1496.001',
        'Asked for a higher limit',
        '申请提高配额',
        byHand(
          'Quota Center console > Applications: withdraw it if it still waits. Granted? Ask support to put the old limit back: machines follow.',
          '配额中心控制台 > 申请记录：未审批则撤回。已通过请联系售后恢复：随后往往是批量开机。',
        ),
      ),
    },
  ],
];
