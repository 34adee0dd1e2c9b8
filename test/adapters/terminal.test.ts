import { PassThrough, Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { openTerminal } from '../../src/adapters/terminal.ts';
import type { Ask, Frame, Prompt, Reply, Size, Terminal, Typing } from '../../src/cli/terminal.ts';
import { FakeScreen } from '../support/fake-screen.ts';

type Desk = {
  readonly terminal: Terminal;
  readonly screen: FakeScreen;
  readonly input: PassThrough & { raw: boolean };
  readonly output: Writable & { columns: number; rows: number };
  readonly stop: AbortController;
  interrupts: number;
  written: string;
  type(keys: string): Promise<void>;
};

const open: Desk[] = [];
afterEach(() => {
  for (const desk of open.splice(0)) desk.terminal.close();
});

/** A terminal on streams, with a screen that shows what was written to it. */
function aDesk(env: Readonly<Record<string, string>> = {}, size: Size = { columns: 40, rows: 10 }): Desk {
  const screen = new FakeScreen(size.columns, size.rows);
  const input = Object.assign(new PassThrough(), {
    raw: false,
    setRawMode(on: boolean) {
      input.raw = on;
    },
  });
  const output = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        desk.written += chunk.toString();
        screen.write(chunk.toString());
        done();
      },
    }),
    { columns: size.columns, rows: size.rows },
  );
  const stop = new AbortController();
  const desk: Desk = {
    screen,
    input,
    output,
    stop,
    interrupts: 0,
    written: '',
    terminal: undefined as never,
    // Typed once the prompt reads, and shown by the time this resolves.
    type: async (keys) => {
      await settled();
      input.write(keys);
      await settled();
    },
  };
  Object.assign(desk, { terminal: openTerminal({ input, output, env, signal: stop.signal, interrupt: () => void (desk.interrupts += 1) }) });
  open.push(desk);
  return desk;
}

async function settled(ms = 15): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

let drawn = 0;
const plain = (text: string): Frame['rows'][number] => ({ text, tone: 'plain' });
/** Row 0 the mode, row 1 what is typed, row 2 what is wrong, row 3 how often it was drawn. */
const render = (size: Size, { line, cursor, picked, error }: Typing): Frame => ({
  rows: [{ text: 'EXERCISE case', tone: 'mode' }, plain(`> ${line}`), plain(error ?? `picked ${picked}`), plain(`${size.columns}x${size.rows}`)],
  cursor: { row: 1, column: 2 + cursor },
});
const line = (over: Partial<Extract<Ask, { kind: 'line' }>> = {}): Ask => ({ kind: 'line', check: (value) => (value === 'right' ? undefined : `not "${value}"`), ...over });
const choice: Ask = { kind: 'choice', values: ['one', 'two', 'three'], closed: [undefined, undefined, 'not now'], unpicked: 'mark one first' };
const prompt = (ask: Ask, over: Partial<Prompt> = {}): Prompt => ({ render, ask, keys: ['s', '?', 'q'], ...over });

/** Asks, and resolves once the question is on the screen. */
async function begin(desk: Desk, asked: Prompt): Promise<{ readonly reply: Promise<Reply> }> {
  const shown = Promise.withResolvers<void>();
  const reply = desk.terminal.prompt({ ...asked, render: (size, typing) => (shown.resolve(), asked.render(size, typing)) });
  reply.catch(shown.resolve);
  await shown.promise;
  await settled(5);
  return { reply };
}

/** Asks, types, and gives the reply. */
async function replyTo(desk: Desk, asked: Prompt, ...keys: readonly string[]): Promise<Reply> {
  const { reply } = await begin(desk, asked);
  for (const each of keys) await desk.type(each);
  return reply;
}

