// firebreak approval: the line a second person signs on their own machine, without any server between.
import { requestApproval } from '../engine/second.ts';
import { exits } from '../errors.ts';
import type { Command } from './command.ts';
import { driving, openSession } from './session.ts';

export const approval: Command = {
  name: 'approval',
  usage: 'approval CASE STEP',
  summary: { en: 'print a request that a second person can sign on their own machine', zh: '打印请求，由第二人在自己的机器上签名批准' },
  examples: ['firebreak approval INC-20260314-4f2a approve-delete', 'firebreak answer INC-20260314-4f2a approve-delete --signed approval.sig'],
  flags: {},
  words: [2, 2],
  async run(shell, args) {
    const [id, step] = args.words as [string, string];
    const session = await openSession(shell, id, { time: { kind: 'virtual' }, offline: true });
    try {
      const { request, expiresAt } = await driving(session, () => requestApproval(session.run, step));
      // Nothing in the line ends a quotation: it is made of our own characters.
      const sign = `printf %s '${request}' | ssh-keygen -Y sign -n firebreak -f ~/.ssh/id_ed25519`;
      const back = `firebreak answer ${id} ${step} --signed FILE${shell.vaultFlag ?? ''}`;
      if (shell.json) shell.out(JSON.stringify({ case: id, step, request, expiresAt, sign, back }));
      else if (shell.lang === 'zh')
        shell.out([`请求（有效至 ${expiresAt}）：`, request, '', '批准者在自己的机器上核对后执行：', sign, '', '将输出的签名保存为文件，交回并执行：', back].join('\n'));
      else
        shell.out(
          [
            `request (good until ${expiresAt}):`,
            request,
            '',
            'the approver reads it, then runs on their own machine:',
            sign,
            '',
            'what that prints, kept as a file, is handed in with:',
            back,
          ].join('\n'),
        );
      return exits.ok;
    } finally {
      await session.close();
    }
  },
};
