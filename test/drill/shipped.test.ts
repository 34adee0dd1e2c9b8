// Every shipped drill, played by its reference answers over HTTP: it passes with all its points, and nobody who must not be touched was.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Entry } from '../../src/casefile/entry.ts';
import { playOn } from '../../src/cli/play.ts';
import { newSession } from '../../src/cli/session.ts';
import { score } from '../../src/drill/score.ts';
import { openLightCloud } from '../support/crash-cloud.ts';
import { aShell, runbook } from '../support/crash-shell.ts';
import { breaches } from '../support/laws.ts';

const folder = mkdtempSync(join(tmpdir(), 'firebreak-drills-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const drills = readdirSync(new URL(`../../runbooks/${runbook}/drills/`, import.meta.url)).map((file) => file.replace('.yaml', ''));

it.each(drills)(
  '%s passes with every point, breaks no law, and leaves no question of its answers unasked',
  async (scenario) => {
    const shell = aShell({ root: join(folder, scenario), open: (options) => openLightCloud(options, 'firebreak') });
    const session = await newSession(shell, { runbook, scenario, id: 'DRILL', time: { kind: 'virtual' } });
    try {
      expect(session.scenario?.id).toBe(scenario);
      const answers = session.scenario?.answers ?? {};
      while ((await playOn(session, { answers, via: 'reference', jump: true })).state === 'running');
      const entries: readonly Entry[] = [...session.store.entries()];
      const result = score(entries, session.scenario ?? { id: '', objectives: [], passPoints: 1 });
      expect(result.results.filter(({ reached }) => !reached)).toEqual([]);
      expect(result.passed).toBe(true);
      const asked = new Set(entries.flatMap((entry) => (entry.type === 'answer.given' || entry.type === 'debt.accepted' ? [entry] : [])).map((entry) => pathOf(entry)));
      expect(Object.keys(answers).filter((step) => !asked.has(step))).toEqual([]);
      const self = { accessKeyId: 'LTAI5tEXAMPLEir00009', userName: 'ir-oncall' };
      const effects = (session.range?.effects() ?? []).filter(({ accessKeyId }) => accessKeyId === self.accessKeyId);
      expect(breaches({ entries, effects, self, needs: {} })).toEqual([]);
    } finally {
      await session.close();
    }
  },
  120_000,
);

function pathOf(entry: Entry): string {
  if (entry.type === 'debt.accepted') return `debt.${entry.debt}`;
  return entry.type === 'answer.given' ? `${entry.frame === undefined ? '' : `${entry.frame}/`}${entry.step}` : '';
}