describe('a line', () => {
  it('is edited, shown with its cursor, and taken with Enter', async () => {
    const desk = aDesk();
    const { reply } = await begin(desk, prompt(line()));
    await desk.type('rigth');
    expect(desk.screen.rows[1]).toBe('> rigth');
    expect(desk.screen.cursor).toEqual({ row: 1, column: 7 });
    await desk.type('\u007f\u007fht');
    await desk.type('\u001b[D');
    expect(desk.screen.cursor).toEqual({ row: 1, column: 6 });
    await desk.type('\r');
    expect(await reply).toEqual({ kind: 'value', value: 'right' });
  });

  it('explains what does not fit under the line, keeps the text and moves nothing', async () => {
    const desk = aDesk();
    const { reply } = await begin(desk, prompt(line()));
    await desk.type('wrong\r');
    expect(desk.screen.rows.slice(1, 3)).toEqual(['> wrong', 'not "wrong"']);
    await desk.type('\u0015right');
    expect(desk.screen.rows.slice(1, 3)).toEqual(['> right', 'picked -1']);
    await desk.type('\r');
    expect(await reply).toEqual({ kind: 'value', value: 'right' });
  });

  it('does nothing on Enter alone unless the question says what that means', async () => {
    const desk = aDesk();
    expect(await replyTo(desk, prompt(line()), '\r', 'right\r')).toEqual({ kind: 'value', value: 'right' });
    expect(await replyTo(desk, prompt(line({ empty: 'as shown' })), '\r')).toEqual({ kind: 'value', value: 'as shown' });
  });

  it('takes a letter of its own as a key, and a word beginning with it as text', async () => {
    const desk = aDesk();
    expect(await replyTo(desk, prompt(line()), 's', '\r')).toEqual({ kind: 'key', key: 's' });
    expect(await replyTo(desk, prompt(line({ check: () => undefined })), 'stop 11 7f3a\r')).toEqual({ kind: 'value', value: 'stop 11 7f3a' });
  });

  it('begins with what is proposed', async () => {
    const desk = aDesk();
    expect(await replyTo(desk, prompt(line({ initial: 'righ' })), 't\r')).toEqual({ kind: 'value', value: 'right' });
  });

  it('takes Chinese, and a full-width letter as the key it means', async () => {
    const desk = aDesk();
    expect(await replyTo(desk, prompt(line({ check: () => undefined })), '尚未通知\r')).toEqual({ kind: 'value', value: '尚未通知' });
    expect(await replyTo(desk, prompt(line()), '？\r')).toEqual({ kind: 'key', key: '?' });
  });

  it('keeps typed text while clocks and jobs are drawn anew', async () => {
    const desk = aDesk();
    let tick = 0;
    const reply = desk.terminal.prompt(
      prompt(line(), { render: (size, typing) => ({ ...render(size, typing), rows: [plain(`tick ${(tick += 1)}`), ...render(size, typing).rows.slice(1)] }) }),
    );
    await settled(120);
    await desk.type('rig');
    const before = tick;
    desk.terminal.refresh();
    desk.terminal.refresh();
    await settled();
    expect(tick).toBe(before + 2);
    expect(desk.screen.rows[1]).toBe('> rig');
    await desk.type('ht\r');
    expect(await reply).toEqual({ kind: 'value', value: 'right' });
  });

  it('throws away what was typed before the question was there', async () => {
    const desk = aDesk();
    desk.input.write('right\r');
    await settled();
    const { reply } = await begin(desk, prompt(line({ empty: 'nothing early' })));
    await desk.type('\r');
    expect(await reply).toEqual({ kind: 'value', value: 'nothing early' });
  });

  it('takes pasted text as text: its line breaks answer nothing', async () => {
    const desk = aDesk({}, { columns: 80, rows: 10 });
    const paste = (text: string): string => `\u001b[200~${text}\u001b[201~`;
    const { reply } = await begin(desk, prompt(line({ check: () => undefined })));
    await desk.type(paste('scan on push; platform\rquota; cloud team\r'));
    expect(desk.screen.rows[1]).toBe('> scan on push; platform / quota; cloud team /');
    await desk.type('\r');
    expect(await reply).toEqual({ kind: 'value', value: 'scan on push; platform / quota; cloud team /' });
    expect(await replyTo(desk, prompt(choice), paste('q1\r'), '2\r')).toEqual({ kind: 'value', value: 'two' });
  });

  it('shows a key within 50 ms', async () => {
    const desk = aDesk();
    const { reply } = await begin(desk, prompt(line({ check: () => undefined })));
    const waits: number[] = [];
    for (const [nth, letter] of 'quickly typed'.split('').entries()) {
      const began = performance.now();
      desk.input.write(letter);
      while (desk.screen.rows[1]?.length !== `> ${'quickly typed'.slice(0, nth + 1).trimEnd()}`.length) await new Promise((resolve) => setImmediate(resolve));
      waits.push(performance.now() - began);
    }
    desk.input.write('\r');
    await reply;
    expect(waits.toSorted((a, b) => a - b)[Math.floor(waits.length / 2)]).toBeLessThan(50);
  });
});

