// How the report itself can be checked: head, key, witness lines, what happened to the file, and what none of it proves. Pure.
import { canonical } from '../casefile/canonical.ts';
import { lineHash } from '../casefile/line.ts';
import { fingerprint } from '../casefile/signing.ts';
import { parseWitness, renderWitness } from '../casefile/witness.ts';
import type { Entry } from '../casefile/entry.ts';
import type { Text } from '../text.ts';
import type { Reading } from './read.ts';
import type { Integrity, Interruption } from './shape.ts';
import { say } from './values.ts';

/** `witness` is the store's line over the whole trail as the report found it. */
export function integrityOf(reading: Reading, witness: string): Integrity {
  const { opened, entries, last } = reading;
  const { bytes, sha256 } = parseWitness(witness);
  return {
    entries: entries.length,
    head: lineHash(Buffer.from(canonical(last))),
    fingerprint: fingerprint(opened.key),
    runbookSha256: opened.runbookSha256,
    witnesses: entries.flatMap((entry) =>
      entry.type === 'witness.given'
        ? [{ seq: entry.seq, at: entry.at, why: entry.why, line: renderWitness(opened.case, entry.bytes, entry.sha256), bytes: entry.bytes, sha256: entry.sha256 }]
        : [],
    ),
    closing: { line: renderWitness(opened.case, bytes, sha256), bytes, sha256 },
    interruptions: entries.flatMap(interruption),
    notProven: notProven(reading),
  };
}

function interruption(entry: Entry): readonly Interruption[] {
  const row = (what: Interruption['what'], by: string, note: string): readonly Interruption[] => [{ seq: entry.seq, at: entry.at, what, by, note }];
  switch (entry.type) {
    case 'case.paused':
      return row('paused', entry.by, entry.why);
    case 'case.resumed':
      return row('resumed', entry.by, `${entry.via}, ${entry.host} ${entry.pid}`);
    case 'recovered':
      return row('recovered', '', `${entry.bytes} bytes, ${entry.sha256}`);
    case 'lock.taken-over':
      return row('taken-over', entry.by, entry.reason);
    case 'key.added':
      return row('key-added', entry.by, fingerprint(entry.key));
    case 'key.adopted':
      return row('key-adopted', entry.by, `${fingerprint(entry.key)} ${entry.reason}`);
    case 'clock.moved':
      return row('clock-moved', '', `${entry.from} → ${entry.to} ${entry.why}`);
    default:
      return [];
  }
}

function notProven(reading: Reading): readonly Text[] {
  const newest = reading.entries.findLast((entry) => entry.type === 'witness.given');
  return [
    say('Whose key signed: compare the fingerprint with the one shown when the case was opened.', '签名密钥属于谁：请与开案时显示的指纹核对。'),
    say('That the holder of the key rewrote nothing, unless someone else kept a witness line from before.', '密钥持有人没有改写过记录，除非另有他人保存了更早的见证行。'),
    ...(newest
      ? [
          say(
            `Anything after entry ${newest.seq} against the holder of the key, unless the closing line below was kept elsewhere.`,
            `第 ${newest.seq} 条之后未被密钥持有人改写，除非下面的结束见证行另有保存。`,
          ),
        ]
      : []),
    say('That names given with --as are the people they claim to be.', '用 --as 给出的姓名确为本人。'),
    say('That the clock of this machine was right, or that what the cloud answered was true.', '本机时钟准确，或云端的回答属实。'),
    say(
      'That nothing else happened: the log of the cloud arrives up to 10 minutes late, and holds no data events.',
      '没有发生其他事情：云端日志最多延迟 10 分钟，且不含数据事件。',
    ),
    ...(reading.opened.origin === 'exercise' ? [say('Anything about a real account: this was an exercise.', '与任何真实账号有关的内容：这是一次演练。')] : []),
  ];
}
