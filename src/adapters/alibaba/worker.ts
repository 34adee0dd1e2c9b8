// The thread that holds the SDKs: takes a call, sends it once, says what came of it. Knows no budget and no retry.
import { parentPort, workerData } from 'node:worker_threads';
import type { Call } from '../../actions/define.ts';
import { classify, type Answer, type Verdict } from './classify.ts';
import { fence, refusedInRehearsal } from './fence.ts';
import { Miswritten, patienceMs, sdks, type Setting } from './products.ts';
import { answerOf } from './thrown.ts';
import { install, traced, type ProxyEnv, type Trace } from './transport.ts';
import type { Secret } from './verbatim.ts';

/** What the worker is started with. */
export type WorkerSetting = Setting & { readonly secrets: readonly Secret[]; readonly proxy?: ProxyEnv };
export type Question = { readonly id: number; readonly call: Call };
/** `miswritten`: our own mistake, nothing was sent. */
export type Told = { readonly id: number } & ({ readonly verdict: Verdict } | { readonly miswritten: string });

function serve(port: NonNullable<typeof parentPort>, setting: WorkerSetting): void {
  if (setting.loopback !== undefined) fence();
  install(setting.proxy);
  const clients = sdks(setting);
  const attempt = async (call: Call): Promise<Verdict> => {
    const refused = setting.readOnly === true ? refusedInRehearsal(call) : undefined;
    if (refused !== undefined) throw new Miswritten(refused);
    const trace: Trace = { sent: false, body: '' };
    let answer: Answer;
    try {
      const { statusCode, body, headers } = await traced(trace, () => clients.send(call));
      const requestId = headers['x-acs-request-id'];
      const date = headers['date'];
      answer = { kind: 'body', status: statusCode, text: body, ...(requestId === undefined ? {} : { requestId }), ...(date === undefined ? {} : { date }) };
    } catch (error) {
      if (error instanceof Miswritten) throw error;
      answer = answerOf(error, trace, patienceMs(call, setting));
    }
    return classify(call, answer, setting.secrets, new Date());
  };
  port.on('message', ({ id, call }: Question) => {
    attempt(call).then(
      (verdict) => port.postMessage({ id, verdict } satisfies Told),
      (error: unknown) => port.postMessage({ id, miswritten: error instanceof Error ? error.message : String(error) } satisfies Told),
    );
  });
  // Only a head start: a call that needs a package which can not be loaded says so itself.
  clients.warmUp().catch(() => undefined);
}

if (parentPort) serve(parentPort, workerData as WorkerSetting);
