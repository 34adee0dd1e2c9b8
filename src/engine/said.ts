// What has come of a question so far, said with it: who has approved and who is missing, what became of a sending. Pure.
import type { Text } from '../text.ts';
import type { EntryOf, Work } from './frame.ts';

const say = (en: string, zh: string): Text => ({ en, zh });

/** What a list that can not be undone still waits for. */
export function approvalSaid({ first, waiver }: Pick<Work, 'first' | 'waiver'>): readonly Text[] {
  return [
    first === undefined
      ? say('This can not be undone: two persons approve it, one after the other.', '此操作不可撤销：需两人先后批准。')
      : say(
          `Approved first by ${first.by}, ${first.at}. A second person is still missing: they type the same text under their own name, or sign a request.`,
          `${first.by} 已于 ${first.at} 首先批准，仍缺第二人：由其以自己的名义输入同样的文本，或对请求签名。`,
        ),
    ...(waiver === undefined
      ? []
      : [
          say(
            `The second person was waived by ${waiver.by} (${waiver.reason}). From ${waiver.maturesAt} on one person's text is enough; a countersignature is then owed within 24 h.`,
            `${waiver.by} 已豁免第二人（${waiver.reason}）。自 ${waiver.maturesAt} 起一人输入文本即可；之后须在 24 小时内补签。`,
          ),
        ]),
  ];
}

/** What came of sending, when it did not end the step. */
export function sendingSaid({ result, code = '', detail = '' }: EntryOf<'message.finished'>): Text {
  const why = [code, detail].filter((part) => part !== '').join(': ');
  if (result === 'failed') return say(`It was not sent (${why}).`, `没有发出（${why}）。`);
  return say(
    `Nobody knows whether it was sent (${why}). Look in the group: say done, or send it again.`,
    `不清楚是否已发出（${why}）。请到群里查看：已收到则选 done，否则可再次发送。`,
  );
}
