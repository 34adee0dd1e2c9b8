// firebreak events: every event of one principal, from the logs sealed in a case. Reads only; says what it did not look at (law 7).
import { createHash } from 'node:crypto';
import type { CloudEvent } from '../actions/event.ts';
import { eventsIn, scannerFor } from '../actions/scan.ts';
import type { Entry } from '../casefile/entry.ts';
import { exits, Fault } from '../errors.ts';
import { escapeTerminal, type Json, type JsonObject } from '../text.ts';
import type { Command } from './command.ts';
import type { Shell } from './shell.ts';

type Exhibit = Extract<Entry, { type: 'evidence.sealed' }>;
type Row = { readonly event: CloudEvent; readonly entry: number };
/** What of the case's logs was not told, and why. */
type Gap = { readonly entry: number; readonly sha256: string; readonly why: 'missing' | 'altered' | 'compressed' | 'not-read' };

/** A document over many lines is read whole up to this size. */
const mostWholeBytes = 64 * 1024 * 1024;

export const events: Command = {
  name: 'events',
  usage: 'events CASE --by ID',
  summary: { en: "list every event of one key, user or session in the case's sealed logs", zh: '列出案件已封存日志中某个密钥、用户或会话的全部事件' },
  examples: ['firebreak events INC-20260314-4f2a --by LTAI5tEXAMPLEci00001', 'firebreak events INC-20260314-4f2a --by ci-deploy --json'],
  flags: { by: 'text' },
  words: [1, 1],
  async run(shell, args) {
    const by = args.text('by')?.trim();
    if (by === undefined || by === '')
      throw new Fault('E_USAGE', '--by is missing: a key, a user, a role session or a principal id.', { hint: `Usage: firebreak ${events.usage}` });
    const store = await shell.readCase(args.words[0] as string);
    const logs = logsOf(store.entries());
    const rows = new Map<string, Row>();
    const gaps: Gap[] = [];
    let bytes = 0;
    for (const log of logs) {
      const read = await readLog(shell, `${store.dir}/objects/${log.sha256}`, log, by);
      bytes += log.bytes;
      if (read.gap !== undefined) gaps.push({ entry: log.seq, sha256: log.sha256, why: read.gap });
      for (const event of read.events) if (!rows.has(event.id)) rows.set(event.id, { event, entry: log.seq });
    }
    const found = [...rows.values()].toSorted((a, b) => (a.event.at < b.event.at ? -1 : a.event.at > b.event.at ? 1 : a.entry - b.entry));
    tell(shell, { id: store.id, by, found, logs: logs.length, bytes, gaps });
    return gaps.length > 0 ? exits.findings : exits.ok;
  },
};

/** Pages of the event history, and what people attached, each object once. */
function logsOf(entries: readonly Entry[]): readonly Exhibit[] {
  const logs = entries.filter((entry) => entry.type === 'evidence.sealed' && (entry.kind === 'attached' || entry.source['action'] === 'LookupEvents')) as readonly Exhibit[];
  return [...new Map(logs.map((log) => [log.sha256, log])).values()];
}

/** `gap`: why not all of it was read, if it was not. */
type Read = { readonly events: readonly CloudEvent[]; readonly gap?: Gap['why'] };

/** The events in one object. What no longer has its hash is evidence of nothing. */
async function readLog(shell: Shell, path: string, { sha256 }: Exhibit, by: string): Promise<Read> {
  const scanner = scannerFor(by);
  const hash = createHash('sha256');
  const found: CloudEvent[] = [];
  const head: number[] = [];
  try {
    for await (const chunk of shell.stream(path)) {
      if (head.length < 2) head.push(...chunk.subarray(0, 2 - head.length));
      hash.update(chunk);
      found.push(...scanner.push(chunk));
    }
  } catch (cause) {
    if (cause instanceof Fault && cause.code === 'E_INPUT') return { events: [], gap: 'missing' };
    throw cause;
  }
  found.push(...scanner.end());
  if (hash.digest('hex') !== sha256) return { events: [], gap: 'altered' };
  if (isCompressed(head)) return { events: [], gap: 'compressed' };
  if (scanner.unread() === 0) return { events: found };
  const whole = await readWhole(shell, path, by);
  return whole === undefined ? { events: found, gap: 'not-read' } : { events: whole };
}

/** gzip, zip, zstd by their first bytes. */
function isCompressed([first, second]: readonly number[]): boolean {
  return (first === 0x1f && second === 0x8b) || (first === 0x50 && second === 0x4b) || (first === 0x28 && second === 0xb5);
}

/** One document over many lines; undefined for what is none, or too large. */
async function readWhole(shell: Shell, path: string, by: string): Promise<readonly CloudEvent[] | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of shell.stream(path)) {
    size += chunk.length;
    if (size > mostWholeBytes) return undefined;
    chunks.push(Buffer.from(chunk));
  }
  try {
    return eventsIn(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json, by);
  } catch {
    return undefined;
  }
}

type Told = { readonly id: string; readonly by: string; readonly found: readonly Row[]; readonly logs: number; readonly bytes: number; readonly gaps: readonly Gap[] };

function tell(shell: Shell, { id, by, found, logs, bytes, gaps }: Told): void {
  const zh = shell.lang === 'zh';
  const plain = (text: string): string => escapeTerminal(text, { most: 120 });
  if (shell.json) {
    const rows = found.map(({ event, entry }): JsonObject => {
      const { at, service, name, region, source, userAgent, requestId, errorCode, accessKeyId, userName } = event;
      return { entry, id: event.id, at, service, name, region, source, userAgent, requestId, accessKeyId, userName, ...(errorCode === '' ? {} : { errorCode }) };
    });
    shell.out(JSON.stringify({ case: id, by, events: rows, coverage: { logs, bytes, notRead: gaps } }));
    return;
  }
  const why = {
    missing: zh ? '缺失' : 'is missing',
    altered: zh ? '已被改动' : 'was altered',
    compressed: zh ? '为压缩文件，未读取' : 'is compressed, and was not read',
    'not-read': zh ? '未能全部读作日志' : 'could not all be read as a log',
  } as const;
  const rows = found.map(({ event, entry }) => {
    const { at, region, service, name, source, errorCode, requestId } = event;
    return [at, region || '-', `${service}:${name}`, source, errorCode === '' ? (zh ? '成功' : 'ok') : errorCode, requestId, `#${entry}`].map(plain).join('  ');
  });
  const total = zh
    ? `${plain(by)}：${found.length} 个事件，来自 ${logs} 件已封存的日志（${bytes} 字节）`
    : `${plain(by)}: ${found.length} events in ${logs} sealed logs (${bytes} bytes)`;
  const notRead = gaps.map((gap) => `${zh ? '未计入' : 'NOT COUNTED'}: #${gap.entry} ${gap.sha256.slice(0, 12)} ${why[gap.why]}`);
  const empty = zh ? '封存之外的日志不在其中：没有找到不等于没有发生。' : 'Only what is sealed in this case was looked at: nothing found is not nothing done.';
  shell.out([`case: ${id}`, ...rows, total, ...notRead, empty].join('\n'));
}
