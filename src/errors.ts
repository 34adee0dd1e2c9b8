// The fault catalogue: every way a command can refuse to go on, its exit status and what to do next.

/** Exit statuses, the whole list (sysexits where one fits). */
export const exits = {
  ok: 0,
  findings: 1,
  usage: 2,
  data: 65,
  bug: 70,
  storage: 74,
  open: 75,
  refused: 77,
  interrupted: 130,
} as const;

const catalog = {
  E_USAGE: { exit: 2, hint: 'Run "firebreak help" for the commands.' },
  E_NODE: { exit: 2, hint: 'Install Node 24 or newer.' },
  E_RUNBOOK: { exit: 65, hint: 'Run "firebreak runbook check" and fix what it lists.' },
  E_RUNBOOK_UNKNOWN: { exit: 65, hint: 'Run "firebreak runbook list" for the names.' },
  E_SCENARIO: { exit: 65, hint: 'Fix the drill file at the place named.' },
  E_ANSWERS: { exit: 65, hint: 'An answers file maps a step to a value, a list of values, {skip: REASON} or {value: TEXT, second: NAME}.' },
  E_CONFIG: { exit: 65, hint: 'Fix the file at the place named ("firebreak config sample" shows every field), or go on without it: --config none.' },
  E_CASE_UNKNOWN: { exit: 65, hint: 'Run "firebreak status" for the cases of this vault; --vault DIR names another.' },
  E_CASE_EXISTS: { exit: 65, hint: 'Choose another --case name, or resume the one that is there.' },
  E_CASE_NAME: { exit: 65, hint: 'Use 1-64 of a-z, A-Z, 0-9, dot, dash, underscore; start with a letter or digit.' },
  E_CASE_CLOSED: { exit: 65, hint: 'A closed case stays as it is. Open a new case for what follows.' },
  E_INPUT: { exit: 65, hint: 'Give the value in the form shown.' },
  E_STALE: { exit: 65, hint: 'Read "firebreak status CASE" and answer what waits now.' },
  E_VALUE: { exit: 65, hint: 'Nothing was changed. "firebreak status CASE" shows what is accepted.' },
  E_BUSY: { exit: 75, hint: 'Wait for that process, or, if it hangs: firebreak resume CASE --take-over REASON.' },
  E_ENTRY: { exit: 74, hint: 'The trail and its runbook do not fit together. Keep the folder as it is and run "firebreak verify CASE".' },
  E_TRAIL_BROKEN: { exit: 74, hint: 'Do not continue this case. Keep the folder as it is and run "firebreak verify CASE".' },
  E_VAULT_WRITE: { exit: 74, hint: 'Make room or make the folder writable; an open case then goes on with "firebreak resume CASE".' },
  E_VAULT_READ: { exit: 74, hint: 'Check that the folder exists and belongs to you.' },
  E_KEY_MISSING: { exit: 74, hint: 'Go on where the key is, or here with a new one, on record: firebreak resume CASE --adopt REASON.' },
  E_CREDENTIAL: {
    exit: 77,
    hint: 'Name a profile of the aliyun CLI with --profile, or set ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET.',
  },
  E_ACCOUNT: { exit: 77, hint: 'Use a credential of the account this case was confirmed for.' },
  E_ENDPOINT: { exit: 77, hint: 'FIREBREAK_ENDPOINT takes http://127.0.0.1:PORT, nothing else.' },
  E_GUARD: { exit: 77, hint: 'It is refused to keep you safe. "firebreak status CASE" shows the ways on.' },
  E_INTERRUPTED: { exit: 130, hint: 'Nothing is lost. "firebreak status" lists the cases, "firebreak resume CASE" goes on.' },
  E_BUG: { exit: 70, hint: 'This is our fault. The case is safe: run "firebreak resume CASE". FIREBREAK_LOG=debug shows more.' },
} as const satisfies Record<`E_${string}`, { exit: number; hint: string }>;

export type FaultCode = keyof typeof catalog;

/** Where in a file, 1-based; absent parts are unknown. */
export type Where = { readonly file: string; readonly line?: number; readonly column?: number };

/** A finding about a file or a runbook: collected and shown, never thrown. */
export type Problem = {
  readonly code: string;
  readonly message: string;
  readonly where?: Where;
  readonly hint?: string;
};

type FaultOptions = { readonly where?: string; readonly hint?: string; readonly cause?: unknown; readonly problems?: readonly Problem[] };

/** This command can not go on. `message` says what happened and what state things are in. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly where: string | undefined;
  readonly hint: string;
  readonly problems: readonly Problem[];

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.where = options.where;
    this.hint = options.hint ?? catalog[code].hint;
    this.problems = options.problems ?? [];
  }

  get exit(): number {
    return catalog[this.code].exit;
  }
}

/** Every code with its exit status and hint, for the generated error table. */
export const faultCatalog: Readonly<Record<FaultCode, { readonly exit: number; readonly hint: string }>> = catalog;

/** Renders a problem as `file:line:column: code message`. */
export function renderProblem(problem: Problem): string {
  const { where } = problem;
  const place = where ? `${[where.file, where.line, where.column].filter((part) => part !== undefined).join(':')}: ` : '';
  return `${place}${problem.code} ${problem.message}${problem.hint === undefined ? '' : `\n  ${problem.hint}`}`;
}
