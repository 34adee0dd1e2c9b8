// What each important event means to an investigator, and what answers it: the catalogue by product and name, and its filling. Pure.
import type { Text } from '../text.ts';
import type { Answer, Finding } from './define.ts';
import type { CloudEvent } from './event.ts';
import { instancesOf, userOf } from './event.ts';
import { compute } from './threats/compute.ts';
import { data } from './threats/data.ts';
import { identity } from './threats/identity.ts';
import { logging } from './threats/logging.ts';
import { money } from './threats/money.ts';
import { reach } from './threats/reach.ts';
import { signin } from './threats/signin.ts';
import type { Template, Threat } from './threats/threat.ts';
import { homeRegion, textAt, write } from './wire.ts';

/** `product name`, the product in lower case: one name means different things in different products. */
const catalogue: ReadonlyMap<string, Threat> = new Map(
  [identity, signin, compute, reach, data, logging, money].flatMap((subject) =>
    subject.flatMap(([services, threats]) => services.flatMap((service) => Object.entries(threats).map(([name, threat]) => [keyOf(service, name), threat] as const))),
  ),
);

/** What is known of an event of this name in this product; undefined for one that is in no catalogue. */
export function threatOf({ service, name }: Pick<CloudEvent, 'service' | 'name'>): Threat | undefined {
  return catalogue.get(keyOf(service, name));
}

/**
 * The finding an event is, or undefined when it needs nobody's attention: unknown to the catalogue, or a look around, which is left to the
 * record and counted there. A refused attempt is kept once a product, name and principal, as low; so is what a program does thousands of times, at its own severity.
 */
export function findingOf(event: CloudEvent): Finding | undefined {
  const known = threatOf(event);
  if (known === undefined || looksAround(known)) return undefined;
  const principal = event.accessKeyId || event.userName;
  const what = { en: filled(known.what.en, event), zh: filled(known.what.zh, event) };
  return {
    id: event.ok ? (known.often ? `often ${event.service} ${event.name} ${principal}` : event.id) : `refused ${event.service} ${event.name} ${principal}`,
    at: event.at,
    severity: event.ok ? known.severity : 'low',
    what: event.ok ? what : tried(what, event),
    attack: known.attack,
    principal,
    ...(event.region === '' ? {} : { region: event.region }),
    eventName: event.name,
    requestId: event.requestId,
    answer: event.ok ? answerTo(known, event) : { kind: 'watch', why: refused },
  };
}

/** The sentence of an event without any name in it; undefined for one that is no finding. A finding does not keep its product: the first of that name speaks. */
export function bareThreat(eventName: string): Text | undefined {
  const known = [...catalogue].find(([key]) => key.endsWith(` ${eventName}`))?.[1];
  if (known === undefined) return undefined;
  const bare = (template: string): string => template.replaceAll(/\{\w+\}/g, '…');
  return { en: bare(known.what.en), zh: bare(known.what.zh) };
}

/** The name under which an event is counted instead of told one by one; undefined for all others. */
export function countedAs(event: CloudEvent): string | undefined {
  const known = threatOf(event);
  return known !== undefined && (known.often || looksAround(known)) ? event.name : undefined;
}

const refused: Text = { en: 'It was refused: nothing to take back.', zh: '已被拒绝：没有需要撤销的内容。' };

function keyOf(service: string, name: string): string {
  return `${service.toLowerCase()} ${name}`;
}

function looksAround({ severity, answer }: Threat): boolean {
  return severity === 'low' && typeof answer === 'object' && answer.kind === 'watch';
}

function answerTo({ answer }: Threat, event: CloudEvent): Answer {
  const template: Template = typeof answer === 'function' ? answer(event) : answer;
  switch (template.kind) {
    case 'action':
      return { kind: 'action', action: template.action, targets: template.of(event) };
    case 'case':
      return { kind: 'case', runbook: template.runbook, targets: template.of(event) };
    case 'manual': {
      if (template.command === undefined) return { kind: 'manual', text: template.text };
      const [product, action, params = {}] = template.command;
      const values = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, inCommand(value, event)]));
      const region = /^[a-z0-9-]+$/.test(event.region) ? event.region : homeRegion;
      return { kind: 'manual', text: template.text, call: write(product, action, values, region) };
    }
    case 'watch':
      return { kind: 'watch', why: template.why };
  }
}

/** A value the event does not give is left as a word in capitals, for the person to fill in. */
function inCommand(template: string, event: CloudEvent): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => valueIn(name, event) || name.toUpperCase());
}

function tried(what: Text, { errorCode }: CloudEvent): Text {
  return { en: `Tried and was refused (${errorCode}): ${what.en}`, zh: `尝试但被拒绝（${errorCode}）：${what.zh}` };
}

function filled(template: string, event: CloudEvent): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => valueIn(name, event) || '?');
}

function valueIn(name: string, event: CloudEvent): string {
  if (name === 'user') return userOf(event) || event.userName;
  if (name === 'key') return textAt(event.response, 'AccessKey', 'AccessKeyId');
  if (name === 'count') return String(instancesOf(event).length || textAt(event.request, 'Amount') || 1);
  return textAt(event.request, name) || textAt(event.response, name);
}
