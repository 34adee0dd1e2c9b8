import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aWire, type Wire } from '../../support/wire.ts';

// A process of its own each: signals, exits and stalls of the main thread can not be seen from inside the test runner.
let wire: Wire;
beforeAll(async () => {
  wire = await aWire();
});
afterEach(() => {
  wire.forget();
});
afterAll(async () => {
  await wire.close();
});

const src = new URL('../../../src/', import.meta.url).href;

/** Runs a script that has an open `cloud`, two calls and `tell(value)`, which prints JSON. */
function aProcess(script: string): ChildProcess {
  const source = `
    import { monitorEventLoopDelay } from 'node:perf_hooks';
    import { openCloud } from '${src}adapters/alibaba/cloud.ts';
    import { hostClock } from '${src}adapters/clock.ts';
    const delay = monitorEventLoopDelay({ resolution: 2 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    delay.enable();
    const tell = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
    const call = { region: 'cn-hangzhou', params: {} };
    const whoAmI = { ...call, product: 'sts', version: '2015-04-01', action: 'GetCallerIdentity', effect: 'read' };
    const instances = { ...call, product: 'ecs', version: '2014-05-26', action: 'DescribeInstances', effect: 'read' };
    const cloud = await openCloud({
      endpoint: '${wire.endpoint}', clock: hostClock(), caseId: 'example-1', version: '0.0.0',
      credential: { accessKeyId: 'LTAI5tEXAMPLE', accessKeySecret: 'EXAMPLEsecret', source: 'environment' },
    });
    ${script}`;
  return spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 15_000, killSignal: 'SIGKILL' });
}

async function told(child: ChildProcess): Promise<unknown> {
  if (!child.stdout) throw new Error('no stdout');
  const [out] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return JSON.parse(out);
}

describe('the worker thread', () => {
  it('loads ECS without stalling the main thread or the calls that need it not', { retry: 2 }, async () => {
    const seen = (await told(
      aProcess(`
        const first = cloud.send(instances).then(() => performance.now());
        const others = [];
        let done = false;
        first.then(() => { done = true; });
        while (!done) {
          const from = performance.now();
          await cloud.send(whoAmI);
          others.push(performance.now() - from);
        }
        await cloud.close();
        tell({ stallMs: delay.max / 1e6, sent: others.length, slowestMs: Math.max(...others.slice(1)) });`),
    )) as { readonly stallMs: number; readonly sent: number; readonly slowestMs: number };
    expect(seen.stallMs).toBeLessThan(50);
    expect(seen.sent).toBeGreaterThan(2);
    expect(seen.slowestMs).toBeLessThan(400);
  });

  it('lets the process end, closed or not, once no answer is due', async () => {
    expect(await told(aProcess('tell(await cloud.send(whoAmI));'))).toMatchObject({ ok: true });
    expect(await told(aProcess('await cloud.close(); tell("closed");'))).toBe('closed');
    expect(await told(aProcess('tell("never used");'))).toBe('never used');
  });

  it('goes on with a call under way when the terminal sends Ctrl-C', async () => {
    wire.answer((response) => {
      child.kill('SIGINT');
      setTimeout(() => response.end('{"RequestId":"AFTER"}'), 200);
    });
    const child = aProcess(
      "let pressed = 0; process.on('SIGINT', () => { pressed += 1; }); const reply = await cloud.send(whoAmI); tell({ pressed, ...reply }); await cloud.close();",
    );
    expect(await told(child)).toMatchObject({ ok: true, requestId: 'AFTER', pressed: 1 });
  });
});
