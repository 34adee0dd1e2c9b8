// What an answer means: one table from what came over the wire to a Reply. Pure; knows no socket and no SDK.
import type { Call, Done, Refusal, Refused } from '../../actions/define.ts';
import type { JsonObject } from '../../text.ts';
import { parse, redact, redactPlain, type Secret } from './verbatim.ts';

/** What one attempt brought back, as the transport saw it. */
export type Answer =
  /** A response the SDK took for success. */
  | { readonly kind: 'body'; readonly status: number; readonly text: string; readonly requestId?: string; readonly date?: string }
  /** An error the service explained. `data` is its body. */
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly data: string;
      readonly requestId?: string;
      readonly date?: string;
      readonly retryAfterMs?: number;
    }
  /** No usable answer: network, time-out, or something that is not the API's JSON. `sent`: the server may have got the request. */
  | { readonly kind: 'broken'; readonly sent: boolean; readonly name: string; readonly message: string; readonly code?: string; readonly status?: number; readonly date?: string };

/** A reply before retries are counted, and whether the same call may be sent again. */
export type Verdict = {
  readonly reply: Omit<Done, 'retries'> | Omit<Refused, 'retries'>;
  /** `throttled`: refused before anything happened. `transport`: a read met a fault, or nothing was sent. */
  readonly again?: 'throttled' | 'transport';
  /** How long the service asked us to stay away, milliseconds. */
  readonly retryAfterMs?: number;
};

type Rule = { readonly code: RegExp; readonly message?: RegExp; readonly refusal: Refusal | 'fault'; readonly plain: string };

/**
 * First match wins. `fault` is a server fault: a read is sent again, a write is unknown. Sources: reference/alibaba.md §1.6, §2.8, §4.1 and
 * the official error codes. HTTP status is no guide: ECS answers 403 for wrong states as well as for missing permissions.
 */
const rules: readonly Rule[] = [
  {
    code: /^Forbidden/,
    message: /risk of leakage of this AccessKey/i,
    refusal: 'protected',
    plain: 'Alibaba has flagged the key in use as leaked and blocks it. Go on with another credential: resume --profile.',
  },
  { code: /LockedForSecurity/, refusal: 'locked', plain: 'The target is under a security lock by Alibaba and refuses every change.' },
  { code: /Throttling|^TooManyRequests/, refusal: 'throttled', plain: 'The service asked us to slow down, and did so again after every pause.' },
  { code: /^InvalidTimeStamp/, refusal: 'denied', plain: 'The clock of this machine is wrong, so the request was refused.' },
  { code: /^InvalidAccessKeyId\.Inactive/, refusal: 'denied', plain: 'The key in use is disabled. Go on with another credential: resume --profile.' },
  { code: /^InvalidAccessKeyId/, refusal: 'denied', plain: 'Alibaba does not know the key in use. Check the profile, or go on with another: resume --profile.' },
  { code: /^(SignatureDoesNotMatch|IncompleteSignature|InvalidAccessKeySecret)/, refusal: 'denied', plain: 'The secret of the key in use is not the right one. Check the profile.' },
  { code: /^(InvalidSecurityToken|MissingSecurityToken)/, refusal: 'denied', plain: 'The temporary credential in use is expired or damaged. Get a fresh one, then resume.' },
  { code: /^(InternalError|InnerServiceFailed|ServiceUnavailable|SystemError|SystemBusy|RequestTimeout|SignatureNonceUsed)/, refusal: 'fault', plain: 'The service had a fault of its own.' },
  { code: /^InvalidAction\.NotFound|^InvalidVersion|^UnsupportedHTTPMethod/, refusal: 'invalid', plain: 'The service does not know this call.' },
  { code: /^Forbidden\.InstanceIsBeingCreated/, refusal: 'invalid', plain: 'The target is still being created.' },
  {
    code: /^(Forbidden|NoPermission|NotAuthorized|AccessDenied|PermissionDenied|UnauthorizedOperation|AuthenticationFail|UserNotInTheWhiteList|ImplicitDeny|ExplicitDeny)|\.(Unauthorized|NoPermission|PassRoleForbidden)$/,
    refusal: 'denied',
    plain: 'The identity in use has no permission for this call.',
  },
  { code: /^(EntityNotExists?|NoSuchResource|TrailNotFoundException)/, refusal: 'gone', plain: 'The target does not exist (any more).' },
  // ECS says NotFound of a mistyped value too (InvalidStatus.NotFound): only what names a resource is gone, for gone counts as done.
  { code: /^Invalid(RegionId|ZoneId)\./, refusal: 'invalid', plain: 'The service refused the request.' },
  {
    code: /^(Invalid\w+Ids?|Invalid(Instance|Disk|Snapshot|Image|Volume|RamRole|SecurityGroup|SecurityGroupAssociation|SecurityGroupRule|NetworkInterface|KeyPair)|(?!Invalid|Abs)\w+)\.NotFound$/,
    refusal: 'gone',
    plain: 'The target does not exist (any more).',
  },
];

