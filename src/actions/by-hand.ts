// A call as a person would make it: the exact aliyun command, and one readable line. Pure.
import type { Call } from './define.ts';

/** The command with every value quoted for a POSIX shell. Versions the CLI does not take by itself are named. */
export function aliyunCommand({ product, version, action, params, region }: Call): string {
  const own = product === 'actiontrail' || product === 'ims' ? ['--version', version, '--force'] : [];
  const values = Object.entries(params).flatMap(([name, value]) => [`--${name}`, quoted(value)]);
  const regional = product === 'ecs' ? ['--RegionId', quoted(region)] : [];
  return ['aliyun', product, action, '--region', quoted(region), ...regional, ...values, ...own].join(' ');
}

/** Product, operation, region and parameters on one line, as the trail names them. Values are foreign: escape what is shown. */
export function describeCall({ product, action, params, region }: Call): string {
  const values = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  return [`${product}:${action}`, region, ...values].join(' ');
}

/** Plain words stay; anything else goes into single quotes, where only the single quote itself has a meaning. */
function quoted(value: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
