// firebreak undo: the cards of a case; one of them, with what it gives back; and that one run, after its exact text (laws 5 and 6).
import { actions } from '../actions/index.ts';
import { replay } from '../engine/state.ts';
import { cardState, undo as undoCard, undoPlanOf, type Asking } from '../engine/undo.ts';
import type { EntryOf } from '../engine/frame.ts';
import type { Runbook } from '../runbook/schema.ts';
import { exits, Fault } from '../errors.ts';
import { escapeTerminal } from '../text.ts';
import type { Command } from './command.ts';
import { openingOf, sealedRunbooks } from './library.ts';
import { followersOf, openLinked, openPlaceOf, originOf } from './linked.ts';
import { working } from './play.ts';
import { expectEndpoint, pinIdentity, profileOf } from './reach.ts';
import { layout } from './screen-layout.ts';
import { wrap } from './screen-text.ts';
import { openSession, type Session } from './session.ts';
import type { Shell } from './shell.ts';
import { renderStatus, statusOf } from './status.ts';
import { cardDocument, cardRows, endWords, type CardLine } from './undo-cards.ts';

type Found = { readonly origin: string; readonly account: string | undefined; readonly lines: readonly CardLine[] };

export const undo: Command = {
  name: 'undo',
  usage: 'undo CASE [CARD] [TEXT] [--profile NAME]',
  summary: { en: 'list the undo cards, show one, or run it after its exact text', zh: '列出撤销卡、查看一张，或输入其确认文本后执行' },
  examples: ['firebreak undo INC-20260314-4f2a', 'firebreak undo INC-20260314-4f2a 2', 'firebreak undo INC-20260314-4f2a 2 "undo 2 7f3a"'],
  flags: { profile: 'text' },
  words: [1, 3],
  async run(shell, args) {
    const [id, number, text] = args.words as [string, string | undefined, string | undefined];
    const found = await cardsIn(shell, id);
    if (number === undefined) return list(shell, id, found);
    const line = found.lines.find(({ saved }) => String(saved.card) === number);
    if (!line)
      throw new Fault('E_VALUE', `Case ${found.origin} has no undo card ${escapeTerminal(number, { most: 20 })}. Nothing was done.`, { hint: `Its cards: firebreak undo ${id}` });
    if (text !== undefined) return runCard(shell, { id, found, line, asking: { text, via: 'answer' } }, args.text('profile'));
    if (!shell.interactive || line.state !== 'ready') return show(shell, id, line);
    const typed = await askFor(shell, line);
    if (typed === undefined) return exits.ok;
    return runCard(shell, { id, found, line, asking: { text: typed, via: 'terminal' } }, args.text('profile'));
  },
};

/** Every card of the case in which it all began; what a case that follows it has undone is undone. */
async function cardsIn(shell: Shell, id: string): Promise<Found> {
  const store = await originOf(shell, id);
  const entries = store.entries();
  const books = await sealedRunbooks(store);
  const library = (sha256: string): Runbook => books.get(sha256) as Runbook;
  const state = replay(entries, library);
  const undoneIn = new Map<number, string>();
  for (const { case: follower, unreadable } of await followersOf(shell, store.id)) {
    if (unreadable !== undefined) continue;
    for (const entry of (await shell.readCase(follower)).entries())
      if (entry.type === 'undo.finished' && entry.of === store.id && entry.outcome === 'undone') undoneIn.set(entry.card, follower);
  }
  const lines = Object.values(state.cards).map((card): CardLine => {
    const { saved } = card;
    const plan = undoPlanOf(entries, library, saved);
    const other = undoneIn.get(saved.card);
    const operation = actions[plan.use];
    return { saved, plan, operation, state: other === undefined ? cardState(card) : 'undone', ...(other === undefined ? {} : { undoneIn: other }) };
  });
  return { origin: store.id, account: state.identity?.account, lines };
}

function list(shell: Shell, id: string, { lines }: Found): number {
  const { lang } = shell;
  if (shell.json) shell.out(JSON.stringify({ case: id, cards: lines.map((line) => cardDocument(line, lang)) }));
  else {
    const none = lang === 'zh' ? '没有撤销卡：没有做过可撤销的更改。' : 'No undo card: nothing was changed.';
    const next = lang === 'zh' ? `查看并执行一张：firebreak undo ${id} CARD` : `See and run one: firebreak undo ${id} CARD`;
    shell.out([`case: ${id}`, ...(lines.length === 0 ? [none] : [...lines.flatMap((line) => cardRows(line, lang)), next + (shell.vaultFlag ?? '')])].join('\n'));
  }
  return exits.ok;
}

