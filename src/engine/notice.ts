// What a notify step says to whom: the organisation's own text before the runbook's, and how to reach the people. Pure.
import type { StepOf } from '../runbook/schema.ts';
import type { JsonObject, Lang, Text } from '../text.ts';
import { fill } from './facts.ts';
import type { Frame, RunState } from './frame.ts';
import { contactLine, type Organisation } from './organisation.ts';

export type Notice = { readonly who: Text; readonly message: Text };

type Notify = StepOf<'notify'>;

/** The text to send, facts filled in. `runbook`: the id of the runbook the step stands in. Foreign text in it is not yet escaped. */
export function noticeOf(
  step: Notify,
  { organisation, runbook, facts }: { readonly organisation: Organisation | undefined; readonly runbook: string; readonly facts: JsonObject },
): Notice {
  const own = organisation?.messages[`${runbook}/${step.id}`];
  const { en, zh } = fill(own ?? step.message, facts);
  return { who: fill(step.who, facts), message: { en: en.trim(), zh: zh.trim() } };
}

/** The same for the step a frame stands at. */
export function noticeIn({ organisation }: RunState, { runbook, facts }: Frame, step: Notify): Notice {
  return noticeOf(step, { organisation, runbook: runbook.id, facts });
}

/** How to reach the people of this step: those of its roles, or everybody settled when it names none. Not yet escaped. */
export function contactsFor({ organisation }: RunState, step: Notify, now: { readonly at: string; readonly lang: Lang }): readonly string[] {
  if (organisation === undefined) return [];
  const wanted = step.roles ?? Object.keys(organisation.contacts);
  return wanted.flatMap((role) => (organisation.contacts[role] ?? []).map((contact) => contactLine(organisation, role, contact, now)));
}

/** A real incident on the real cloud. A drill, a rehearsal or a fake cloud tells nobody. */
export function maySend({ mode, origin, endpoint }: Pick<RunState['opened'], 'mode' | 'origin' | 'endpoint'>): boolean {
  return mode === 'live' && origin === 'case' && endpoint === 'alibaba';
}

/** The group a notification can be sent to in this case; undefined where sending is not offered. */
export function groupOf({ organisation, opened }: RunState): string | undefined {
  return maySend(opened) ? organisation?.webhook?.name : undefined;
}
