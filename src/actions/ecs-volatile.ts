// What is lost when an instance stops: read once, sealed verbatim for that instance. Interprets nothing of it.
import { z } from 'zod';
import type { Text } from '../text.ts';
import type { Call, Refused, Slice } from './define.ts';
import { defineCollector } from './define.ts';
import type { Pages } from './ecs.ts';
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
  readPages,
} from './ecs.ts';
import { textAt, why } from './wire.ts';

const kind = 'volatile';

/** `sensitive`: the attacked system speaks here; kept verbatim, never shown. */
type Part = { readonly name: Text; readonly sensitive: boolean; call(region: string, id: string, token: string): Call };

const description: Part = { name: { en: 'description', zh: '实例信息' }, sensitive: false, call: describeInstance };
const others: readonly Part[] = [
  { name: { en: 'user data', zh: '自定义数据' }, sensitive: true, call: describeUserData },
  { name: { en: 'console output', zh: '系统日志' }, sensitive: true, call: getInstanceConsoleOutput },
  { name: { en: 'screenshot', zh: '屏幕截图' }, sensitive: true, call: getInstanceScreenshot },
  { name: { en: 'network interfaces', zh: '弹性网卡' }, sensitive: false, call: describeNetworkInterfaces },
  { name: { en: 'disks', zh: '磁盘' }, sensitive: false, call: describeDisks },
  { name: { en: 'commands run on it', zh: '云助手命令记录' }, sensitive: true, call: describeInvocations },
];

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
    const ask = async ({ name, sensitive, call }: Part): Promise<{ readonly name: Text; readonly pages: Pages | Refused }> => ({
      name,
      pages: await readPages(reader, (token) => call(region, id, token), { kind, target: id, ...(sensitive ? { sensitive } : {}) }),
    });
    const [described, ...replies] = await Promise.all([ask(description), ...others.map(ask)]);
    if ('refusal' in described.pages) return { outcome: 'none', refused: described.pages };
    const now = described.pages.bodies.some((body) => instancesIn(body).length > 0) ? undefined : await readInstance(reader, region, id);
    const isGone = now !== undefined && 'refusal' in now && now.refusal === 'gone';
    if (now !== undefined && 'refusal' in now && !isGone) return { outcome: 'none', refused: now };
    const refused = replies.flatMap(({ name, pages }) => ('refusal' in pages ? [{ name, why: pages }] : []));
    const lost = refused.find((part) => !isAnswer(part.why) && part.why.refusal !== 'gone');
    const facts = { gone: isGone, notGiven: refused.map((part) => ({ en: `No ${part.name.en}: ${why(part.why).en}.`, zh: `没有${part.name.zh}：${why(part.why).zh}。` })) };
    if (lost === undefined) return { outcome: 'all', facts };
    return { outcome: 'some', facts, refused: { ...lost.why, message: `${lost.name.en}: ${lost.why.message}` } };
  },
});

/** The API has nothing to give for this instance or its state: its error is the evidence. */
function isAnswer({ refusal }: Refused): boolean {
  return refusal === 'invalid' || refusal === 'locked';
}
