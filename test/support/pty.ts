// A program in a real pseudo-terminal, and the screen it paints: what a person would see, row by row.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { FakeScreen } from './fake-screen.ts';

/** Opens a pty of the asked size, runs the command in it, and carries keys and output over pipes. Commands come as JSON lines. */
const bridge = `
import fcntl, json, os, pty, select, struct, sys, termios, signal
columns, rows = int(sys.argv[1]), int(sys.argv[2])
child, master = pty.fork()
if child == 0:
    os.execvp(sys.argv[3], sys.argv[3:])
def size(c, r):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack('HHHH', r, c, 0, 0))
size(columns, rows)
print(child, file=sys.stderr, flush=True)
pending, hungry = b'', True
while True:
    ready, _, _ = select.select([master] + ([0] if hungry else []), [], [])
    if master in ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            data = b''
        if not data:
            break
        os.write(1, data)
    if 0 in ready:
        data = os.read(0, 65536)
        hungry = bool(data)
        pending += data
        while b'\\n' in pending:
            line, pending = pending.split(b'\\n', 1)
            order = json.loads(line)
            if 'keys' in order:
                os.write(master, order['keys'].encode())
            if 'size' in order:
                size(*order['size'])
                os.kill(child, signal.SIGWINCH)
            if 'hangup' in order:
                os.close(master)
                sys.exit(0)
status = os.waitpid(child, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`;

/** Is there a python3 to make a pty with? */
export function hasPty(): boolean {
  return spawnSync('python3', ['-c', 'import pty']).status === 0;
}

export type Pty = {
  readonly screen: FakeScreen;
  /** Everything received, escape codes included. */
  raw(): string;
  /** The pid of the program itself. */
  pid(): number;
  send(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Closes the terminal under the program. */
  hangUp(): void;
  /** Waits until the screen shows the pattern; throws with the screen when it never does. */
  until(pattern: RegExp, what?: string, withinMs?: number): Promise<RegExpMatchArray>;
  /** The exit status of the program. */
  ended(withinMs?: number): Promise<number>;
  kill(): void;
};

export function openPty(
  command: readonly string[],
  options: { readonly columns?: number; readonly rows?: number; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Pty {
  const { columns = 80, rows = 24, env = {}, cwd } = options;
  const screen = new FakeScreen(columns, rows);
  const child: ChildProcess = spawn('python3', ['-c', bridge, String(columns), String(rows), ...command], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: '', ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let raw = '';
  let told = '';
  const watchers = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    raw += text;
    screen.write(text);
    for (const watcher of watchers) watcher();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const over = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  const order = (value: object): void => void child.stdin?.write(`${JSON.stringify(value)}\n`);
  const shown = (): string => screen.rows.join('\n');
  return {
    screen,
    raw: () => raw,
    pid: () => Number(/^\d+/.exec(told)?.[0]),
    send: (keys) => order({ keys }),
    resize: (c, r) => {
      screen.columns = c;
      screen.height = r;
      order({ size: [c, r] });
    },
    hangUp: () => order({ hangup: true }),
    until: (pattern, what = String(pattern), withinMs = 20_000) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = shown().match(pattern);
          if (!match) return;
          watchers.delete(look);
          clearTimeout(timer);
          resolve(match);
        };
        const timer = setTimeout(() => {
          watchers.delete(look);
          reject(new Error(`${what} did not appear. The screen:\n${shown()}\n${told}`));
        }, withinMs);
        watchers.add(look);
        look();
      }),
    ended: (withinMs = 20_000) =>
      Promise.race([
        over,
        new Promise<number>((_, reject) => {
          setTimeout(() => reject(new Error(`It did not end. The screen:\n${shown()}`)), withinMs).unref();
        }),
      ]),
    kill: () => void child.kill('SIGKILL'),
  };
}
