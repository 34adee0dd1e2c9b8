// A whole drill told without a name: whatever its account holds is in no byte of the redacted report.
import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formats } from '../../src/report/formats.ts';
import { aCli, type Cli } from '../support/cli.ts';
import { firstNight } from '../support/shell.ts';

let cli: Cli;
/** Everything of the account that names somebody or something. */
let secret: readonly string[];

beforeAll(async () => {
  cli = await aCli();
  await cli.call(['drill', 'leaked-access-key/first-night', '--case', 'EX', '--as', 'Ophelia Operator']);
  const { seed } = await firstNight();
  const texts = (value: unknown): readonly string[] => {
    if (typeof value === 'string') return [value];
    if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(texts);
    return [];
  };
  // Words with a digit or a dash in them: no sentence of ours has such by chance. Regions, types and API names are nobody's secret.
  const common = new Set([...seed.regions, ...texts(seed.history.map(({ action }) => action))]);
  secret = [...new Set(texts([seed.account, seed.users, seed.instances, seed.trails, seed.history]))].filter(
    (value) =>
      /^[\w.:@/ -]{6,}$/.test(value) &&
      /[\d-]/.test(value) &&
      !common.has(value) &&
      !/^ecs\.|^\d{4}-\d\d-\d\d|^(?:true|false)$|^\d{1,5}$|^(?:Pre|Post)Paid|cloud_|^acs:$/.test(value),
  );
}, 90_000);
afterAll(async () => cli.end());

describe('report --redacted', () => {
  it.each(Object.keys(formats))('as %s shows nothing of the account, in either language', async (format) => {
    expect(secret.length).toBeGreaterThan(40);
    for (const lang of ['en', 'zh']) {
      const { status, out } = await cli.call(['report', 'EX', '--redacted', '--format', format, '--lang', lang]);
      expect(status).toBe(0);
      expect([...secret, 'Ophelia', 'LTAI', 'acme'].filter((value) => out.includes(value))).toEqual([]);
      expect(out).toContain(format === 'json' ? '"tlp": "GREEN"' : 'TLP:GREEN');
      expect(out).toContain('EX');
    }
  });

  it('names by the salt of the full edition what its labels stand for', async () => {
    type Told = {
      readonly edition: { readonly salt?: string; readonly labels: readonly { readonly label: string; readonly sha256: string }[] };
      readonly scope: { readonly keys: readonly { readonly id: string }[] };
    };
    const told = async (...more: readonly string[]): Promise<Told> => JSON.parse((await cli.call(['report', 'EX', '--format', 'json', ...more])).out) as Told;
    const [full, bare] = [await told(), await told('--redacted')];
    expect(bare.edition.salt).toBeUndefined();
    expect(bare.edition.labels).toEqual(full.edition.labels);
    const keys = full.scope.keys.map(({ id }) => hash('sha256', `${full.edition.salt}${id}`, 'hex'));
    const named = bare.scope.keys.map(({ id }) => bare.edition.labels.find(({ label }) => label === id)?.sha256);
    expect(named).toEqual(keys);
  });

  it('takes a mark of the traffic light protocol, and no other', async () => {
    expect((await cli.call(['report', 'EX', '--tlp', 'tlp:red'])).out).toContain('TLP:RED');
    expect((await cli.call(['report', 'EX', '--redacted', '--tlp', 'CLEAR'])).out).toContain('TLP:CLEAR');
    const { status, err } = await cli.call(['report', 'EX', '--tlp', 'PURPLE']);
    expect({ status, hint: err.includes('AMBER+STRICT') }).toEqual({ status: 2, hint: true });
  });
});
