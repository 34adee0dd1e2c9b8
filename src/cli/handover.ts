// firebreak handover: this machine's public key, for whoever hands a case over; and handing one over to such a key, on record.
import { fingerprint, publicKeyOf } from '../casefile/signing.ts';
import { exits, Fault } from '../errors.ts';
import { appendBeside, expectText } from './beside.ts';
import type { Command } from './command.ts';
import type { Shell } from './shell.ts';

const mostCharacters = 500;
/** An Ed25519 SPKI in base64: always these first 16 digits. */
const spki = /MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=/g;

export const handover: Command = {
  name: 'handover',
  usage: 'handover [CASE --to PUBLICKEY|FILE] [--name NAME] [--reason REASON]',
  summary: { en: "hand a case over to another machine's key; alone, print this one's", zh: '将案件移交给另一台机器的密钥；不带参数则输出本机公钥' },
  examples: ['firebreak handover', 'firebreak handover INC-20260314-4f2a --to MCowBQYDK2VwAyEAEXAMPLE… --name "Li Wei" --reason "day shift"'],
  flags: { to: 'text', name: 'text', reason: 'text' },
  words: [0, 1],
  async run(shell, args) {
    const [id] = args.words;
    const to = args.text('to');
    const hint = `Usage: firebreak ${handover.usage}`;
    if (id === undefined) {
      if (to !== undefined || args.text('name') !== undefined || args.text('reason') !== undefined) throw new Fault('E_USAGE', 'CASE is missing.', { hint });
      return showOwn(shell);
    }
    if (to === undefined) throw new Fault('E_USAGE', '--to is missing: the public key that "firebreak handover" prints on the other machine.', { hint });
    const key = await readKey(shell, to);
    const said = (name: string, what: string): string | undefined => {
      const text = args.text(name);
      return text === undefined ? undefined : expectText(text, what, { most: mostCharacters });
    };
    const [assignee, reason] = [said('name', 'The name'), said('reason', 'The reason')];
    await appendBeside(
      shell,
      { id, linked: false },
      async ({ store }) => {
        if (store.entries().some((entry) => 'key' in entry && entry.key === key)) throw new Fault('E_VALUE', `Case ${id} knows this key already. Nothing was recorded.`);
        return Promise.resolve({ type: 'key.added', key, by: shell.by, ...(assignee === undefined ? {} : { to: assignee }), ...(reason === undefined ? {} : { reason }) });
      },
      ({ seq }) => {
        const print = fingerprint(key);
        const text =
          shell.lang === 'zh'
            ? `已移交: #${seq}，密钥指纹 ${print}\n请将案件文件夹复制过去，然后在那里运行：firebreak resume ${id}`
            : `handed over: #${seq}, key fingerprint ${print}\nCopy the folder of the case there, then: firebreak resume ${id}`;
        return { text, fields: { handedOver: { entry: seq, fingerprint: print } } };
      },
    );
    return exits.ok;
  },
};

function showOwn(shell: Shell): number {
  const key = shell.ownKey();
  const print = fingerprint(key);
  if (shell.json) shell.out(JSON.stringify({ publicKey: key, fingerprint: print }));
  else if (shell.lang === 'zh') shell.out(`公钥: ${key}\n指纹: ${print}\n在持有案件的机器上运行：firebreak handover CASE --to ${key}`);
  else shell.out(`public key: ${key}\nfingerprint: ${print}\nWhere the case is now: firebreak handover CASE --to ${key}`);
  return exits.ok;
}

/** The key itself, or the one key a file holds. @throws Fault E_VALUE for anything else. */
async function readKey(shell: Shell, to: string): Promise<string> {
  const text = to.match(spki) === null ? ((await shell.read(to)) ?? '') : to;
  const keys = new Set(text.match(spki));
  const [key] = keys;
  if (key === undefined || keys.size > 1 || publicKeyOf(key) === undefined) {
    throw new Fault('E_VALUE', '--to names no public key. Nothing was recorded.', { hint: 'Give what "firebreak handover" prints on the other machine, or a file that holds it.' });
  }
  return key;
}
