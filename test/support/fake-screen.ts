// A terminal's screen in memory: the cells a painter wrote, what scrolled away, where the cursor is.
import measure from 'fast-string-width';

/** Just enough of a terminal to read what our own painter writes, and plain output around it. */
export class FakeScreen {
  #rows: string[][] = [];
  #row = 0;
  #column = 0;
  columns: number;
  height: number;
  readonly scrolled: string[] = [];
  cursorShown = true;

  constructor(columns: number, height: number) {
    this.columns = columns;
    this.height = height;
  }

  get rows(): readonly string[] {
    return Array.from({ length: this.height }, (_, nth) =>
      (this.#rows[nth] ?? [])
        .map((cell) => (cell === '' ? '' : cell))
        .join('')
        .trimEnd(),
    );
  }

  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#row, column: this.#column };
  }

  write(text: string): void {
    for (const [token] of text.matchAll(/\u001b\[[?0-9;]*[A-Za-z]|\u001b.|[\s\S]/gu)) this.#take(token);
  }

  #take(token: string): void {
    if (token.startsWith('\u001b[')) this.#control(token.slice(2, -1), token.at(-1) ?? '');
    else if (token === '\r') this.#column = 0;
    else if (token === '\n') this.#lineFeed();
    else if (token === '\b') this.#column = Math.max(0, this.#column - 1);
    else if (token >= ' ') this.#put(token);
  }

  #control(args: string, letter: string): void {
    if (args.startsWith('?')) {
      if (args === '?25') this.cursorShown = letter === 'h';
      return;
    }
    const [first = 0, second = 0] = args.split(';').map(Number);
    if (letter === 'H') [this.#row, this.#column] = [Math.min(this.height, Math.max(1, first)) - 1, Math.max(1, second) - 1];
    else if (letter === 'K') this.#rows[this.#row] = this.#line().slice(0, this.#column);
    else if (letter === 'J') this.#rows.length = Math.min(this.#rows.length, this.#row);
    else if (letter === 'A') this.#row = Math.max(0, this.#row - Math.max(1, first));
    else if (letter === 'B') this.#row = Math.min(this.height - 1, this.#row + Math.max(1, first));
    else if (letter === 'G') this.#column = Math.max(1, first) - 1;
  }

  #line(): string[] {
    return (this.#rows[this.#row] ??= []);
  }

  #lineFeed(): void {
    if (this.#row < this.height - 1) {
      this.#row += 1;
      return;
    }
    this.scrolled.push((this.#rows.shift() ?? []).join('').trimEnd());
    this.#rows.length = this.height - 1;
    this.#rows.push([]);
  }

  #put(character: string): void {
    const wide = measure(character) === 2;
    if (this.#column + (wide ? 2 : 1) > this.columns) {
      this.#column = 0;
      this.#lineFeed();
    }
    const line = this.#line();
    for (let at = line.length; at < this.#column; at += 1) line[at] = ' ';
    line[this.#column] = character;
    if (wide) line[this.#column + 1] = '';
    this.#column += wide ? 2 : 1;
  }
}
