// npm run bench [-- NAME…]: every figure beside its floor; exits 1 when a bar is not reached. Measures the built dist/.
import { contain } from './contain.ts';
import { cut } from './cut.ts';
import { renderFigure, type Bench } from './figure.ts';
import { prompt } from './prompt.ts';
import { scan } from './scan.ts';
import { check, resume, version } from './start.ts';
import { append, seal, verify } from './trail.ts';

const benches: Readonly<Record<string, Bench>> = { cut, version, prompt, append, verify, seal, scan, resume, check, contain };

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  process.stderr.write(`no bench ${unknown.join(', ')}; there are: ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}
let missed = 0;
for (const [name, bench] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const figure of await bench()) {
    process.stdout.write(`${renderFigure(figure)}\n`);
    if (!figure.reached) missed += 1;
  }
}
process.exitCode = missed > 0 ? 1 : 0;
