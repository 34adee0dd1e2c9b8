// Launch to the leaked key inactive, at 80 ms a call, as a program plays it: every process start is counted.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './figure.ts';
import { firebreak, inFolder, withRange } from './process.ts';

const mostAnswers = 4;
const mostSeconds = 20;
/** The proposals (lead, severity, when and how found) are one more Enter at a terminal. */
const proposalsAnswer = 1;

type Status = { readonly state: string; readonly pending: { readonly step: string; readonly kind: string; readonly expects?: { readonly text?: string } } | null };

export const cut: Bench = () =>
  inFolder((folder) =>
    withRange(folder, 80, async (env) => {
      const start = performance.now();
      let status = call(['run', 'leaked-access-key', '--case', 'CUT'], folder, env);
      let answers = proposalsAnswer;
      while (!isCut(folder)) {
        const { pending } = status;
        if (!pending || answers > 20) throw new Error(`the cut was not reached: ${JSON.stringify(status)}`);
        status = call(['answer', 'CUT', pending.step, pending.expects?.text ?? 'LTAI5tEXAMPLEci00001'], folder, env);
        answers += 1;
      }
      const seconds = (performance.now() - start) / 1000;
      return [
        { name: 'answers from launch to the key inactive', measured: String(answers), floor: '-', bar: `<= ${mostAnswers}`, reached: answers <= mostAnswers },
        {
          name: 'machine time from launch to the key inactive, 80 ms a call',
          measured: `${seconds.toFixed(1)} s`,
          floor: '-',
          bar: `<= ${mostSeconds} s`,
          reached: seconds <= mostSeconds,
        },
      ];
    }),
  );

function call(args: readonly string[], folder: string, env: Readonly<Record<string, string>>): Status {
  const { status, out } = firebreak([...args, '--vault', folder, '--json'], env);
  if (status !== 75) throw new Error(`firebreak ${args.join(' ')} ended with ${status}: ${out}`);
  return JSON.parse(out) as Status;
}

/** By the range's own record, not by ours. */
function isCut(folder: string): boolean {
  const journal = readdirSync(folder).find((name) => name.startsWith('range-'));
  return (
    journal !== undefined &&
    readFileSync(join(folder, journal), 'utf8')
      .split('\n')
      .some((line) => line.includes('UpdateAccessKey') && line.includes('LTAI5tEXAMPLEci00001') && line.includes('Inactive'))
  );
}
