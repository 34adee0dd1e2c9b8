// The annexes: the evidence inventory and how to check all of this without us. Pure; model in, Markdown out.
import type { Text } from '../text.ts';
import { say } from './actions.ts';
import { cell, code, heading, list, size, table, when, words, type Style } from './layout.ts';
import type { ReportModel } from './shape.ts';

const sixLines = [
  'import hashlib,json',
  "p='0'*64;n=0",
  "for l in open('trail.jsonl','rb'):",
  " l=l[:-1]; o=json.loads(l); assert o['prev']==p and o['seq']==n,n; p=hashlib.sha256(l).hexdigest(); n+=1",
  "print(n,'entries, head',p)",
];

function evidence(model: ReportModel, style: Style): string {
  const t = (text: Text): string => text[style.lang];
  const kinds = [...Map.groupBy(model.evidence, ({ kind }) => kind)].map(([kind, rows]) => [
    cell(kind),
    String(rows.length),
    size(rows.reduce((sum, { bytes }) => sum + bytes, 0)),
    String(rows.filter(({ sensitive }) => sensitive).length || ''),
  ]);
  const rows = model.evidence.map(({ exhibit, seq, kind, api, region, requestId, bytes, sha256, target, redactions, sensitive, endedAt, by }) => [
    `E${exhibit}`,
    `#${seq}`,
    `${cell(kind)}${sensitive ? ` **${t(say('sensitive', '敏感'))}**` : ''}`,
    cell(api),
    cell(region),
    cell(target ?? '', 80),
    cell(requestId),
    String(bytes),
    sha256,
    cell(redactions.join(', ')),
    `${when(endedAt)} ${cell(by)}`,
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
  return [
    heading(style, 2, t(say('Evidence', '证据'))),
    t(
      say(
        'Each artefact lies in `objects/` under its SHA-256, as received. What is sensitive was taken from the attacked system: it is kept, and never shown here.\n',
        '每件证据按其 SHA-256 存放于 `objects/`，内容与收到时一致。敏感内容取自被攻击的系统：已保存，但不在此显示。\n',
      ),
    ),
    table([say('Kind', '类型'), say('Artefacts', '件数'), say('Size', '大小'), say('Sensitive', '敏感')].map(t), kinds, t(say('Nothing was sealed.', '没有封存任何证据。'))),
    heading(style, 3, t(say('Inventory', '证据清单'))),
    table(heads.map(t), rows, t(say('None.', '无。'))),
  ].join('\n');
}

function integrity({ integrity: found, header }: ReportModel, style: Style): string {
  const t = (text: Text): string => text[style.lang];
  const rows = found.witnesses.map(({ at, why, bytes, sha256, seq }) => [when(at), cell(why), `bytes=${bytes} sha256=${sha256}`, `#${seq}`]);
  const breaks = found.interruptions
    .filter(({ what }) => what !== 'clock-moved')
    .map(({ at, what, by, note, seq }) => [when(at), cell(what), cell(note, 200), cell(by), `#${seq}`]);
  const moves = found.interruptions.filter(({ what }) => what === 'clock-moved').length;
  return [
    heading(style, 2, t(say('Integrity: check it yourself', '完整性：自行验证'))),
    table(
      [t(say('What', '项目')), t(say('Value', '内容'))],
      [
        [t(say('Entries', '条目数')), String(found.entries)],
        [t(say('Head', '末行 SHA-256')), found.head],
        [t(say('Key fingerprint', '密钥指纹')), found.fingerprint],
        [t(say('Closing witness', '结束见证行')), cell(found.closing.line)],
        [t(say('Runbook', '手册')), `${cell(header.runbook.id)} ${header.runbook.version ?? ''} ${found.runbookSha256}`],
        [t(say('Made with', '工具')), `firebreak ${cell(header.version)}, ${cell(header.endpoint)}, ${header.origin}, ${header.mode}`],
        ...(moves > 0 ? [[t(say('Clock moved by the drill', '演练时钟跳转')), String(moves)]] : []),
      ],
      '',
    ),
    t(say('In the folder of the case, with nothing of ours:\n', '在案件目录中执行，不需要我们的任何程序：\n')),
    code([`head -c ${found.closing.bytes} trail.jsonl | sha256sum    # ${found.closing.sha256}`, "python3 - <<'EOF'", ...sixLines, 'EOF']),
    t(
      say(
        `It prints \`${found.entries} entries, head ${found.head}\`. Each file in \`objects/\` is named by its own \`sha256sum\`. Signatures too, with ours:\n`,
        `应输出 \`${found.entries} entries, head ${found.head}\`。\`objects/\` 中每个文件的名称即其 \`sha256sum\`。连同签名一起验证：\n`,
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
  ].join('\n');
}

export const annex = [evidence, integrity] as const;
