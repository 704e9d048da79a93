import { readFileSync } from 'node:fs';
import { extname, join, posix } from 'node:path';
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import type { Finding } from '../finding.js';
import type { Subject } from '../subject.js';
import { MAX_FILE_BYTES } from './check-files.js';
import { findStreamSecrets } from './stream-secrets.js';

/** Files that contain secrets by their name, except examples. */
const SECRET_FILE =
  /^(\.env(?!\.(example|sample|template)$)(\..+)?|.+\.(pem|key|p12|pfx|jks|keystore)|id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.htpasswd|\.git-credentials)$/i;

const SECRETLINT = '@secretlint/secretlint-rule-preset-recommend';

/**
 * Finds secrets in the files to be packed: private keys, tokens, stream keys. `node_modules` is skipped, since its
 * content is public already. No message contains the secret itself.
 */
export async function checkSecrets({ folder, files }: Subject): Promise<Finding[]> {
  const own = files.filter(({ path, bytes }) => !path.startsWith('node_modules/') && bytes <= MAX_FILE_BYTES);
  const found = await Promise.all(own.map(({ path }) => checkFile(folder, path)));
  return found.flat();
}

async function checkFile(folder: string, file: string): Promise<Finding[]> {
  if (SECRET_FILE.test(posix.basename(file))) return [secret(file, undefined, 'is a file for secrets')];
  const content = readFileSync(join(folder, file), 'utf8');
  if (content.includes('\0')) return [];
  const { messages } = await lintSource({
    source: { filePath: join(folder, file), content, contentType: 'text', ext: extname(file) },
    options: { config: { rules: [{ id: SECRETLINT, rule: creator }] }, maskSecrets: true },
  });
  const lineAt = (index: number) => content.slice(0, index).split('\n').length;
  return [
    ...messages
      .filter(({ severity }) => severity === 'error')
      .map(({ messageId, range }) => secret(file, lineAt(range[0]), `holds a secret (${messageId})`)),
    ...findStreamSecrets(content).map(({ what, index }) => secret(file, lineAt(index), `holds ${what}`)),
  ];
}

function secret(file: string, line: number | undefined, message: string): Finding {
  const remedy =
    'Take it out, and change it if others have seen it. Plugins keep secrets in context.secrets.';
  return { severity: 'error', rule: 'secrets', file, line, message, remedy };
}
