// Which instances are held back and unticked (law 6): not made by the suspects, or older than the attack. Reads nothing.
import type { Text } from '../text.ts';
import type { Context } from './define.ts';
import type { Instance } from './ecs.ts';
import { listAt, textAt } from './wire.ts';

/** Made this close to one of theirs: looked at by a person. */
const nearMs = 3_600_000;
const dayMs = 86_400_000;

export type Seen = Instance & {
  /** '' when the log names nobody, or somebody else. */
  readonly maker: string;
  /** When the log says so; else when the instance says so. */
  readonly madeAt: string;
  /** The log could not be asked, or is too late to know. */
  readonly makerUnknown: boolean;
};

/**
 * When the attack can have begun at the earliest: a day before the first key or user it made; without one, two weeks ago. What the leaked
 * key itself made before may be its owner's work (law 6: older than the attack is held back).
 */
export function attackBegan(context: Context): number {
  const leaked = textAt(context.input, 'accessKeyId');
  const made = [...listAt(context.input, 'suspects'), ...listAt(context.input, 'childKeys'), ...listAt(context.input, 'suspectUsers')]
    .filter((suspect) => textAt(suspect, 'id') !== leaked && (textAt(suspect, 'createdBy') || textAt(suspect, 'data', 'createdBy') || textAt(suspect, 'since')) !== '')
    .map((suspect) => Date.parse(textAt(suspect, 'data', 'createdAt') || textAt(suspect, 'since') || textAt(suspect, 'at')))
    .filter((at) => !Number.isNaN(at));
  return made.length > 0 ? Math.min(...made) - dayMs : Date.parse(context.now) - 14 * dayMs;
}

/** Why an instance the leaked key made is held back. */
export function olderWhy({ created }: Seen): Text {
  const day = created.slice(0, 10);
  return {
    en: `Made by the leaked key on ${day}, before any sign of the attack. Perhaps its owner's: ask before you tick it.`,
    zh: `由泄露的密钥于 ${day} 创建，早于任何攻击迹象。可能是其正常所有者创建的，勾选前请先核实。`,
  };
}

/** Why an instance the suspects did not make is shown at all; undefined: nothing ties it to the attack. */
export function heldWhy(instance: Seen, theirs: readonly Seen[]): Text | undefined {
  const day = instance.created.slice(0, 10);
  if (instance.makerUnknown) {
    return { en: `Made ${instance.created}; the log does not say yet by whom. Look at it yourself.`, zh: `创建于 ${instance.created}；日志尚未显示由谁创建。请自行核实。` };
  }
  if (theirs.some(({ image }) => image !== '' && image === instance.image)) {
    return {
      en: `Runs the same image as theirs, but the suspects did not make it (${day}). Probably yours.`,
      zh: `与对方使用同一镜像，但不是嫌疑身份创建的（${day}）。很可能是您自己的。`,
    };
  }
  if (theirs.some(({ tags }) => tags.some((tag) => instance.tags.includes(tag)))) {
    return {
      en: `Carries the same tag as theirs, but the suspects did not make it (${day}). Probably yours.`,
      zh: `与对方带有相同标签，但不是嫌疑身份创建的（${day}）。很可能是您自己的。`,
    };
  }
  if (theirs.some(({ created }) => Math.abs(Date.parse(created) - Date.parse(instance.created)) < nearMs)) {
    return { en: `Made within an hour of theirs, but by someone else. Probably yours.`, zh: '与对方的实例在一小时内先后创建，但创建者不同。很可能是您自己的。' };
  }
  return undefined;
}
