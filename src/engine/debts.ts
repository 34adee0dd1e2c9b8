// What a case owes: changes that may stand only for a time, evidence that was waived; who answers for them, until when. Pure.
import type { Entry } from '../casefile/entry.ts';
import { Fault } from '../errors.ts';
import type { JsonObject, Text } from '../text.ts';
import type { Card, Debt, EntryOf, RunState } from './frame.ts';

/** As much of the state as cards and debts need: a report folds them without a run. */
export type Ledger = Pick<RunState, 'cards' | 'debts' | 'undoing'>;

export function newLedger(): Ledger {
  return { cards: {}, debts: [], undoing: undefined };
}

const dayMs = 86_400_000;
/** A waiver waits for a second pair of eyes this long (law 4). */
const countersignDays = 1;
const refusedResults = ['already', 'denied', 'throttled', 'failed'];

/** The day some days after a time, `YYYY-MM-DD`. */
export function dayAfter(at: string, days: number): string {
  return new Date(Date.parse(at) + days * dayMs).toISOString().slice(0, 10);
}

/** Folds what an entry means for undo cards and debts into `state`, in place. */
export function keepCards(state: Ledger, entry: Entry): void {
  switch (entry.type) {
    case 'undo.saved':
      state.cards[entry.card] = { saved: entry, changes: [], undone: false };
      if (entry.debt) owe(state, { kind: 'temporary', step: pathOf(entry), what: entry.debt.what, due: entry.debt.due }, { target: entry.target, card: entry.card });
      return;
    case 'waiver.given':
      if (entry.target !== undefined) waived(state, entry, entry.target);
      return;
    case 'countersign.owed': {
      const { text, first, dueAt, sha256 } = entry;
      const what = { en: `Countersign "${text}", which ${first} approved alone`, zh: `补签“${text}”，此前仅由 ${first} 一人批准` };
      owe(state, { kind: 'countersign', step: `${pathOf(entry)} ${sha256}`, what, due: dueAt.slice(0, 10) }, { target: pathOf(entry) });
      return;
    }
    case 'approval.seconded':
      for (const debt of state.debts) if (debt.kind === 'countersign' && debt.key.includes(` ${entry.sha256}\n`)) debt.second = entry.second;
      return;
    case 'call.intended':
      for (const card of cardsFor(state, entry)) card.changes = [...card.changes, entry.call];
      return;
    case 'call.finished':
      if (entry.effect !== 'write' || !refusedResults.includes(entry.result)) return;
      for (const card of Object.values(state.cards)) card.changes = card.changes.filter((call) => call !== entry.call);
      return;
    case 'undo.asked':
      state.undoing = entry;
      return;
    case 'undo.finished': {
      state.undoing = undefined;
      const card = entry.of === undefined ? state.cards[entry.card] : undefined;
      if (card && entry.outcome === 'undone') card.undone = true;
      return;
    }
    case 'debt.accepted': {
      const debt = state.debts.find((each) => each.debt === entry.debt);
      if (!debt) throw new Fault('E_ENTRY', `Entry ${entry.seq} accepts a debt that is not there: ${entry.debt}.`);
      debt.accepted = entry;
      return;
    }
    default:
  }
}

/** The newest card of each target of a call. */
function cardsFor(state: Ledger, { step, frame, targets }: EntryOf<'call.intended'>): readonly Card[] {
  const cards = Object.values(state.cards).filter(({ saved }) => saved.step === step && saved.frame === frame);
  return targets.flatMap((target) => cards.findLast(({ saved }) => saved.target === target) ?? []);
}

function pathOf({ frame, step }: { readonly frame?: string; readonly step: string }): string {
  return frame === undefined ? step : `${frame}/${step}`;
}

function waived(state: Ledger, entry: EntryOf<'waiver.given'>, target: string): void {
  const { reason, second } = entry;
  const what = { en: `Evidence waived: ${reason}`, zh: `豁免取证：${reason}` };
  owe(state, { kind: 'waiver', step: pathOf(entry), what, due: dayAfter(entry.at, countersignDays), ...(second === undefined ? {} : { second }) }, { target });
}

type Owed = Pick<Debt, 'kind' | 'what' | 'due' | 'second'> & { readonly step: string };

