// What an answer means: one table from what came over the wire to a Reply. Pure; knows no socket and no SDK.
import type { Call, Done, Refusal, Refused } from '../../actions/define.ts';
import type { JsonObject } from '../../text.ts';
import { read, redact, secretParameters, type Secret } from './verbatim.ts';

/** What one attempt brought back, as the transport saw it. */
export type Answer =
  /** A response the SDK took for success. */
  | { readonly kind: 'body'; readonly status: number; readonly text: string; readonly requestId?: string; readonly date?: string }
  /** An error the service explained; `text` is its body. */
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly text: string;
      readonly requestId?: string;
      readonly date?: string;
      readonly retryAfterMs?: number;
    }
  /** No usable answer: network, time-out, or something that is not the API's JSON. `sent`: the server may have got the request. */
  | { readonly kind: 'broken'; readonly sent: boolean; readonly code: string; readonly message: string; readonly status?: number; readonly text?: string };

/** A reply before retries are counted, and whether the same call may be sent again. */
export type Verdict = {
  readonly reply: Omit<Done, 'retries'> | Omit<Refused, 'retries'>;
  /** `throttled`: refused before anything happened. `transport`: a read met a fault, or nothing was sent. */
  readonly again?: 'throttled' | 'transport';
  /** How long the service asked us to stay away, milliseconds. */
  readonly retryAfterMs?: number;
};

type Rule = { readonly code: RegExp; readonly message?: RegExp; readonly means: Refusal | 'fault'; readonly plain: string };

const fault = 'The service had a fault of its own.';
const gone = 'The target does not exist (any more).';
const refused = 'The service refused the request for its parameters or for the state of the target.';

/**
 * First match wins. `fault`: a read is sent again, a write is unknown. The codes are the official ones and those seen in public code. The
 * HTTP status is no guide: ECS answers 403 for a wrong state as well as for a missing permission.
 */
const rules: readonly Rule[] = [
  {
    code: /^Forbidden/,
    message: /risk of leakage of this AccessKey/i,
    means: 'protected',
    plain: 'Alibaba has flagged the key in use as leaked and blocks it. Go on with another credential: resume --profile.',
  },
  { code: /LockedForSecurity/, means: 'locked', plain: 'The target is under a security lock by Alibaba and refuses every change.' },
  { code: /Throttling/, means: 'throttled', plain: 'The service asks us to slow down, and did so again after every pause.' },
  { code: /^InvalidTimeStamp/, means: 'denied', plain: 'The clock of this machine is wrong, so every request is refused. Set it, then resume.' },
  { code: /^InvalidAccessKeyId\.Inactive/, means: 'denied', plain: 'The key in use is disabled. Go on with another credential: resume --profile.' },
  { code: /^InvalidAccessKeyId/, means: 'denied', plain: 'Alibaba does not know the key in use. Check the profile, or go on with another: resume --profile.' },
  { code: /^(SignatureDoesNotMatch|IncompleteSignature|InvalidAccessKeySecret)/, means: 'denied', plain: 'The secret does not belong to the key in use. Check the profile.' },
  { code: /^(InvalidSecurityToken|MissingSecurityToken)/, means: 'denied', plain: 'The temporary credential in use is expired or damaged. Get a fresh one, then resume.' },
  { code: /^(InternalError|InnerServiceFailed|ServiceUnavailable|SystemError|SystemBusy|RequestTimeout)/, means: 'fault', plain: fault },
  // An earlier request of ours is, or was, under way.
  {
    code: /^(SignatureNonceUsed|IdempotentProcessing|LastTokenProcessing|LastRequestProcessing)/,
    means: 'fault',
    plain: 'An earlier sending of this request is still being worked on.',
  },
  { code: /^Forbidden\.InstanceIsBeingCreated/, means: 'invalid', plain: 'The target is still being created.' },
  {
    code: /^(Forbidden(\.|$)|NoPermission|NotAuthorized|AccessDenied|PermissionDenied|UnauthorizedOperation|AuthenticationFail|UserNotInTheWhiteList)|\.(Unauthorized|NoPermission|PassRoleForbidden)$/,
    means: 'denied',
    plain: 'The identity in use has no permission for this call.',
  },
  { code: /^(EntityNotExists?|NoSuchResource|TrailNotFoundException)/, means: 'gone', plain: gone },
  { code: /^EntityAlreadyExists?/, means: 'exists', plain: 'What was to be made or attached is there already.' },
  // Only what names a resource is gone, for gone counts as done: ECS says NotFound of a mistyped value too (InvalidStatus.NotFound).
  { code: /^Invalid(Region|Zone)Id\./, means: 'invalid', plain: refused },
  { code: /^Invalid\w+Ids?\.NotFound$/, means: 'gone', plain: gone },
  {
    code: /^(Invalid)?(Instance|Disk|Snapshot|SnapshotGroup|Image|Volume|RamRole|SecurityGroup|SecurityGroupAssociation|SecurityGroupRule|NetworkInterface|KeyPair)\.NotFound$/,
    means: 'gone',
    plain: gone,
  },
];

