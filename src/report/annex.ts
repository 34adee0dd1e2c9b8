// The annexes: how to check all of this without us, and the evidence inventory. Pure; model in, blocks out.
import { annex, cell, code, heading, line, list, mono, paragraph, speaker, strong, table, when, words, type Block, type Style } from './layout.ts';
import type { ReportModel } from './shape.ts';
import { say } from './values.ts';

const sixLines = [
  'import hashlib,json',
  "p='0'*64;n=0",
  "for l in open('trail.jsonl','rb'):",
  " l=l[:-1]; o=json.loads(l); assert o['prev']==p and o['seq']==n,n; p=hashlib.sha256(l).hexdigest(); n+=1",
  "print(n,'entries, head',p)",
];

/** How to check this report with nothing of ours, then with ours, and what neither proves. */
export function integrity({ integrity: found, header }: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const rows = found.witnesses.map(({ at, why, bytes, sha256, seq }) => [when(at), cell(why), `bytes=${bytes} sha256=${sha256}`, `#${seq}`]);
  const breaks = found.interruptions
    .filter(({ what }) => what !== 'clock-moved')
    .map(({ at, what, by, note, seq }) => [when(at), cell(what), cell(note, 200), cell(by), `#${seq}`]);
  const moves = found.interruptions.filter(({ what }) => what === 'clock-moved').length;
  const printed = mono(`${found.entries} entries, head ${found.head}`);
  return [
    annex(style, t(say('Integrity: check it yourself', '完整性：自行验证'))),
    table(
      [t(say('What', '项目')), t(say('Value', '内容'))],
      [
        [t(say('Entries', '条目数')), String(found.entries)],
        [t(say('Head', '末行 SHA-256')), found.head],
        [t(say('Key fingerprint', '密钥指纹')), found.fingerprint],
        [t(say('Closing witness', '结束见证行')), cell(found.closing.line)],
        [t(say('Runbook', '手册')), line`${cell(header.runbook.id)} ${header.runbook.version ?? ''} ${found.runbookSha256}`],
        [t(say('Made with', '工具')), line`firebreak ${cell(header.version)}, ${cell(header.endpoint)}, ${header.origin}, ${header.mode}`],
        ...(moves > 0 ? [[t(say('Clock moved by the drill', '演练时钟跳转')), String(moves)]] : []),
      ],
      '',
    ),
    paragraph(t(say('In the folder of the case, with nothing of ours:', '在案件目录中执行，不需要我们的任何程序：'))),
    code([`head -c ${found.closing.bytes} trail.jsonl | sha256sum    # ${found.closing.sha256}`, "python3 - <<'EOF'", ...sixLines, 'EOF']),
    paragraph(
      t(
        say(
          line`It prints ${printed}. Each file in ${mono('objects/')} is named by its own ${mono('sha256sum')}. Signatures too, with ours:`,
          line`应输出 ${printed}。${mono('objects/')} 中每个文件的名称即其 ${mono('sha256sum')}。连同签名一起验证：`,
        ),
      ),
    ),
    code([`firebreak verify ${header.case} --witness '${found.closing.line}' --key '${found.fingerprint}'${header.state === 'open' ? ' --open' : ''}`]),
    heading(style, 3, t(say('Witness lines given', '已给出的见证行'))),
    table([say('When', '时间'), say('Why', '原因'), say('Line', '见证行'), say('Entry', '条目')].map(t), rows, t(say('None.', '无。'))),
    heading(style, 3, t(say('Pauses, take-overs, repairs', '暂停、接管与修复'))),
    table([say('When', '时间'), say('What', '事件'), say('Note', '说明'), say('By', '操作者'), say('Entry', '条目')].map(t), breaks, t(say('None.', '无。'))),
    heading(style, 3, t(say('What this does not prove', '以上不能证明'))),
    list(
      found.notProven.map((text) => words(style, text)),
      '',
    ),
  ];
}

/** Every artefact, one a row: long, and last. */
export function inventory(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const rows = model.evidence.map(({ exhibit, seq, kind, api, region, requestId, bytes, sha256, target, redactions, sensitive, endedAt, by }) => [
    `E${exhibit}`,
    `#${seq}`,
    line`${cell(kind)}${sensitive ? line` ${strong(t(say('sensitive', '敏感')))}` : ''}`,
    cell(api),
    cell(region),
    cell(target ?? '', 80),
    cell(requestId),
    String(bytes),
    cell(sha256),
    cell(redactions.join(', ')),
    line`${when(endedAt)} ${cell(by)}`,
  ]);
  const heads = [
    say('Exhibit', '编号'),
    say('Entry', '条目'),
    say('Kind', '类型'),
    say('Source', '来源'),
    say('Region', '地域'),
    say('Target', '目标'),
    say('Request id', '请求 ID'),
    say('Bytes', '字节'),
    say('SHA-256', 'SHA-256'),
    say('Replaced in it', '已替换字段'),
    say('Taken', '采集'),
  ];
  return [annex(style, t(say('Evidence inventory', '证据清单'))), table(heads.map(t), rows, t(say('Nothing was sealed.', '没有封存任何证据。')))];
}

/** What a label stands for can be checked by who has the salt and the value, and found out by nobody else. */
export function labels({ edition }: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  if (edition === undefined) return [];
  const rows = edition.labels.map(({ label, sha256 }) => [cell(label), cell(sha256)]);
  const how =
    edition.salt === undefined
      ? say(
          line`Each label stands for one value, in every edition of this case. ${mono('SHA-256(salt + value)')} was fixed when this was made; the salt is in the full edition alone.`,
          line`每个标签代表一个值，在本案各版本中一致。${mono('SHA-256(salt + value)')} 在生成时已确定；盐值仅在完整版中。`,
        )
      : say(
          line`What the redacted edition shows instead of each value. Salt: ${mono(edition.salt)}. To check one: ${mono('printf %s "SALT""VALUE" | sha256sum')}. Do not give the salt away: with it, values can be guessed.`,
          line`脱敏版以这些标签代替各个值。盐值：${mono(edition.salt)}。核对方法：${mono('printf %s "SALT""VALUE" | sha256sum')}。请勿泄露盐值，否则可以猜出原值。`,
        );
  return [
    annex(style, t(say('Labels of the redacted edition', '脱敏版标签对照'))),
    paragraph(t(how)),
    table([t(say('Label', '标签')), 'SHA-256'], rows, t(say('Nothing had to be replaced.', '没有需要替换的内容。'))),
  ];
}
