import { isLoopbackUrl } from '../rtmp/rtmp-url.js';
import type { ConfigDocument } from './config-document.js';
import type { ConfigMistake } from './config-error.js';
import { type ConfigPath, formatPath } from './config-path.js';
import type { BroadcastConfig } from './schema.js';
import { isSecretReference } from './secret-references.js';

/**
 * Secrets written in the configuration file itself. They work, but are exposed if the file is
 * shared.
 */
export function findPlainSecrets(
  { input, ingests, outputs }: BroadcastConfig,
  document: ConfigDocument,
): ConfigMistake[] {
  const warnings: ConfigMistake[] = [];
  const warnOfKey = (key: string | undefined, path: ConfigPath) => {
    if (key === undefined || isSecretReference(key)) return;
    warnings.push({
      where: document.whereValue(path),
      message: `${formatPath(path)} can be read by anyone who gets this file; use "env:NAME" or "file:PATH", or leave it out to have a key made`,
    });
  };
  if (input.type === 'ingest') warnOfKey(input.key, ['input', 'key']);
  for (const [index, { key }] of ingests.entries()) warnOfKey(key, ['ingests', index, 'key']);
  for (const [index, { type, url, key, password, passphrase, ...output }] of outputs.entries()) {
    const warn = (name: string, advice: string) =>
      warnings.push({
        where: document.whereValue(['outputs', index, name]),
        message: `outputs[${index}].${name} can be read by anyone who gets this file; ${advice}`,
      });
    if (key !== undefined && !isSecretReference(key))
      warn('key', 'use "keyring:NAME", "env:NAME" or "file:PATH" instead');
    if (output.backupKey !== undefined && !isSecretReference(output.backupKey))
      warn('backupKey', 'use "keyring:NAME", "env:NAME" or "file:PATH" instead');
    if (password !== undefined && !isSecretReference(password)) {
      warn('password', 'use "keyring:NAME", "env:NAME" or "file:PATH" instead');
    }
    if (passphrase !== undefined && !isSecretReference(passphrase)) {
      warn('passphrase', 'use "keyring:NAME", "env:NAME" or "file:PATH" instead');
    }
    if (type !== 'rtmp') continue;
    const segments = new URL(url).pathname.split('/').filter(Boolean);
    if (key === undefined && segments.length > 1 && !isLoopbackUrl(url)) {
      warn('url', 'move the stream key from its end to "key", as "env:NAME" or "file:PATH"');
    }
  }
  return warnings;
}
