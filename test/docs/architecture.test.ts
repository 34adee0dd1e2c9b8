// What the linter can not say about the house.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

describe('the house', () => {
  it('tells the time only in adapters, the range and main', () => {
    const tellers = sources.filter((file) => !/^(adapters\/|range\/(server|clock|journal)\.ts|main\.ts)/.test(file) && /new Date\(\)|Date\.now\(\)/.test(read(join('src', file))));
    expect(tellers).toEqual([]);
  });

  it('opens every source file with a line that says what it knows', () => {
    expect(sources.filter((file) => !read(join('src', file)).startsWith('// '))).toEqual([]);
  });

  it('keeps every source file under 300 lines', () => {
    expect(sources.filter((file) => read(join('src', file)).split('\n').length > 301)).toEqual([]);
  });

  it('has a map that names every room of src', () => {
    const map = read('src/README.md');
    const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [`${entry.name}/`] : []));
    expect(rooms.filter((room) => !map.includes(room))).toEqual([]);
  });

  it('has a change log whose newest version is the package version', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(/^## \[?(\d+\.\d+\.\d+)/m.exec(read('CHANGELOG.md'))?.[1]).toBe(version);
  });

  it('locks no package to a host', () => {
    expect(/"resolved": "https?:/.test(read('package-lock.json'))).toBe(false);
  });

  it('offers in its README only commands that exist', () => {
    const offered = [...read('README.md').matchAll(/npx firebreak (\w+)/g)].map(([, name]) => name as string);
    const known = [...read('src/cli/index.ts').matchAll(/^ {2}(\w+): async \(\) => /gm)].map(([, name]) => name as string);
    expect(offered.length).toBeGreaterThan(3);
    expect(offered.filter((name) => !known.includes(name) && name !== 'help')).toEqual([]);
  });
});