function show(shell: Shell, id: string, line: CardLine): number {
  const { lang } = shell;
  if (shell.json) shell.out(JSON.stringify({ case: id, card: cardDocument(line, lang) }));
  else {
    const command = `firebreak undo ${id} ${line.saved.card} "${line.plan.text}"${shell.vaultFlag ?? ''}`;
    const how = line.state === 'ready' ? [lang === 'zh' ? `执行：${command}` : `to run it: ${command}`] : [];
    shell.out([`case: ${id}`, ...cardRows(line, lang), ...how].join('\n'));
  }
  return exits.ok;
}

/** The card on a screen of its own; undefined when the person leaves it as it is. */
async function askFor(shell: Shell, line: CardLine): Promise<string | undefined> {
  const zh = shell.lang === 'zh';
  const { text } = line.plan;
  const terminal = await shell.terminal();
  const wrong = zh ? `只有 “${text}” 才会执行，“no” 保持不变。` : `Only "${text}" runs it; "no" leaves it as it is.`;
  const place = {
    kind: 'line',
    tone: 'loss',
    hint: zh ? `输入 ${text} 执行，或 no` : `Type ${text} to run it, or no`,
    check: (value: string) => (value === text || value === 'no' ? undefined : wrong),
  } as const;
  try {
    const reply = await terminal.prompt({
      ask: { kind: 'line', check: place.check },
      keys: [],
      render: (size, typing) => {
        const body = cardRows(line, shell.lang).flatMap((row) => wrap(row, size.columns - 2));
        const more = (rows: number): string => (zh ? `… 另有 ${rows} 行` : `… ${rows} more rows`);
        const status = [zh ? '撤销' : 'UNDO', line.plan.step] as const;
        return layout({ status, title: zh ? '撤销一项更改' : 'Take a change back', tag: `card ${line.saved.card}`, body, jobs: '', keys: '', more }, place, size, typing);
      },
    });
    return reply.kind === 'value' && reply.value !== 'no' ? reply.value : undefined;
  } finally {
    terminal.close();
  }
}

type Ask = { readonly id: string; readonly found: Found; readonly line: CardLine; readonly asking: Asking };

async function runCard(shell: Shell, { id, found, line, asking }: Ask, profile: string | undefined): Promise<number> {
  const { card } = line.saved;
  if (line.state !== 'ready') throw new Fault('E_GUARD', `Card ${card} has nothing to undo (${line.state}). Nothing was done.`, { hint: `Its cards: firebreak undo ${id}` });
  // Before a case is opened for it: a wrong text leaves nothing behind.
  if (asking.text !== line.plan.text) throw new Fault('E_VALUE', `Only "${line.plan.text}" undoes card ${card}. Nothing was done.`);
  const open = await openPlaceOf(shell, id);
  if (open === undefined) await expectReach(shell, id, profile);
  const place = open ?? (await openLinked(shell, id));
  const session = await openSession(shell, place, { time: { kind: 'virtual' }, ...(profile === undefined ? {} : { profile }) });
  try {
    const plan = place === found.origin ? line.plan : { ...line.plan, of: found.origin };
    const ended = await working(session, async () => {
      await expectAccount(session, found);
      return undoCard(session.run, plan, asking);
    });
    return tell(session, card, ended);
  } finally {
    await session.close();
  }
}

/** Refuses what could not be sent anyway before a case is opened for it. @throws Fault E_ENDPOINT, E_CREDENTIAL */
async function expectReach(shell: Shell, id: string, profile: string | undefined): Promise<void> {
  const store = await shell.readCase(id);
  const opened = openingOf(store);
  if (opened.mode === 'drill') return;
  expectEndpoint(opened, shell.endpoint);
  await shell.credential(profile ?? profileOf(store.entries()));
}

/** Law 9: a case that follows another acts in the account that one was confirmed for, and in no other. */
async function expectAccount({ run }: Session, { origin, account }: Found): Promise<void> {
  if (run.state.identity) return;
  if (account === undefined) throw new Fault('E_ACCOUNT', `Case ${origin} never confirmed an account. Nothing was done.`);
  await pinIdentity(run, account);
}

function tell({ shell, run, store }: Session, card: number, ended: EntryOf<'undo.finished'> | undefined): number {
  const { lang } = shell;
  const status = statusOf(run.state, store.witness(), lang);
  const note = ended === undefined ? '' : escapeTerminal(String(ended.note[lang]));
  if (shell.json) shell.out(JSON.stringify({ ...status, undo: { card, outcome: ended?.outcome ?? 'in-doubt', ...(ended === undefined ? {} : { entry: ended.seq, note }) } }));
  else {
    const word = ended === undefined ? (lang === 'zh' ? '存疑' : 'in doubt') : endWords[ended.outcome][lang];
    shell.out([`case: ${store.id}`, `${lang === 'zh' ? '卡' : 'card'} ${card}: ${word}${note === '' ? '' : `. ${note}`}`, renderStatus(status, lang, shell.vaultFlag)].join('\n'));
  }
  return exits.open;
}
