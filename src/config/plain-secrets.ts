import type { ConfigDocument } from './config-document.js';
import type { ConfigMistake } from './config-error.js';
import type { BroadcastConfig } from './schema.js';

const LOOPBACK = /^rtmps?:\/\/(?:[^/@]*@)?(?:localhost|127\.[\d.]+|\[::1\])[:/]/i;
const REFERENCE = /^(?:env|file):/;

/** Secrets that stand in the configuration file itself. They work, and leak with the file. */
export function findPlainSecrets({ outputs }: BroadcastConfig, document: ConfigDocument): ConfigMistake[] {
  const warnings: ConfigMistake[] = [];
  for (const [index, { url, key, password }] of outputs.entries()) {
    const warn = (name: string, advice: string) =>
      warnings.push({
        where: document.whereValue(['outputs', index, name]),
        message: `outputs[${index}].${name} can be read by whoever gets this file; ${advice}`,
      });
    if (key !== undefined && !REFERENCE.test(key)) warn('key', 'use "env:NAME" or "file:PATH" instead');
    if (password !== undefined && !REFERENCE.test(password)) {
      warn('password', 'use "env:NAME" or "file:PATH" instead');
    }
    const segments = new URL(url).pathname.split('/').filter(Boolean);
    if (key === undefined && segments.length > 1 && !LOOPBACK.test(url)) {
      warn('url', 'move the stream key from its end to "key", as "env:NAME" or "file:PATH"');
    }
  }
  return warnings;
}