describe('a choice', () => {
  it('is marked by its digit and taken with Enter', async () => {
    const desk = aDesk();
    const { reply } = await begin(desk, prompt(choice));
    await desk.type('2');
    expect(desk.screen.rows[2]).toBe('picked 1');
    await desk.type('\r');
    expect(await reply).toEqual({ kind: 'value', value: 'two' });
  });

  it('marks nothing by itself: Enter alone explains', async () => {
    const desk = aDesk();
    const { reply } = await begin(desk, prompt(choice));
    await desk.type('\r');
    expect(desk.screen.rows[2]).toBe('mark one first');
    await desk.type('\u001b[B\r');
    expect(await reply).toEqual({ kind: 'value', value: 'one' });
  });

  it('refuses what can not be taken now, with the reason', async () => {
    const desk = aDesk();
    const { reply } = await begin(desk, prompt(choice));
    await desk.type('\u001b[A\r');
    expect(desk.screen.rows[2]).toBe('not now');
    await desk.type('9');
    await desk.type('s');
    expect(await reply).toEqual({ kind: 'key', key: 's' });
  });

  it('ignores keys that are not offered', async () => {
    const desk = aDesk();
    expect(await replyTo(desk, prompt({ kind: 'key' }, { keys: ['b', 'escape'] }), 'x', 's', '\u001b')).toEqual({ kind: 'key', key: 'escape' });
  });
});

describe('leaving a prompt', () => {
  it('drops a question that no longer waits, and asks the next', async () => {
    const desk = aDesk();
    const dropped = new AbortController();
    const { reply } = await begin(desk, prompt(line(), { signal: dropped.signal }));
    await desk.type('half a w');
    dropped.abort();
    expect(await reply).toEqual({ kind: 'dropped' });
    expect(await replyTo(desk, prompt(line()), 'right\r')).toEqual({ kind: 'value', value: 'right' });
  });

  it.each([
    ['Ctrl-C', (desk: Desk) => desk.type('\u0003')],
    ['Ctrl-D', (desk: Desk) => desk.type('\u0004')],
    ['the end of input', async (desk: Desk) => void desk.input.end()],
    ['a signal from outside', async (desk: Desk) => desk.stop.abort()],
    ['a write that fails', async (desk: Desk) => void desk.output.destroy(Object.assign(new Error('gone'), { code: 'EIO' }))],
  ])('takes %s as an interruption', async (_name, end) => {
    const desk = aDesk();
    const { reply } = await begin(desk, prompt(line()));
    await end(desk);
    await expect(reply).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  });

  it('asks nothing more once it was interrupted', async () => {
    const desk = aDesk();
    desk.stop.abort();
    await expect(desk.terminal.prompt(prompt(line()))).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  });

  it('gives the terminal back: cooked, the cursor shown, below the last screen', async () => {
    const desk = aDesk();
    await replyTo(desk, prompt(line()), 'right\r');
    expect(desk.input.raw).toBe(true);
    desk.terminal.close();
    expect(desk.input.raw).toBe(false);
    expect(desk.screen.cursorShown).toBe(true);
    expect(desk.screen.cursor).toEqual({ row: 4, column: 0 });
    expect(desk.screen.rows[0]).toBe('EXERCISE case');
    expect(desk.written).not.toContain('\u001b[?1049h');
  });
});

describe('while the engine works', () => {
  const busyFrame = (): Frame => ({ rows: [plain(`busy ${(drawn += 1)}`)] });

  it('shows what lasts, not what would only flicker', async () => {
    const desk = aDesk();
    desk.terminal.busy(busyFrame)();
    await settled(200);
    expect(desk.screen.rows.join('')).not.toContain('busy');
    const done = desk.terminal.busy(busyFrame);
    await settled(200);
    expect(desk.screen.rows[0]).toMatch(/^busy/);
    done();
  });

  it('interrupts on Ctrl-C, and on no other key', async () => {
    const desk = aDesk();
    const done = desk.terminal.busy(busyFrame);
    await desk.type('cut 2 7f3a\r');
    expect(desk.interrupts).toBe(0);
    await desk.type('\u0003');
    expect(desk.interrupts).toBe(1);
    done();
  });
});

describe('a second Ctrl-C', () => {
  it('gives the terminal back before it interrupts again: what follows may end the process at once', async () => {
    const desk = aDesk();
    desk.terminal.busy(() => ({ rows: [plain('busy')] }));
    await desk.type('\u0003');
    expect(desk.input.raw).toBe(true);
    desk.stop.abort();
    await desk.type('\u0003');
    expect([desk.interrupts, desk.input.raw, desk.screen.cursorShown]).toEqual([2, false, true]);
  });
});

