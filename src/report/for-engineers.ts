// The page for the engineers: what breaks tomorrow, what can be undone and in which order, what to search for. Pure; model in, blocks out.
import { cell, heading, join, line, list, paragraph, reader, speaker, strong, table, words, type Block, type Inline, type Style } from './layout.ts';
import type { Indicator, UndoCard } from './rows.ts';
import type { ReportModel } from './shape.ts';
import { say, some } from './values.ts';

const kinds: Readonly<Record<Indicator['kind'], { readonly en: string; readonly zh: string }>> = {
  address: say('address', '地址'),
  agent: say('user agent', '用户代理'),
  key: say('access key', 'AccessKey'),
  user: say('user', '用户'),
  session: say('session', '会话'),
  instance: say('instance', '实例'),
  image: say('image', '镜像'),
};

export function forEngineers(model: ReportModel, style: Style): readonly Block[] {
  const t = speaker(style);
  return [
    reader(style, t(say('For the engineers', '致工程师'))),
    heading(style, 3, t(say('What breaks tomorrow', '明天会出问题的地方'))),
    list(
      model.breaks.map(({ target, what }) => line`${cell(target)}: ${words(style, what, 600)}`),
      t(say('Nothing on record says what depends on what was cut. That is no proof that nothing does.', '记录中没有说明哪些系统依赖被切断的密钥，这不能证明没有依赖。')),
    ),
    heading(style, 3, t(say('Order of bringing things back', '恢复顺序'))),
    list(steps(model, style), '', true),
    heading(style, 3, t(say('Undo cards', '撤销卡'))),
    table([say('Cards', '卡'), say('Step', '步骤'), say('Call', '调用'), say('Targets', '目标')].map(t), cards(model.undo), t(say('None was saved.', '没有保存。'))),
    paragraph(t(say('The exact commands stand in the annex “Undo cards”, the last card first.', '完整命令见附录“撤销卡”，从最后一张开始。'))),
    heading(style, 3, t(say('What to search for (defanged)', '失陷指标（已去链接化）'))),
    table([say('Kind', '类型'), say('Value', '值'), say('Note', '说明')].map(t), indicators(model.indicators, style), t(say('None.', '无。'))),
    ...(model.indicators.some(({ kind }) => kind === 'agent')
      ? []
      : [
          paragraph(
            t(
              say('User agents: not in the trail. They stand in the sealed pages of the log (kind “events”).', '用户代理：不在案件记录中，可在封存的日志页（类型 events）中查到。'),
            ),
          ),
        ]),
  ];
}

/** Nothing comes back before what it would hand back is safe. */
function steps({ decision, scope, undo, machines, header }: ReportModel, style: Style): readonly Inline[] {
  const t = speaker(style);
  const { containment } = decision;
  const made = scope.identities.filter((identity) => identity.made === true).map(({ id }) => id);
  const [ready, keys] = [containment.state === 'contained', cell(some(scope.keys.map(({ id }) => id)))];
  const enabling = undo.filter(({ calls }) => calls.some(({ params }) => params['Status'] === 'Active')).map(({ card }) => card);
  const ours = machines.filter(({ held }) => held).length;
  return [
    ready
      ? t(say('Contained: what follows may begin, one step after the other.', '已遏制：可以依次进行以下步骤。'))
      : t(say(strong('NOT proven to be contained: bring nothing back yet.'), strong('尚未证明已遏制：先不要恢复任何东西。'))),
    t(say('Close the leak first: where the key stood, and every copy.', '先堵住泄露源：密钥所在之处及所有副本。')),
    ...(made.length === 0
      ? []
      : [t(say(line`Remove what they made: ${cell(some(made))}, with its keys, rights and roles.`, line`清除对方创建的内容：${cell(some(made))}，及其密钥、权限与角色。`))]),
    ...(scope.keys.length === 0
      ? []
      : [
          t(
            say(
              line`Give what broke a NEW key with fewer rights, or a role. Never enable ${keys} again${enabling.length === 0 ? '' : ` (cards ${enabling.join(', ')})`}: whoever holds it gets it back.`,
              line`为受影响的程序签发权限更小的新密钥或角色。不要重新启用 ${keys}${enabling.length === 0 ? '' : `（卡 ${enabling.join('、')}）`}：持有者会重新获得访问权。`,
            ),
          ),
        ]),
    t(say('Check that logging delivers, before anything else is changed.', '在更改其他内容之前，确认日志正常投递。')),
    ...(ours > 0
      ? [
          t(
            say(
              `Judge the machines held back (${ours}); start what was stopped by mistake by its card, the last card first.`,
              `判断被排除的实例（${ours} 台）；误停的实例按撤销卡启动，从最后一张开始。`,
            ),
          ),
        ]
      : []),
    t(
      say(
        line`Release machines, disks and snapshots (tag firebreak-case=${cell(header.case)}) only when the legal hold is lifted.`,
        line`仅在法律保全解除后，才释放实例、磁盘和快照（标签 firebreak-case=${cell(header.case)}）。`,
      ),
    ),
  ];
}

function cards(undo: readonly UndoCard[]): readonly (readonly Inline[])[] {
  const call = ({ calls }: UndoCard): string => calls.map(({ product, action }) => `${product}:${action}`).join(' ');
  return [...Map.groupBy(undo, (card) => `${card.step} ${call(card)} ${card.irreversible?.en ?? ''}`).values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const last = group.at(-1) ?? first;
    return [[first === last ? String(first.card) : `${first.card}–${last.card}`, cell(first.step), cell(call(first) || '–'), cell(some(group.map(({ target }) => target)), 400)]];
  });
}

function indicators(all: readonly Indicator[], style: Style): readonly (readonly Inline[])[] {
  const t = speaker(style);
  // Machines and images alike share a row: each is a value of its own in JSON.
  return [...Map.groupBy(all, ({ kind, note }) => (kind === 'instance' ? kind : `${kind} ${note.en}`)).values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const values = join(
      group.map(({ value }) => cell(defanged(value), 240)),
      ', ',
    );
    return [
      [t(kinds[first.kind]), values, group.some(({ note }) => note.en !== first.note.en) ? '' : cell(first.note[style.lang].replaceAll(/\d{1,3}(?:\.\d{1,3}){3}/g, defanged), 200)],
    ];
  });
}

/** Nothing that a mail program or a chat would turn into a link, or a scanner into a visit. */
function defanged(value: string): string {
  return /^[\d.]+$|^[\da-f:]+:[\da-f:]*$/i.test(value) ? value.replaceAll('.', '[.]').replaceAll(':', '[:]') : value.replaceAll('://', '[://]').replaceAll('@', '[@]');
}
