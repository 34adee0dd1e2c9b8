// What stands between the walkthrough and a terminal: frames to paint, typing to show, replies to give. Types only.

export type Size = { readonly columns: number; readonly rows: number };

/** `mode`: the word LIVE or EXERCISE at the row's start is made unmistakable. `loss`: what can not be brought back. Never colour alone. */
export type Tone = 'plain' | 'mode' | 'strong' | 'loss' | 'faint';
export type Row = { readonly text: string; readonly tone: Tone };

/** A filled window: at most `size.rows` rows of at most `size.columns` columns each, escaped. The cursor counts from 0. */
export type Frame = { readonly rows: readonly Row[]; readonly cursor?: { readonly row: number; readonly column: number } };

/** What the person has typed or picked so far and why it did not fit. The adapter keeps it; a frame shows it. */
export type Typing = { readonly line: string; readonly cursor: number; readonly picked: number; readonly error: string | undefined };

/**
 * What ends a prompt. Enter on nothing never does, unless `empty` says what it means.
 *
 * `choice`: a digit or an arrow marks a row, Enter takes the marked one. `line`: one line of text; `check` says why it does not fit,
 * shown under the line while nothing moves. `key`: one of the keys only.
 */
export type Ask =
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly closed: readonly (string | undefined)[]; readonly unpicked: string }
  | { readonly kind: 'line'; readonly initial?: string; readonly empty?: string; check(value: string): string | undefined }
  | { readonly kind: 'key' };

export type Prompt = {
  /** Called after every key, every second and whenever `refresh` fires: clocks and jobs move while a person thinks. */
  render(size: Size, typing: Typing): Frame;
  readonly ask: Ask;
  /** Keys that answer at once. In a line they are a letter of their own, followed by Enter: answers begin with letters too. */
  readonly keys: readonly string[];
  /** Aborted when the question is no longer the one that waits; the reply is then `dropped` and what was typed is lost. */
  readonly signal?: AbortSignal;
};

export type Reply = { readonly kind: 'value'; readonly value: string } | { readonly kind: 'key'; readonly key: string } | { readonly kind: 'dropped' };

export type Terminal = {
  /** Shows a question and waits. @throws Fault E_INTERRUPTED on Ctrl-C or when the terminal goes away. */
  prompt(prompt: Prompt): Promise<Reply>;
  /** Renders the open prompt or the busy screen anew. */
  refresh(): void;
  /** Shows what is under way until the returned function is called. Keys do nothing; Ctrl-C interrupts. */
  busy(render: (size: Size) => Frame): () => void;
  /** Plain text kept in the scrollback, above the screen: witness lines, the fingerprint. */
  leave(text: string): void;
  /** Leaves the last screen readable, the cursor below it. What comes next is plain output. */
  close(): void;
};
