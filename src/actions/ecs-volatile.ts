// What is lost when an instance stops: read once, sealed verbatim for that instance. Interprets nothing of it.
import { z } from 'zod';
import type { Text } from '../text.ts';
import type { Call, Reader, Refused, Slice } from './define.ts';
import { defineCollector } from './define.ts';
import {
  describeDisks,
  describeInstance,
  describeInvocations,
  describeNetworkInterfaces,
  describeUserData,
  getInstanceConsoleOutput,
  getInstanceScreenshot,
  instancesIn,
  readInstance,
} from './ecs.ts';
import { textAt, why } from './wire.ts';

const kind = 'volatile';
const mostPages = 10;

/** `sensitive`: the attacked system speaks here; kept verbatim, never shown. */
type Part = { readonly name: Text; readonly sensitive: boolean; call(region: string, id: string): Call };

const parts: readonly Part[] = [
  { name: { en: 'description', zh: '实例信息' }, sensitive: false, call: describeInstance },
  { name: { en: 'user data', zh: '自定义数据' }, sensitive: true, call: describeUserData },
  { name: { en: 'console output', zh: '系统日志' }, sensitive: true, call: getInstanceConsoleOutput },
  { name: { en: 'screenshot', zh: '屏幕截图' }, sensitive: true, call: getInstanceScreenshot },
  { name: { en: 'network interfaces', zh: '弹性网卡' }, sensitive: false, call: describeNetworkInterfaces },
  { name: { en: 'disks', zh: '磁盘' }, sensitive: false, call: describeDisks },
];

const history: Text = { en: 'commands run on it', zh: '云助手命令记录' };

export const volatile = defineCollector({
  summary: { en: 'Keep what an instance loses when it stops', zh: '保全实例停止后会丢失的信息' },
  calls: [
    'ecs:DescribeInstances',
    'ecs:DescribeUserData',
    'ecs:GetInstanceConsoleOutput',
    'ecs:GetInstanceScreenshot',
    'ecs:DescribeInvocations',
    'ecs:DescribeNetworkInterfaces',
    'ecs:DescribeDisks',
  ],
  input: z.object({}),
  gives: [],
  seals: kind,
  async slice(reader, _context, _cursor, target): Promise<Slice> {
    if (target === undefined) return { outcome: 'none' };
    const { id } = target;
    const region = target.region ?? textAt(target.data, 'region');
    const replies = await Promise.all(
      parts.map(async (part) => ({ part: part.name, reply: await reader.read(part.call(region, id), { kind, target: id, ...(part.sensitive ? { sensitive: true } : {}) }) })),
    );
    const commands = await readHistory(reader, region, id);
    const refused = [...replies.flatMap(({ part, reply }) => (reply.ok ? [] : [{ part, reply }])), ...(commands === undefined ? [] : [{ part: history, reply: commands }])];
    const described = replies[0]?.reply;
    const isListed = described?.ok === true && instancesIn(described.body).length > 0;
    const lost = refused.find(({ reply }) => !isAnswer(reply) && reply.refusal !== 'gone');
    if (lost !== undefined) return { outcome: 'none', refused: { ...lost.reply, message: `${lost.part.en}: ${lost.reply.message}` } };
    const now = isListed ? undefined : await readInstance(reader, region, id);
    const isGone = now !== undefined && 'refusal' in now && now.refusal === 'gone';
    if (now !== undefined && 'refusal' in now && !isGone) return { outcome: 'none', refused: now };
    return {
      outcome: 'all',
      facts: {
        gone: isGone,
        notGiven: refused.map(({ part, reply }) => ({ en: `No ${part.en}: ${why(reply).en}.`, zh: `没有${part.zh}：${why(reply).zh}。` })),
      },
    };
  },
});

/** The API has nothing to give for this instance or its state: its error is the evidence. */
function isAnswer({ refusal }: Refused): boolean {
  return refusal === 'invalid' || refusal === 'locked';
}

/** All pages; undefined when complete, else why not. */
async function readHistory(reader: Reader, region: string, id: string): Promise<Refused | undefined> {
  let token = '';
  for (let page = 0; page < mostPages; page += 1) {
    const reply = await reader.read(describeInvocations(region, id, token), { kind, target: id, sensitive: true });
    if (!reply.ok) return reply;
    token = textAt(reply.body, 'NextToken');
    if (token === '') return undefined;
  }
  return undefined;
}
