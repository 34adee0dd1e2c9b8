// Builders for the adapter's tests: calls, a credential that is plainly fake, a clock that never makes a test wait.
import type { Call } from '../../../src/actions/define.ts';
import type { NamedCredential } from '../../../src/adapters/alibaba/credential.ts';
import type { Clock } from '../../../src/engine/ports.ts';

export const aCredential: NamedCredential = {
  accessKeyId: 'LTAI5tEXAMPLEresponder01',
  accessKeySecret: 'EXAMPLEsecret/of+the=responder',
  securityToken: 'EXAMPLEtoken/of+the=responder==',
  source: 'profile:example',
};

const versions = { sts: '2015-04-01', ram: '2015-05-01', ims: '2019-08-15', ecs: '2014-05-26', actiontrail: '2020-07-06' } as const;

export function aRead(product: Call['product'], action: string, params: Call['params'] = {}, region = 'cn-hangzhou'): Call {
  return { product, version: versions[product], action, params, region, effect: 'read' };
}

export function aWrite(product: Call['product'], action: string, params: Call['params'] = {}, region = 'cn-hangzhou'): Call {
  return { ...aRead(product, action, params, region), effect: 'write' };
}

export const listUsers = aRead('ram', 'ListUsers');
export const disableKey = aWrite('ram', 'UpdateAccessKey', { UserName: 'example', UserAccessKeyId: 'LTAI5tEXAMPLEleaked00001', Status: 'Inactive' });

export type TestClock = Clock & {
  /** Every wait that was begun, in order. */
  readonly slept: number[];
  readonly hostSlept: number[];
};

/** Scenario time starts at 0 and moves to the end of every sleep at once; host time is the machine's, but its waits end at once. */
export function aClock(): TestClock {
  let at = 0;
  const slept: number[] = [];
  const hostSlept: number[] = [];
  return {
    slept,
    hostSlept,
    now: () => new Date(at),
    async sleep(ms, signal) {
      slept.push(ms);
      const until = at + ms;
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      at = Math.max(at, until);
    },
    hostNow: () => new Date(),
    async hostSleep(ms, signal) {
      hostSlept.push(ms);
      await Promise.resolve();
      signal?.throwIfAborted();
    },
  };
}