const otherwise: Rule = { code: /^/, refusal: 'invalid', plain: 'The service refused the request for its parameters or the state of the target.' };

function ruleOf(code: string, message: string, status: number): Rule {
  const rule = rules.find((one) => one.code.test(code) && (one.message?.test(message) ?? true));
  if (rule) return rule;
  if (status === 429) return { ...otherwise, refusal: 'throttled' };
  return status >= 500 ? { ...otherwise, refusal: 'fault', plain: 'The service had a fault of its own.' } : otherwise;
}

/** ISO 8601 of an HTTP date, or nothing when it is none. */
function isoOf(date: string | undefined): string | undefined {
  const at = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

function skewOf(date: string | undefined, now: Date): string {
  const at = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(at)) return '';
  const seconds = Math.round((now.getTime() - at) / 1000);
  return ` It is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} the server's.`;
}

type Refusing = { readonly code: string; readonly message: string; readonly status: number; readonly text: string; readonly requestId?: string; readonly date?: string; readonly retryAfterMs?: number };

function refuse(call: Call, error: Refusing, secrets: readonly Secret[], now: Date): Verdict {
  const rule = ruleOf(error.code, error.message, error.status);
  const refusal = rule.refusal === 'fault' ? (call.effect === 'write' ? 'unknown' : 'unavailable') : rule.refusal;
  const unsure = refusal === 'unknown' ? ' Whether the change happened must be read from the account.' : '';
  const skew = rule.code.test('InvalidTimeStamp') && error.code.startsWith('InvalidTimeStamp') ? skewOf(error.date, now) : '';
  const said = error.message === '' ? '' : ` The service said: ${error.message}`;
  const reply = {
    ok: false,
    refusal,
    code: error.code,
    message: redactPlain(`${call.product}:${call.action} in ${call.region}: ${rule.plain}${skew}${unsure}${said}`, secrets),
    status: error.status,
    ...(error.requestId ? { requestId: error.requestId } : {}),
    text: redact(error.text, secrets).text,
  } as const;
  if (refusal === 'throttled') return { reply, again: 'throttled', ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }) };
  return refusal === 'unavailable' ? { reply, again: 'transport' } : { reply };
}

function broken(call: Call, answer: Omit<Extract<Answer, { kind: 'broken' }>, 'kind'>, secrets: readonly Secret[]): Verdict {
  const what = `${call.product}:${call.action} in ${call.region}`;
  const why = redactPlain([answer.code, answer.message].filter(Boolean).join(' '), secrets);
  const common = { ok: false, code: answer.code ?? answer.name, ...(answer.status === undefined ? {} : { status: answer.status }) } as const;
  if (!answer.sent) {
    return { reply: { ...common, refusal: 'unreachable', message: `${what}: the service could not be reached, nothing was sent. ${why}` }, again: 'transport' };
  }
  if (call.effect === 'write') {
    return { reply: { ...common, refusal: 'unknown', message: `${what}: sent, but no usable answer came. Whether the change happened must be read from the account. ${why}` } };
  }
  return { reply: { ...common, refusal: 'unavailable', message: `${what}: no usable answer came, also after trying again. ${why}` }, again: 'transport' };
}

function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** Decides what an answer means for this call; own secrets are replaced in everything it returns. `now` is host time. */
export function classify(call: Call, answer: Answer, secrets: readonly Secret[], now: Date): Verdict {
  if (answer.kind === 'broken') return broken(call, answer, secrets);
  if (answer.kind === 'error') return refuse(call, { ...answer, text: answer.data }, secrets, now);
  const { text, redactions } = redact(answer.text, secrets);
  const body = asObject(parse(text));
  if (answer.status >= 300 || body === undefined) {
    return broken(call, { sent: true, name: 'UnexpectedBody', status: answer.status, message: `HTTP ${answer.status} with a body that is not a JSON object.` }, secrets);
  }
  const requestId = textOf(body['RequestId']) || (answer.requestId ?? '');
  // Some products report failures inside HTTP 200.
  if (body['Success'] === false || body['Success'] === 'false') {
    const code = textOf(body['Code']) || 'Unsuccessful';
    return refuse(call, { code, message: textOf(body['Message']), status: answer.status, text, requestId }, secrets, now);
  }
  const serverDate = isoOf(answer.date);
  return { reply: { ok: true, status: answer.status, text, body, requestId, redactions, ...(serverDate === undefined ? {} : { serverDate }) } };
}
