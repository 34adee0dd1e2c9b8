// The page for Alibaba Cloud's support: a ticket to send, request ids, and what to ask back for each machine. Pure; model in, blocks out.
import { shortCall } from './actions.ts';
import { cell, clock, code, heading, paragraph, reader, speaker, strong, table, when, type Block, type Inline, type Style } from './layout.ts';
import type { MachineRow } from './rows.ts';
import type { ReportModel } from './shape.ts';
import { say, some } from './values.ts';

export function forSupport(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const theirs = model.machines.filter(({ held }) => !held);
  const ids = [
    ...model.findings.flatMap(({ at, eventName, region, requestId }) =>
      requestId === undefined ? [] : [[when(at), t(say(strong('theirs'), strong('对方'))), cell(eventName ?? ''), cell(region ?? ''), cell(requestId)]],
    ),
    ...model.actions.flatMap(({ at, product, action, params, region, requestId }) =>
      requestId === undefined ? [] : [[when(at), t(say('ours', '我方')), cell(shortCall({ product, action, params })), cell(region), cell(requestId)]],
    ),
  ];
  return [
    reader(style, t(say('For Alibaba Cloud support', '致阿里云支持'))),
    heading(style, 3, t(say('Ticket', '工单'))),
    code(ticket(model, theirs, style)),
    heading(style, 3, t(say('Refund: machines they started', '退费：对方启动的实例'))),
    table(
      [
        say('Instance', '实例'),
        say('Region', '地域'),
        say('Type', '规格'),
        say('Made', '创建'),
        say('Stopped', '停止'),
        say('CNY/h', '元/小时'),
        say('CNY, estimated', '估算金额（元）'),
      ].map(t),
      theirs.map((machine) => refund(machine, style)),
      t(say('None is on record.', '没有记录。')),
    ),
    paragraph(
      t(say('List prices; disks, addresses and traffic are not counted. A price nobody could read is unknown.', '按目录价；不含磁盘、公网 IP 与流量。未能读取的价格为未知。')),
    ),
    heading(style, 3, t(say('Request ids', '请求 ID'))),
    table([say('When', '时间'), say('Whose', '来源'), say('Call', '调用'), say('Region', '地域'), say('Request id', '请求 ID')].map(t), ids, t(say('None.', '无。'))),
  ];
}

function refund({ id, region, type, created, stoppedAt, cnyPerHour, spent }: MachineRow, style: Style): readonly Inline[] {
  const unknown = speaker(style)(say('unknown', '未知'));
  const number = (value: number | null | undefined): string => (typeof value === 'number' ? String(value) : unknown);
  return [cell(id), cell(region), cell(type ?? ''), when(created), stoppedAt === undefined ? unknown : when(stoppedAt), number(cnyPerHour), number(spent)];
}

/** To be pasted into a ticket: facts first, then what is asked for. */
function ticket({ header, scope, decision, integrity }: ReportModel, theirs: readonly MachineRow[], style: Style): readonly string[] {
  const t = speaker(style);
  const regions = some(scope.regionsTouched) || t(say('not known', '未知'));
  const spent = decision.cost.spent;
  const about = spent === undefined || spent === null ? t(say('unknown', '未知')) : String(spent);
  const keys = some(scope.keys.map(({ id }) => id));
  const { cut: off, notCut } = decision.containment;
  const cut = [
    off.length === 0 ? t(say('No key was cut.', '尚未切断任何密钥。')) : t(say(`Cut: ${some(off)}.`, `已切断：${some(off)}。`)),
    ...(notCut.length === 0 ? [] : [t(say(`NOT cut: ${some(notCut)}.`, `未切断：${some(notCut)}。`))]),
  ].join(' ');
  return [
    ...(style.exercise ? ['EXERCISE'] : []),
    t(
      say(
        `Subject: leaked AccessKey in account ${scope.account ?? '?'}, machines started without our consent`,
        `主题：账号 ${scope.account ?? '?'} 的 AccessKey 泄露，有未经授权启动的实例`,
      ),
    ),
    '',
    t(
      say(
        `AccessKeys: ${keys}. First harm on record: ${clock(decision.since?.at) || 'not known'}. Regions: ${regions}.`,
        `AccessKey：${keys}。首次危害：${clock(decision.since?.at) || '未知'}。地域：${regions}。`,
      ),
    ),
    cut,
    t(
      say(
        `Machines started with them: ${theirs.length}, about ${about} CNY by list price. Ids, times and prices follow.`,
        `由其启动的实例：${theirs.length} 台，按目录价约 ${about} 元。ID、时间与价格如下。`,
      ),
    ),
    t(say('We ask you to:', '请求：')),
    t(say('1. confirm that no other resources were made by these keys and users, in any region and product;', '1. 确认这些密钥和用户在任何地域、任何产品中没有创建其他资源；')),
    t(say('2. keep the logs of the account from before the first harm, data events among them;', '2. 保留首次危害之前起的账号日志，包括数据事件；')),
    t(say('3. review the charges of the machines below for a refund;', '3. 审核以下实例的费用并予以退还；')),
    t(say('4. lift security locks only after asking us.', '4. 解除安全锁定前请先与我们确认。')),
    t(say(`Our reference: ${header.case}, ${integrity.closing.line}`, `我方编号：${header.case}，${integrity.closing.line}`)),
  ];
}
