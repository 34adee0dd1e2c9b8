// Keeping machines from vanishing: no release by a timer, no release by a call. Adds protection, takes none away.
import { z } from 'zod';
import type { Text } from '../text.ts';
import type { Before, Call, Holding, Planned } from './define.ts';
import { defineAction } from './define.ts';
import { readInstance } from './ecs.ts';
import { changesIn, goneNote, lockedNote, prepaidNote, readBefore, regionOf } from './ecs-target.ts';
import { at, named, textAt, why, write } from './wire.ts';

export const keepInstances = defineAction({
  summary: { en: 'Keep instances from being released', zh: '防止实例被释放' },
  class: 'R1',
  calls: ['ecs:ModifyInstanceAutoReleaseTime', 'ecs:ModifyInstanceAttribute', 'ecs:DescribeInstances'],
  undoes: [],
  targets: 'instance',
  input: z.object({}),
  needs: [],
  loses: { en: 'Nothing. The old release time is kept for the undo.', zh: '不丢失任何东西。原自动释放时间已保存，可恢复。' },
  leaves: {
    en: 'They run on and cost on. Who may change instances can take the protection off again; an auto-provisioning group may still release its own.',
    zh: '实例继续运行和计费。有权修改实例的人仍可取消保护；弹性供应组仍可能释放组内实例。',
  },
  console: {
    en: 'ECS console > Instances > the instance > Instance Settings > Set Auto Release, Set Release Protection',
    zh: 'ECS 控制台 > 实例 > 选择实例 > 实例设置 > 设置自动释放、设置释放保护',
  },
  guard: (target) => (target.data['securityLocked'] === true ? lockedNote : target.data['charge'] === 'PrePaid' ? prepaidNote : undefined),
  warn: (target) => [...(textAt(target.data, 'autoRelease') === '' ? [] : [timedNote(textAt(target.data, 'autoRelease'))]), ...(target.data['spot'] === true ? [spotNote] : [])],
  async before(reader, target): Promise<Before> {
    const instance = await readBefore(reader, target);
    if ('refusal' in instance) return instance.refusal === 'gone' ? { status: 'gone', note: goneNote } : { status: 'unreadable', note: why(instance) };
    const state = { autoRelease: instance.autoRelease, protection: instance.deletionProtection };
    const changed = changesIn(instance, target);
    if (changed !== undefined) return { status: 'changed', note: changed, state };
    return instance.autoRelease === '' && (instance.deletionProtection || instance.spot) ? { status: 'already', note: alreadyNote, state } : { status: 'ready', state };
  },
  plan: (targets) =>
    targets.flatMap((target): readonly Planned[] => {
      const region = regionOf(target);
      const calls = [releaseAt(region, target.id, ''), ...(target.data['spot'] === true ? [] : [protect(region, target.id, true)])];
      return calls.map((call) => ({ call, targets: [target.id] }));
    }),
  async holds(reader, target, _context, call): Promise<Holding> {
    const instance = await readInstance(reader, regionOf(target), target.id);
    if ('refusal' in instance) return instance.refusal === 'gone' ? { status: 'no', final: true, note: goneNote } : { status: 'unknown', note: why(instance) };
    const { autoRelease, deletionProtection, spot } = instance;
    const stays = autoRelease === '' || call?.action === 'ModifyInstanceAttribute';
    const safe = deletionProtection || spot || call?.action === 'ModifyInstanceAutoReleaseTime';
    return { status: stays && safe ? 'yes' : 'no', facts: { autoRelease, deletionProtection } };
  },
  givesBack: { en: 'Whoever may release machines can release it, and its old release time counts again.', zh: '有权释放实例的人可以释放它，原自动释放时间重新生效。' },
  withinMs: 60_000,
  undo(target, before) {
    const region = regionOf(target);
    const time = textAt(before, 'autoRelease');
    return [
      ...(at(before, 'protection') === false && target.data['spot'] !== true ? [protect(region, target.id, false)] : []),
      ...(time === '' ? [] : [releaseAt(region, target.id, `${time.slice(0, 16)}:00Z`)]),
    ];
  },
});

const alreadyNote: Text = { en: 'It is protected already and is not released by itself.', zh: '已开启释放保护，且没有设置自动释放。' };

const spotNote: Text = {
  en: 'A spot instance can not be protected: the cloud may take it back at any time. Keep its volatile set and its disks first.',
  zh: '抢占式实例无法设置释放保护，云平台随时可能回收。请先保全易失信息和云盘。',
};

function timedNote(time: string): Text {
  return { en: `Set to release itself at ${time}: with its disks it would be gone.`, zh: `已设置在 ${time} 自动释放，届时实例及其云盘都会消失。` };
}

/** Without a time it is never released by itself. A time needs half an hour's notice. */
function releaseAt(region: string, instanceId: string, time: string): Call {
  return write('ecs', 'ModifyInstanceAutoReleaseTime', { InstanceId: named('instance id', instanceId), ...(time === '' ? {} : { AutoReleaseTime: time }) }, region);
}

/** Against release by a call; only for what is paid as it goes. */
export function protect(region: string, instanceId: string, on: boolean): Call {
  return write('ecs', 'ModifyInstanceAttribute', { InstanceId: named('instance id', instanceId), DeletionProtection: String(on) }, region);
}
