// The first prompt of a drill in a real terminal, and how long a key press waits while the SDKs load behind it.
import { setTimeout as wait } from 'node:timers/promises';
import { hasPty, openPty, type Pty } from '../test/support/pty.ts';
import { median, timed, type Bench } from './figure.ts';
import { bin, inFolder, node } from './process.ts';

const rounds = 9;
const presses = 60;
const mostTimes = 10;
const mostMs = 50;
const firstQuestion = /input\.accessKeyId/;

export const prompt: Bench = () => {
  if (!hasPty()) {
    process.stdout.write('skipped  first prompt and key press: python3 is needed for a pseudo-terminal\n');
    return Promise.resolve([]);
  }
  return inFolder(async (folder) => {
    const drill = (round: number | string): Pty =>
      openPty([process.execPath, bin, 'drill', '--vault', folder, '--case', `P${round}`], { env: { FIREBREAK_STATE: `${folder}/state` } });
    const bridges: number[] = [];
    const floors: number[] = [];
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      // The bridge to the pseudo-terminal costs time of its own: it is measured and taken off.
      bridges.push(await timed(() => openPty(['true']).ended()));
      floors.push(await timed(() => node(['-e', '0'])));
      let pty: Pty | undefined;
      times.push(
        await timed(async () => {
          pty = drill(round);
          await pty.until(firstQuestion);
        }),
      );
      pty?.kill();
    }
    const [floor, measured] = [median(floors), median(times) - median(bridges)];
    const ratio = measured / floor;
    const stall = await slowestPress(drill('KEYS'));
    return [
      {
        name: 'first prompt of a drill',
        measured: `${measured.toFixed(0)} ms`,
        floor: `node -e 0: ${floor.toFixed(0)} ms`,
        ratio,
        bar: `<= ${mostTimes} x`,
        reached: ratio <= mostTimes,
      },
      { name: `slowest of ${presses} key presses while the SDKs load`, measured: `${stall.toFixed(0)} ms`, floor: '-', bar: `<= ${mostMs} ms`, reached: stall <= mostMs },
    ];
  });
};

/** From a key to its letter on the screen, the pseudo-terminal included. */
async function slowestPress(pty: Pty): Promise<number> {
  await pty.until(firstQuestion);
  let slowest = 0;
  let typed = '';
  for (let press = 0; press < presses; press += 1) {
    typed += 'ABCDEFGHIJ'[press % 10] ?? '';
    const shown = new RegExp(`> ${typed}`);
    const ms = await timed(async () => {
      pty.send(typed.at(-1) ?? '');
      await pty.until(shown);
    });
    slowest = Math.max(slowest, ms);
    await wait(40);
  }
  pty.kill();
  return slowest;
}
