// The page for the lawyer: what is kept and how it is proven, when what was known, personal data, how to check without us. Pure; model in, blocks out.
import { between, cell, heading, line, list, mono, paragraph, reader, size, speaker, strong, table, when, words, type Block, type Inline, type Style } from './layout.ts';
import type { Deadline, Moment } from './rows.ts';
import type { ReportModel } from './shape.ts';
import { say } from './values.ts';

export function forLaw(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  return [
    reader(style, t(say('For the lawyer', '致法务'))),
    heading(style, 3, t(say('Legal hold: what is kept, and where', '法律保全：保存了什么、在哪里'))),
    table([say('What', '内容'), say('Where', '位置'), say('How much', '数量'), say('Proven by', '证明方式')].map(t), kept(model, style), ''),
    paragraph(
      t(
        say(
          'Do not delete, move or change any of it; a copy of the whole folder is as good as the folder. What is sensitive came from the attacked system: kept verbatim, shown nowhere.',
          '请勿删除、移动或更改上述任何内容；整个目录的副本与原件等效。敏感内容取自被攻击的系统：原样保存，从不显示。',
        ),
      ),
    ),
    heading(style, 3, t(say('When what was known', '何时得知'))),
    table(
      [say('What', '事项'), say('Known', '得知时间'), say('Had happened', '发生时间'), say('Entry', '条目')].map(t),
      model.moments.map((moment) => momentRow(moment, style)),
      '',
    ),
    heading(style, 3, t(say('Clocks that run', '正在计时的法定时限'))),
    table(
      [say('Clock', '时限'), say('Runs from', '起算'), say('Due', '截止'), say('Entry', '条目')].map(t),
      model.deadlines.map((deadline) => deadlineRow(deadline, style)),
      t(say('The case carries none: which duties to report apply, and from which moment, is for you to say.', '本案未配置任何时限：适用哪些报告义务、从何时起算，由您判断。')),
    ),
    heading(style, 3, t(say('Personal data', '个人信息'))),
    ...personal(model, style),
    heading(style, 3, t(say('How to verify without us', '如何不依赖我们进行验证'))),
    paragraph(
      t(
        say(
          line`In the folder of the case, five lines of Python (see “Integrity”) must print ${mono(`${model.integrity.entries} entries, head ${model.integrity.head}`)}; each file in ${mono('objects/')} is named by its own SHA-256. Who kept a witness line from before can prove that nothing up to it was rewritten: witness lines given: ${model.integrity.witnesses.length}.`,
          line`在案件目录中运行五行 Python（见“完整性”），应输出 ${mono(`${model.integrity.entries} entries, head ${model.integrity.head}`)}；${mono('objects/')} 中每个文件以其 SHA-256 命名。保存过早先见证行的人可以证明其之前的内容未被改写：已给出见证行 ${model.integrity.witnesses.length} 条。`,
        ),
      ),
    ),
  ];
}

function kept({ evidence, integrity, actions, header }: ReportModel, style: Style): readonly (readonly Inline[])[] {
  const t = speaker(style);
  const sensitive = evidence.filter((row) => row.sensitive).length;
  const snapshots = actions.filter(({ action, result }) => action === 'CreateSnapshot' && result === 'done');
  const custodians = [...new Set(evidence.map(({ by }) => by))];
  const bytes = size(evidence.reduce((sum, row) => sum + row.bytes, 0));
  return [
    [
      t(say('The trail: every question, answer, decision and call', '案件记录：每个问题、回答、决定与调用')),
      mono('trail.jsonl'),
      String(integrity.entries),
      t(say(line`a chain of SHA-256, each entry signed; head ${integrity.head}`, line`SHA-256 链，逐条签名；末行 ${integrity.head}`)),
    ],
    [
      t(say('Evidence as received', '按原样保存的证据')),
      mono('objects/'),
      line`${String(evidence.length)}, ${bytes}${sensitive === 0 ? '' : t(say(`, ${sensitive} sensitive`, `，其中敏感 ${sensitive} 件`))}`,
      t(
        say(
          line`its own SHA-256; custody in the inventory; taken by ${cell(custodians.join(', '))}`,
          line`自身 SHA-256；保管信息见证据清单；采集者 ${cell(custodians.join('、'))}`,
        ),
      ),
    ],
    ...(snapshots.length === 0
      ? []
      : [
          [
            t(say('Snapshots of disks, in the cloud account', '云账号中的磁盘快照')),
            cell([...new Set(snapshots.map(({ region }) => region))].join(', ')),
            String(snapshots.length),
            t(say(line`tag ${mono(`firebreak-case=${header.case}`)}; request ids in “Actions”`, line`标签 ${mono(`firebreak-case=${header.case}`)}；请求 ID 见“操作”`)),
          ],
        ]),
    [
      t(say('The log of the cloud (ActionTrail)', '云端日志（操作审计）')),
      t(say('in the account: 90 days, then gone', '账号内：90 天后消失')),
      '–',
      t(say('what the case read of it is sealed above; ask for delivery to storage to keep the rest', '本案读取的部分已封存；其余请投递到存储以长期保留')),
    ],
  ];
}

function momentRow({ what, at, eventAt, seq }: Moment, style: Style): readonly Inline[] {
  return [words(style, what, 160), when(at), when(eventAt), seq === undefined ? '' : `#${seq}`];
}

function deadlineRow({ what, from, hours, startedAt, dueAt, seq }: Deadline, style: Style): readonly Inline[] {
  const t = speaker(style);
  const due = dueAt === undefined ? t(say(strong('does not run: the case has no such moment'), strong('未起算：本案没有该时间点'))) : strong(when(dueAt));
  return [words(style, what), line`${startedAt === undefined ? cell(from) : when(startedAt)} + ${String(hours)} h`, due, seq === undefined ? '' : `#${seq}`];
}

function personal({ personalData: { said, signs } }: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  const unknown = say(
    line`${strong('Not known.')} Nobody wrote down whether data of persons was reached, and the log holds no data events: that something was read is never seen there.`,
    line`${strong('未知。')} 没有人记录个人信息是否被触及；云端日志不含数据事件，读取行为在其中不可见。`,
  );
  return [
    paragraph(said === undefined ? t(unknown) : line`${t(say('Written down: ', '记录：'))}${words(style, said, 2000)}`),
    list(
      signs.map(({ what, seq }) => line`${words(style, what)}${seq === undefined ? '' : ` (#${seq})`}`),
      t(say('No event on record points at stored data. That is no proof.', '记录中没有指向存储数据的事件。这不是证明。')),
    ),
  ];
}

/** From the first harm to the end of what is known, for the head of a page. */
export function periodOf({ decision, header }: ReportModel): Inline {
  return between(decision.since?.at ?? header.openedAt, decision.containment.to ?? header.closedAt ?? header.upTo);
}
