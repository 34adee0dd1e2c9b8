// What of the cloud an entry carries: a call, a target, the custody of an artefact. Types alone.
import type { Json, JsonObject } from '../text.ts';

/** A call as the trail keeps it. */
export type RecordedCall = {
  readonly product: string;
  readonly version: string;
  readonly action: string;
  readonly region: string;
  readonly params: Readonly<Record<string, string>>;
};

export type RecordedTarget = {
  readonly id: string;
  readonly kind: string;
  readonly region?: string;
  readonly label?: string;
  readonly data: JsonObject;
};

export type HeldTarget = { readonly id: string; readonly why: JsonObject };

/** Where an artefact came from and who took it: the custody record (law 12: `redactions` names what was replaced). */
export type Custody = {
  readonly kind: string;
  readonly mediaType: string;
  readonly step?: string;
  readonly target?: string;
  readonly source: JsonObject;
  readonly collector: { readonly tool: string; readonly version: string; readonly by: string };
  readonly startedAt: string;
  readonly endedAt: string;
  readonly redactions: readonly string[];
  readonly sensitive?: true;
  readonly coverage?: Json;
};