/** One batch is one debt: what is the same of the same step is accepted together. */
function owe(state: Ledger, { step, ...owed }: Owed, item: Debt['items'][number]): void {
  const key = [owed.kind, step, owed.what['en'], owed.second ?? ''].join('\n');
  const same = state.debts.find((debt) => debt.key === key && debt.accepted === undefined);
  if (!same) state.debts.push({ debt: state.debts.length + 1, key, ...owed, items: [item], accepted: undefined });
  else if (!same.items.some(({ target, card }) => target === item.target && card === item.card)) same.items.push(item);
}

/** What of a debt still stands: a change that was made and not taken back, a list nobody countersigned, a waiver for good. */
export function standing(state: Ledger, debt: Debt): readonly Debt['items'][number][] {
  if (debt.kind === 'countersign' && debt.second !== undefined) return [];
  return debt.items.filter(({ card }) => card === undefined || changed(state.cards[card]));
}

/** Was the change this card takes back made, or may it have been, and does it stand? */
export function changed(card: Card | undefined): boolean {
  return card !== undefined && card.changes.length > 0 && !card.undone;
}

/** Debts nobody answers for yet. */
export function openDebts(state: Ledger): readonly Debt[] {
  return state.debts.filter((debt) => debt.accepted === undefined && debt.second === undefined && standing(state, debt).length > 0);
}

/** What is asked of a person before the case may end. */
export function debtQuestion(state: RunState, debt: Debt): Text {
  const { what, kind } = debt;
  const items = standing(state, debt);
  const cards = items.flatMap(({ card }) => card ?? []);
  const undo = cards.length === 0 ? '' : `firebreak undo ${state.opened.case} ${cards[0]}`;
  const [en, zh] = [String(what['en']), String(what['zh'])];
  const more = cards.length > 1 ? { en: ` (cards ${cards.join(', ')})`, zh: `（撤销卡 ${cards.join('、')}）` } : { en: '', zh: '' };
  if (kind === 'countersign') {
    return {
      en: `Who countersigns, and until when?\n${en}\nSomebody else types its text with --as NAME; or name an owner and a day, then the case can end.`,
      zh: `由谁补签，期限到哪天？\n${zh}\n由他人以 --as 姓名 输入其文本；或填写负责人和日期，然后才能结案。`,
    };
  }
  return kind === 'waiver'
    ? {
        en: `Who looks at this waiver a second time, and until when?\n${en} (${items.length})\nName an owner and a day, then the case can end.`,
        zh: `谁来复核这项豁免，期限到哪天？\n${zh}（${items.length} 个目标）\n填写负责人和日期后才能结案。`,
      }
    : {
        en: `Who answers for what stays, and until when?\n${en} (${items.length})\nName an owner and a day, or take it back first: ${undo}${more.en}.`,
        zh: `谁负责保留的措施，期限到哪天？\n${zh}（${items.length} 个目标）\n填写负责人和日期，或先撤销：${undo}${more.zh}。`,
      };
}

export type Acceptance = { readonly owner: string; readonly due: string };

const form = /^([^;；\n]{1,120})[;；]\s*(\d{4}-\d{2}-\d{2})$/u;

/** `OWNER; YYYY-MM-DD`, taken apart; undefined when it is not of that form or no day of the calendar. */
export function readAcceptance(value: string): Acceptance | undefined {
  const [, owner = '', due = ''] = form.exec(value.trim()) ?? [];
  const day = new Date(`${due}T00:00:00Z`);
  if (owner.trim() === '' || Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== due) return undefined;
  return { owner: owner.trim(), due };
}

/** @throws Fault E_VALUE for a day that is over. */
export function expectAhead({ due }: Acceptance, now: string): void {
  if (due < now.slice(0, 10)) throw new Fault('E_VALUE', `${due} is over. Nothing was changed.`, { hint: `Name a day from ${now.slice(0, 10)} on.` });
}

/** Every debt as rows for the status document: one a target, accepted ones too; what was undone is gone. */
export function debtRows(state: Ledger, lang: 'en' | 'zh', escape: (text: string) => string): readonly JsonObject[] {
  return state.debts.flatMap((debt) =>
    standing(state, debt).map(({ target, card }): JsonObject => ({
      kind: debt.kind,
      debt: debt.debt,
      what: escape(String(debt.what[lang])),
      target: escape(target),
      due: debt.accepted?.due ?? debt.due,
      ...(debt.accepted ? { owner: escape(debt.accepted.owner) } : {}),
      ...(debt.second === undefined ? {} : { second: escape(debt.second) }),
      ...(card === undefined ? {} : { card }),
    })),
  );
}
