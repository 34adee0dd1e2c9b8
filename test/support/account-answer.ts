// How the fake account reads a call and refuses one.
import type { Call, Refusal, Refused } from '../../src/actions/define.ts';

export function refused(refusal: Refusal, code: string, status: number): Refused {
  return { ok: false, refusal, code, message: code, status, text: JSON.stringify({ Code: code }), retries: 0 };
}

export const param = (call: Call, name: string): string => call.params[name] ?? '';
