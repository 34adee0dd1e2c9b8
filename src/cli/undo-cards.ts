// Undo cards as people and programs read them: what would be called, what that gives back, why it can not be done. Pure; escapes what is foreign.
import type { Action, Collector } from '../actions/define.ts';
import { aliyunCommand } from '../actions/by-hand.ts';
import type { EntryOf } from '../engine/frame.ts';
import type { CardState, UndoPlan } from '../engine/undo.ts';
import { escapeTerminal, type JsonObject, type Lang, type Text } from '../text.ts';

/** One card of the case it was saved in. `undoneIn`: the case that undid it, when that is another one. */
export type CardLine = {
  readonly saved: EntryOf<'undo.saved'>;
  readonly plan: UndoPlan;
  readonly state: CardState;
  readonly undoneIn?: string;
  readonly operation: Action | Collector | undefined;
};

const stateWords: Readonly<Record<CardState, Text>> = {
  ready: { en: 'can be undone', zh: '可撤销' },
  undone: { en: 'undone', zh: '已撤销' },
  irreversible: { en: 'can not be undone', zh: '不可撤销' },
  'was-so-before': { en: 'it was so before: nothing to undo', zh: '原本如此，无需撤销' },
  'nothing-sent': { en: 'nothing was changed: nothing to undo', zh: '未作更改，无需撤销' },
};

/** The exact commands that would be run. */
export function commandsOf({ calls }: Pick<UndoPlan, 'calls'>): readonly string[] {
  return calls.map((call) => escapeTerminal(aliyunCommand({ ...call, product: call.product as never, effect: 'write' })));
}

export function cardDocument(line: CardLine, lang: Lang): JsonObject {
  const { saved, plan, state, undoneIn, operation } = line;
  const { irreversible, incomplete } = saved;
  const gives = givesBack(operation);
  return {
    card: saved.card,
    entry: saved.seq,
    step: plan.step,
    use: plan.use,
    target: escapeTerminal(saved.target),
    state,
    calls: saved.calls.map(({ product, action, region, params }, index) => ({ product, action, region, params, command: commandsOf(plan)[index] ?? '' })),
    ...(irreversible === undefined ? {} : { irreversible: escapeTerminal(String(irreversible[lang])) }),
    ...(incomplete === undefined ? {} : { incomplete: escapeTerminal(incomplete) }),
    ...(undoneIn === undefined ? {} : { undoneIn }),
    ...(state === 'ready' && gives !== undefined ? { givesBack: gives[lang] } : {}),
    ...(state === 'ready' ? { expects: { text: plan.text } } : {}),
  };
}

function givesBack(operation: Action | Collector | undefined): Text | undefined {
  return operation?.kind === 'action' ? operation.givesBack : undefined;
}

/** One card in a few rows: the list shows the first, a card on its own all of them. */
export function cardRows(line: CardLine, lang: Lang): readonly string[] {
  const { saved, plan, state, undoneIn, operation } = line;
  const say = (en: string, zh: string): string => (lang === 'zh' ? zh : en);
  const where = undoneIn === undefined ? '' : say(` in ${undoneIn}`, `（${undoneIn}）`);
  const why = saved.irreversible === undefined ? '' : `: ${escapeTerminal(String(saved.irreversible[lang]))}`;
  const did = operation?.kind === 'action' ? operation.summary[lang] : plan.use;
  const gives = givesBack(operation);
  return [
    `${say('card', '卡')} ${saved.card}  #${saved.seq}  ${plan.step}  ${escapeTerminal(saved.target)}  ${stateWords[state][lang]}${where}${why}`,
    `  ${say('was done', '当时操作')}: ${did}`,
    ...commandsOf(plan).map((command) => `  ${say('undo', '撤销')}: ${command}`),
    ...(state === 'ready' && gives !== undefined ? [`  ${say('gives back', '后果')}: ${gives[lang]}`] : []),
    ...(saved.incomplete === undefined
      ? []
      : [`  ${say('UNDO INCOMPLETE: the state before could not be read', '撤销信息不完整：未能读取更改前的状态')} (${escapeTerminal(saved.incomplete)})`]),
  ];
}

export const endWords: Readonly<Record<EntryOf<'undo.finished'>['outcome'], Text>> = {
  undone: { en: 'undone', zh: '已撤销' },
  failed: { en: 'NOT undone', zh: '未能撤销' },
  unverified: { en: 'not verified', zh: '未经确认' },
};
