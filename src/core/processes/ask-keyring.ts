import { spawn } from 'node:child_process';
import { checkValue } from '../../base/check-value.js';
import * as z from '../../base/zod.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { KeyringRequest } from '../../protocol/keyring.js';
import { entryPoint } from './entry-points.js';

/** How long the keyring may take, ms: it may ask its owner for a password first. */
const DEADLINE_MS = 20_000;
/** A keyring holds little. */
const MAX_ANSWER = 1 << 20;

const Names = z.string().max(1000).array();
const Answer = z.union([
  z.object({
    ok: z.literal(true),
    value: z.string().nullish(),
    names: Names.optional(),
    removed: z.boolean().optional(),
  }),
  z.object({ ok: z.literal(false), reason: z.enum(['missing', 'failed']), message: z.string() }),
]);
type Found = Extract<z.output<typeof Answer>, { ok: true }>;

/**
 * Asks the system's keyring, in a process of its own: its library is native, and it may wait for its owner.
 *
 * @param where the owner of the secret, e.g. `outputs.main`
 * @throws BulkheadError `config.secretNotFound` where the keyring cannot be used, or does not answer in time
 */
export async function askKeyring(
  request: KeyringRequest,
  where: string,
  { program = entryPoint('keyring'), deadlineMs = DEADLINE_MS } = {},
): Promise<Found> {
  const text = await answerOf(program, request, where, deadlineMs);
  const answer = checkValue(Answer, parsed(text));
  if (!answer.success) throw failed('the keyring’s process ended without an answer', where);
  if (answer.data.ok) return answer.data;
  const { reason, message } = answer.data;
  if (reason === 'missing') {
    throw failed(
      'the keyring cannot be used: the package @napi-rs/keyring is not installed',
      where,
      'Install Bulkhead with its optional packages, or use "file:PATH" or "env:NAME".',
    );
  }
  throw failed(
    `the keyring cannot be used: ${message}`,
    where,
    process.platform === 'linux'
      ? 'It needs a session with a keyring (GNOME Keyring, KWallet, KeePassXC) that is unlocked; elsewhere use "file:PATH" or "env:NAME".'
      : 'Unlock it, or use "file:PATH" or "env:NAME".',
  );
}

/** @returns empty where it has said nothing */
function answerOf(
  program: string,
  request: KeyringRequest,
  where: string,
  deadlineMs: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program], {
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    let text = '';
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, deadlineMs);
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (text.length > MAX_ANSWER) child.kill('SIGKILL');
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(failed(`the keyring’s process cannot be started: ${error.message}`, where));
    });
    child.once('close', () => {
      clearTimeout(timer);
      if (!isLate) resolve(text);
      else
        reject(
          failed(
            `the keyring did not answer within ${Math.round(deadlineMs / 1000)} s`,
            where,
            'It may be waiting for you to unlock it: look for its window, and try again.',
          ),
        );
    });
    child.stdin.on('error', () => {});
    // It stays open: its end is that of this process.
    child.stdin.write(`${JSON.stringify(request)}\n`);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failed(message: string, where: string, remedy?: string): BulkheadError {
  return new BulkheadError(ErrorCodes.secretNotFound, message, { where, remedy });
}
