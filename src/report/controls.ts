// What stood in the way before, and what of persons' data may have been reached: only what the case recorded. Pure.
import type { Text } from '../text.ts';
import type { Reading } from './read.ts';
import type { FindingRow, Lesson } from './rows.ts';
import type { OpenItem, PersonalData } from './shape.ts';
import { listAt, say, some, stringAt, textOf, valueAt } from './values.ts';

/** Facts about the time before the incident. What nobody looked at is listed as such by `unrecorded`. */
export function controlsOf(reading: Reading, lessons: readonly Lesson[]): readonly OpenItem[] {
  const { facts } = reading;
  const grants = facts['grants'];
  const policies = listAt(grants, 'policies').map(String);
  const rights: readonly OpenItem[] =
    grants === undefined
      ? []
      : [
          {
            what: say(
              `Rights of the owner of the key: ${valueAt(grants, 'admin') === true ? 'ADMINISTRATOR' : 'not an administrator'}; policies ${some(policies) || 'none'}; console ${stringAt(grants, 'console') || 'not known'}.`,
              `密钥所有者的权限：${valueAt(grants, 'admin') === true ? '管理员' : '非管理员'}；策略 ${some(policies) || '无'}；控制台 ${stringAt(grants, 'console') || '未知'}。`,
            ),
          },
        ];
  const keys = listAt(facts['keys']).map((key): OpenItem => {
    const [id, at] = [stringAt(key, 'accessKeyId'), stringAt(key, 'createdAt')];
    return { what: say(`The key ${id} had existed since ${at || 'a time nobody read'}.`, `密钥 ${id} 创建于 ${at || '未知时间'}。`) };
  });
  const trails = listAt(facts['trails']).map((trail): OpenItem => {
    const [id, stopped] = [stringAt(trail, 'id'), stringAt(trail, 'data', 'stoppedAt')];
    const [scope, events] = [stringAt(trail, 'data', 'trailRegion') || '?', stringAt(trail, 'data', 'eventRW') || '?'];
    return {
      what: say(
        `Trail ${id}: regions ${scope}, events ${events}${stopped === '' ? '' : `, found stopped since ${stopped}`}.`,
        `操作审计跟踪 ${id}：地域 ${scope}，事件 ${events}${stopped === '' ? '' : `，发现自 ${stopped} 起已停止`}。`,
      ),
    };
  });
  const written = lessons
    .filter(({ step }) => /control/i.test(step))
    .map(({ value, by, seq }): OpenItem => ({ what: say(`Written down by ${by}: ${value}`, `${by} 的记录：${value}`), seq }));
  return [...rights, ...keys, ...trails, ...written];
}

/** What an insurer asks and no step of a case reads. */
export const unrecorded: readonly Text[] = [
  say('Multi-factor sign-in, password rules and network limits of the account.', '账号的多因素认证、密码规则与网络限制。'),
  say('Backups, secret scanning, alerting, training and tests of the response.', '备份、密钥扫描、告警、培训与应急演练。'),
];

const dataEvents: ReadonlySet<string> = new Set([
  'PutBucketAcl',
  'PutBucketPolicy',
  'GetSecretValue',
  'ModifyImageSharePermission',
  'CreateSnapshot',
  'RunCommand',
  'InvokeCommand',
  'StartTerminalSession',
]);

/** `said`: what a person recorded. Silence is no answer: the log holds no data events, so reading is never seen. */
export function personalDataOf(reading: Reading, findings: readonly FindingRow[]): PersonalData {
  const said = reading.facts['personalData'];
  const signs = findings.filter(({ eventName, severity }) => severity !== 'low' && dataEvents.has(eventName ?? '')).map(({ what, seq }): OpenItem => ({ what, seq }));
  return { ...(said === undefined || said === null ? {} : { said: textOf(said) }), signs };
}
