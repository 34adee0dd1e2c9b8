// Entries about people: what was settled in peacetime, the second person for what can not be undone, messages sent. Types only.
import type { JsonObject } from '../text.ts';

export type PeopleDraft =
  /** A line somebody else may sign on their own machine: it names the list by its hash, and expires. */
  | {
      readonly type: 'approval.requested';
      readonly step: string;
      readonly visit: number;
      readonly sha256: string;
      readonly request: string;
      readonly expiresAt: string;
      readonly by: string;
    }
  /** A second person stands for an irreversible list; after a waived one, it countersigns. */
  | {
      readonly type: 'approval.seconded';
      readonly step: string;
      readonly visit: number;
      readonly sha256: string;
      /** `typed`: under their own name, `named`: by the first person's word (both as claimed), `signed`: with a key of the roster. */
      readonly how: 'typed' | 'named' | 'signed';
      /** The second person. */
      readonly second: string;
      /** Who recorded it. */
      readonly by: string;
      /** `signed` only: the SSH key, the line it signed, and the armoured signature: anyone can check it again. */
      readonly key?: string;
      readonly request?: string;
      readonly signature?: string;
    }
  /** Nobody could be reached: from `maturesAt` on, the first person's text is enough, and a countersignature is owed. */
  | {
      readonly type: 'approval.waived';
      readonly step: string;
      readonly visit: number;
      readonly sha256: string;
      readonly reason: string;
      /** Who was tried, and when, each in the person's own words. */
      readonly tried: readonly string[];
      readonly by: string;
      readonly maturesAt: string;
    }
  /** A list was approved by one person alone, its second being waived: somebody else still has to look at it, by `dueAt`. */
  | {
      readonly type: 'countersign.owed';
      readonly step: string;
      readonly visit: number;
      readonly sha256: string;
      readonly text: string;
      readonly first: string;
      readonly dueAt: string;
    }
  /** What the organisation settled in peacetime, as this case was opened with it; the file itself is sealed under `sha256`. */
  | { readonly type: 'organisation.recorded'; readonly sha256: string; readonly organisation: JsonObject }
  /** A notification about to be sent through the organisation's own channel, word for word, and what came of it. */
  | { readonly type: 'message.intended'; readonly step: string; readonly visit: number; readonly message: string; readonly to: string; readonly text: string }
  | {
      readonly type: 'message.finished';
      readonly step: string;
      readonly visit: number;
      readonly message: string;
      /** `unknown`: it may have arrived. */
      readonly result: 'done' | 'failed' | 'unknown';
      readonly code?: string;
      readonly detail?: string;
    };