describe('the window', () => {
  it('keeps what is left in the scrollback, a long line in one piece, and the screen as it was', async () => {
    const desk = aDesk();
    await replyTo(desk, prompt(line()), 'right\r');
    const before = [...desk.screen.rows];
    desk.screen.scrolled.length = 0;
    desk.terminal.leave(`witness: EX-1 bytes=12 sha256=${'a'.repeat(64)}`);
    expect(desk.screen.scrolled.join('')).toBe(`witness: EX-1 bytes=12 sha256=${'a'.repeat(64)}`);
    expect(desk.screen.rows).toEqual(before);
  });

  it('pushes what was on the window before into the scrollback instead of wiping it', () => {
    const screen = new FakeScreen(40, 10);
    screen.write('$ firebreak drill\r\ncase: EX-1\r\n');
    const output = Object.assign(new Writable({ write: (chunk: Buffer, _e, done) => (screen.write(chunk.toString()), done()) }), { columns: 40, rows: 10 });
    const terminal = openTerminal({ input: new PassThrough(), output, env: {}, signal: new AbortController().signal, interrupt: () => undefined });
    expect(screen.scrolled.slice(0, 2)).toEqual(['$ firebreak drill', 'case: EX-1']);
    terminal.close();
  });

  it('paints anew at another size', async () => {
    const desk = aDesk();
    const { reply } = await begin(desk, prompt(line()));
    await desk.type('rig');
    Object.assign(desk.output, { columns: 60, rows: 12 });
    Object.assign(desk.screen, { columns: 60, height: 12 });
    desk.output.emit('resize');
    await settled();
    expect(desk.screen.rows.slice(1, 4)).toEqual(['> rig', 'picked -1', '60x12']);
    await desk.type('ht\r');
    expect(await reply).toEqual({ kind: 'value', value: 'right' });
  });

  it('writes only what changed', async () => {
    const desk = aDesk();
    const { reply } = await begin(desk, prompt(line()));
    desk.written = '';
    await desk.type('r');
    expect(desk.written).toContain('> r');
    expect(desk.written).not.toContain('EXERCISE');
    await desk.type('ight\r');
    await reply;
  });

  // oxlint-disable-next-line no-control-regex
  const colours = /\u001b\[[0-9;]*m/;

  it('makes the mode unmistakable: LIVE white on red, EXERCISE inverse', async () => {
    const desk = aDesk();
    await replyTo(desk, prompt(line()), 'right\r');
    expect(desk.written).toContain('\u001b[1;7mEXERCISE\u001b[0m case');
    const live = aDesk();
    await replyTo(
      live,
      prompt(line(), {
        render: () => ({
          rows: [
            { text: 'LIVE case', tone: 'mode' },
            { text: 'lost', tone: 'loss' },
          ],
        }),
      }),
      'right\r',
    );
    expect(live.written).toContain('\u001b[1;97;41mLIVE\u001b[0m case');
    expect(live.written).toContain('\u001b[31mlost\u001b[0m');
  });

  it('uses no colour with NO_COLOR', async () => {
    const desk = aDesk({ NO_COLOR: '1' });
    await replyTo(desk, prompt(line()), 'right\r');
    expect(desk.written).not.toMatch(colours);
    expect(desk.screen.rows[0]).toBe('EXERCISE case');
  });
});

describe('a dumb terminal', () => {
  const dumb = { TERM: 'dumb' };

  it('gets lines and no escape code at all', async () => {
    const desk = aDesk(dumb);
    expect(await replyTo(desk, prompt(line()), 'wrong\n', 'right\n')).toEqual({ kind: 'value', value: 'right' });
    expect(desk.written).toContain('EXERCISE case');
    expect(desk.written).toContain('  not "wrong"');
    expect(desk.written).not.toContain('\u001b');
  });

  it('takes a choice by its number and a key by its letter; Enter alone explains', async () => {
    const desk = aDesk(dumb);
    expect(await replyTo(desk, prompt(choice), '\n', '3\n', '2\n')).toEqual({ kind: 'value', value: 'two' });
    expect(desk.written).toMatch(/mark one first[^]*not now/);
    expect(await replyTo(desk, prompt(choice), 'q\n')).toEqual({ kind: 'key', key: 'q' });
  });

  it('drops a question and ends on the end of input', async () => {
    const desk = aDesk(dumb);
    const dropped = new AbortController();
    const reply = desk.terminal.prompt(prompt(line(), { signal: dropped.signal }));
    dropped.abort();
    expect(await reply).toEqual({ kind: 'dropped' });
    const last = desk.terminal.prompt(prompt(line()));
    last.catch(() => undefined);
    desk.input.end();
    await expect(last).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  });
});
