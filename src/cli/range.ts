// firebreak range: the simulated account alone, for programs and other tools.
import { randomBytes } from 'node:crypto';
import { Fault, exits } from '../errors.ts';
import { openWorld } from '../drill/world.ts';
import type { Command } from './command.ts';
import { drillNamed, loadScenario } from './shipped.ts';

export const range: Command = {
  name: 'range',
  usage: 'range [RUNBOOK[/SCENARIO]] [--port N] [--latency MS] [--journal FILE]',
  summary: { en: 'serve the simulated account on loopback', zh: '在本机提供模拟账号' },
  examples: ['firebreak range leaked-access-key/first-night --port 8123'],
  flags: { port: 'text', latency: 'text', journal: 'text' },
  words: [0, 1],
  async run(shell, args) {
    const { runbook, scenario } = await drillNamed(shell, args.words[0] ?? 'leaked-access-key');
    const { world } = await loadScenario(shell, runbook, scenario);
    const port = whole('port', args.text('port'), 65_535);
    const latencyMs = whole('latency', args.text('latency'), 60_000);
    const journal = args.text('journal') ?? `${shell.vault}/range-${randomBytes(3).toString('hex')}.jsonl`;
    await shell.folder(journal);
    const served = await openWorld(world, { journal, time: { kind: 'host' }, ...(port === undefined ? {} : { port }), ...(latencyMs === undefined ? {} : { latencyMs }) });
    const { accessKeyId, accessKeySecret } = world.credential;
    if (shell.json) shell.out(JSON.stringify({ url: served.url, accessKeyId, accessKeySecret, journal }));
    else {
      shell.out(`EXERCISE range: ${served.url}`);
      shell.out(`export FIREBREAK_ENDPOINT=${served.url} ALIBABA_CLOUD_ACCESS_KEY_ID=${accessKeyId} ALIBABA_CLOUD_ACCESS_KEY_SECRET=${accessKeySecret}`);
      shell.out(shell.lang === 'zh' ? '按 Ctrl-C 结束。' : 'Ctrl-C ends it.');
    }
    await new Promise<void>((resolve) => {
      if (shell.signal.aborted) resolve();
      shell.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await served.close();
    return exits.ok;
  },
};

function whole(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) > most) throw new Fault('E_USAGE', `--${name} takes a whole number up to ${most}.`);
  return Number(text);
}