function ruleOf({ code, message, status }: Refusing): Omit<Rule, 'code'> {
  const rule = rules.find((one) => one.code.test(code) && (one.message?.test(message) ?? true));
  if (rule) return rule;
  if (status === 429) return { means: 'throttled', plain: 'The service asks us to slow down, and did so again after every pause.' };
  return status >= 500 ? { means: 'fault', plain: fault } : { means: 'invalid', plain: refused };
}

type Refusing = Omit<Extract<Answer, { kind: 'error' }>, 'kind'>;
type Broken = Omit<Extract<Answer, { kind: 'broken' }>, 'kind'>;
type Setting = { readonly call: Call; readonly secrets: readonly Secret[]; readonly now: Date };

const mustRead = 'Whether the change happened must be read from the account.';

function refuse(error: Refusing, { call, secrets, now }: Setting): Verdict {
  const rule = ruleOf(error);
  const refusal = rule.means === 'fault' ? (call.effect === 'write' ? 'unknown' : 'unavailable') : rule.means;
  const sentences = [
    rule.plain,
    error.code.startsWith('InvalidTimeStamp') ? skewOf(error.date, now) : '',
    refusal === 'unknown' ? mustRead : '',
    error.message === '' ? '' : `The service said: ${error.message}`,
  ];
  const { text } = read(error.text, secrets);
  const reply = {
    ok: false,
    refusal,
    code: error.code,
    message: redact(said(call, sentences), secrets),
    status: error.status,
    ...(error.requestId ? { requestId: error.requestId } : {}),
    text,
  } as const;
  if (refusal === 'throttled') return { reply, again: 'throttled', ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }) };
  return refusal === 'unavailable' ? { reply, again: 'transport' } : { reply };
}

function give(answer: Broken, { call, secrets }: Setting): Verdict {
  const refusal = answer.sent ? (call.effect === 'write' ? 'unknown' : 'unavailable') : 'unreachable';
  const sentences = {
    unreachable: ['The service could not be reached; nothing was sent.', answer.message],
    unknown: ['It was sent, but no usable answer came.', answer.message, mustRead],
    unavailable: ['No usable answer came, also after trying again.', answer.message],
  }[refusal];
  const reply = {
    ok: false,
    refusal,
    code: answer.code,
    message: redact(said(call, sentences), secrets),
    ...(answer.status === undefined ? {} : { status: answer.status }),
    ...(answer.text === undefined ? {} : { text: read(answer.text, secrets).text }),
  } as const;
  return refusal === 'unknown' ? { reply } : { reply, again: 'transport' };
}

function said(call: Call, sentences: readonly string[]): string {
  return `${call.product}:${call.action} in ${call.region}: ${sentences.filter((one) => one !== '').join(' ')}`;
}

/** Decides what an answer means for this call. Secrets are replaced in everything it returns. `now` is host time. */
export function classify(call: Call, answer: Answer, own: readonly Secret[], now: Date): Verdict {
  const setting = { call, secrets: [...own, ...secretParameters(call.params)], now };
  if (answer.kind === 'broken') return give(answer, setting);
  if (answer.kind === 'error') return refuse(answer, setting);
  const { status, requestId: fromHeader = '' } = answer;
  const { text, body, redactions } = read(answer.text, setting.secrets);
  if (status >= 300 || !isObject(body)) {
    return give({ sent: true, code: 'UnexpectedBody', status, message: `HTTP ${status} came with a body that is not the API's JSON.`, text }, setting);
  }
  const requestId = textOf(body['RequestId']) || fromHeader;
  // Some products report failures inside HTTP 200.
  if (body['Success'] === false || body['Success'] === 'false') {
    return refuse({ code: textOf(body['Code']) || 'Unsuccessful', message: textOf(body['Message']), status, text, requestId }, setting);
  }
  const at = timeOf(answer.date);
  return { reply: { ok: true, status, text, body, requestId, redactions, ...(at === undefined ? {} : { serverDate: at.toISOString() }) } };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function timeOf(date: string | undefined): Date | undefined {
  const at = new Date(date ?? '');
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function skewOf(date: string | undefined, now: Date): string {
  const at = timeOf(date);
  if (!at) return '';
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000);
  return `It is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} the server's.`;
}
