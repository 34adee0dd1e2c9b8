// The main thread's end of the SDK worker: asks, waits, starts it again if it dies, ends it. Knows nothing of calls' meaning.
import { Worker } from 'node:worker_threads';
import type { Call } from '../../actions/define.ts';
import { Fault } from '../../errors.ts';
import type { Verdict } from './classify.ts';
import type { Question, Told, WorkerSetting } from './worker.ts';

/** The worker ended under a call: whether that was sent is not known. */
export type Lost = { readonly lost: string };

type Waiting = { readonly resolve: (told: Verdict | Lost) => void; readonly reject: (fault: Fault) => void };

/** One worker thread; it keeps the process alive only while an answer is due. */
export class Link {
  readonly #setting: WorkerSetting;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #last = 0;
  #closed = false;

  constructor(setting: WorkerSetting) {
    this.#setting = setting;
    this.#start();
  }

  /**
   * Sends a call once.
   *
   * @throws Fault E_BUG for a call we wrote wrong; E_INTERRUPTED when closed.
   */
  async ask(call: Call): Promise<Verdict | Lost> {
    if (this.#closed) throw new Fault('E_INTERRUPTED', 'The connection to the cloud is closed.');
    const worker = this.#worker ?? this.#start();
    const id = ++this.#last;
    const answered = new Promise<Verdict | Lost>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    worker.ref();
    worker.postMessage({ id, call } satisfies Question);
    return await answered;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
    this.#worker = undefined;
    this.#lose('it was closed');
  }

  #start(): Worker {
    // Beside this file: .ts in the source tree, .js in dist.
    const file = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
    // An empty environment: no ambient credential, no debug switch that prints signed headers. What the SDKs print is never read: a
    // stream that flows would keep the process alive.
    const worker = new Worker(file, { workerData: this.#setting, env: {}, execArgv: [], stdout: true, stderr: true, name: 'cloud' });
    worker.on('message', (told: Told) => this.#settle(told));
    const gone = (why: string): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#lose(why);
    };
    worker.on('error', (error) => gone(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => gone(`exit ${code}`));
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #settle(told: Told): void {
    const waiting = this.#waiting.get(told.id);
    this.#waiting.delete(told.id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ('verdict' in told) waiting?.resolve(told.verdict);
    else waiting?.reject(new Fault('E_BUG', told.miswritten));
  }

  #lose(why: string): void {
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of lost) waiting.resolve({ lost: why });
  }
}
