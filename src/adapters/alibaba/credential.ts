// Which credential a responder named: a profile of the aliyun CLI, or the standard variables. Never picks one up silently (law 9).
import path from 'node:path';
import { Fault } from '../../errors.ts';

/** A credential and how it was named: `profile:NAME` or `environment`. */
export type NamedCredential = { readonly accessKeyId: string; readonly accessKeySecret: string; readonly securityToken?: string; readonly source: string };

export type CredentialSources = {
  /** An explicit --profile. */
  readonly profile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (file: string) => Promise<string>;
  readonly home: string;
};

type Profile = Readonly<Record<string, unknown>>;

const exporting =
  'Profiles of mode AK and StsToken work. From another mode, get temporary keys with "aliyun sts AssumeRole" or your sign-on tool and set ALIBABA_CLOUD_ACCESS_KEY_ID, _SECRET and _SECURITY_TOKEN.';

function refuse(message: string, hint?: string): Fault {
  // No `cause`: a parser's message quotes the file, secrets included.
  return new Fault('E_CREDENTIAL', message, hint === undefined ? {} : { hint });
}

function text(profile: Profile, field: string): string {
  const value = profile[field];
  return typeof value === 'string' ? value.trim() : '';
}

function profilesOf(content: string): readonly Profile[] | undefined {
  try {
    const { profiles } = JSON.parse(content) as { readonly profiles?: unknown };
    return Array.isArray(profiles) && profiles.every((one) => typeof one === 'object' && one !== null) ? (profiles as readonly Profile[]) : undefined;
  } catch {
    return undefined;
  }
}

async function fromProfile(name: string, { home, readFile }: CredentialSources): Promise<NamedCredential> {
  let content: string;
  try {
    content = await readFile(path.join(home, '.aliyun', 'config.json'));
  } catch {
    throw refuse('~/.aliyun/config.json can not be read.', 'Run "aliyun configure", or set ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET and leave --profile out.');
  }
  const profiles = profilesOf(content);
  if (!profiles)
    throw refuse('~/.aliyun/config.json is not in the form the aliyun CLI writes.', 'Repair it with "aliyun configure list"; nothing of it is shown here, for it holds secrets.');
  const profile = profiles.find((one) => text(one, 'name') === name);
  if (!profile) {
    const names = profiles.map((one) => text(one, 'name')).filter((one) => one !== '');
    throw refuse(
      `There is no profile "${name}" in ~/.aliyun/config.json.`,
      names.length === 0 ? 'It holds no profiles: run "aliyun configure".' : `It holds: ${names.join(', ')}.`,
    );
  }
  const mode = text(profile, 'mode').toLowerCase();
  if (mode !== 'ak' && mode !== 'ststoken') throw refuse(`Profile "${name}" has a mode that is not supported.`, exporting);
  const accessKeyId = text(profile, 'access_key_id');
  const accessKeySecret = text(profile, 'access_key_secret');
  const securityToken = text(profile, 'sts_token');
  if (accessKeyId === '' || accessKeySecret === '' || (mode === 'ststoken' && securityToken === '')) {
    throw refuse(`Profile "${name}" is incomplete.`, `Run "aliyun configure --profile ${name}".`);
  }
  return { accessKeyId, accessKeySecret, ...(mode === 'ststoken' ? { securityToken } : {}), source: `profile:${name}` };
}

/**
 * The credential the responder named. `profile` wins over the environment; nothing else is looked at.
 *
 * @throws Fault E_CREDENTIAL when there is none, the profile is unknown, incomplete or of a mode we can not use, or the file is
 * unreadable. No byte of the file but profile names is ever in the message.
 */
export async function readCredential(sources: CredentialSources): Promise<NamedCredential> {
  if (sources.profile !== undefined) return await fromProfile(sources.profile, sources);
  const accessKeyId = sources.env['ALIBABA_CLOUD_ACCESS_KEY_ID']?.trim() ?? '';
  const accessKeySecret = sources.env['ALIBABA_CLOUD_ACCESS_KEY_SECRET']?.trim() ?? '';
  const securityToken = sources.env['ALIBABA_CLOUD_SECURITY_TOKEN']?.trim() ?? '';
  if (accessKeyId === '' && accessKeySecret === '') throw refuse('No credential was named.');
  if (accessKeyId === '' || accessKeySecret === '') throw refuse(`ALIBABA_CLOUD_ACCESS_KEY_${accessKeyId === '' ? 'ID' : 'SECRET'} is missing.`);
  return { accessKeyId, accessKeySecret, ...(securityToken === '' ? {} : { securityToken }), source: 'environment' };
}
