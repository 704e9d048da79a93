import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** Maximum length of a Unix socket's path, bytes: `sun_path` has 108 on Linux and 104 elsewhere, including a closing NUL. */
const MAX_SOCKET_PATH_BYTES = process.platform === 'linux' ? 107 : 103;
/** Suffix of the media socket's path. */
const MEDIA_SUFFIX = '.media';
const MAX_ADDRESS_BYTES = MAX_SOCKET_PATH_BYTES - Buffer.byteLength(MEDIA_SUFFIX);

/**
 * The default control socket: `$BULKHEAD_ADDRESS`, else `$XDG_RUNTIME_DIR/bulkhead/core.sock`, else
 * `<temp>/bulkhead-<uid>/core.sock`; on Windows the pipe `\\.\pipe\bulkhead-<user>`.
 */
export function defaultAddress(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const given = env['BULKHEAD_ADDRESS'];
  if (given !== undefined && given !== '') return given;
  if (platform === 'win32') return `\\\\.\\pipe\\bulkhead-${userInfo().username}`;
  const runtimeDir = env['XDG_RUNTIME_DIR'];
  return runtimeDir?.startsWith('/') ? join(runtimeDir, 'bulkhead', 'core.sock') : ownTemporaryAddress();
}

/**
 * Where the core at this control address receives its encoders' media: a socket next to the control socket, or a pipe on
 * Windows.
 */
export function mediaPath(address: string): string {
  return isPipeName(address) ? `${address}-media` : `${address}${MEDIA_SUFFIX}`;
}

/**
 * Creates the control socket's folder, accessible only to its user (0700), and checks it. Called by the core before it listens.
 * Throws like {@link checkAddress}.
 */
export function prepareAddress(address: string): void {
  checkAddressLength(address);
  if (isPipeName(address)) return;
  try {
    mkdirSync(dirname(address), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new BulkheadError(ErrorCodes.configInvalid, `cannot make the folder: ${(error as Error).message}`, {
      where: address,
      remedy: 'Give another place with --address.',
      cause: error,
    });
  }
  checkAddress(address);
}

/**
 * Checks that the socket's folder, if it exists, belongs to this user and is not accessible to others: anyone who could create
 * a socket there would receive the stream keys. Called by clients before they connect. Throws `config.invalid` for an invalid
 * address, `permission.denied` for an unsafe folder.
 */
export function checkAddress(address: string): void {
  checkAddressLength(address);
  if (isPipeName(address)) return;
  const folder = dirname(address);
  let stats: Stats;
  try {
    stats = lstatSync(folder);
  } catch {
    return;
  }
  const refuse = (message: string, remedy: string): never => {
    throw new BulkheadError(ErrorCodes.permissionDenied, message, { where: address, remedy });
  };
  if (!stats.isDirectory()) {
    refuse(`${folder} is not a folder`, 'Give another place with --address.');
  }
  if (process.getuid !== undefined && stats.uid !== process.getuid()) {
    refuse(
      `the folder ${folder} belongs to another user`,
      'Give an address in a folder of your own with --address.',
    );
  }
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
    refuse(
      `other users can enter the folder ${folder}`,
      isOursToClose(folder, stats)
        ? `Run "chmod 700 ${folder}", or give an address in another folder with --address.`
        : `Give an address in a folder of your own, as --address ${ownTemporaryAddress()}`,
    );
  }
}

/** Whether the address is a Windows named pipe rather than a path. */
export function isPipeName(address: string): boolean {
  return /^\\\\[.?]\\pipe\\/i.test(address);
}

function ownTemporaryAddress(): string {
  return join(tmpdir(), `bulkhead-${userInfo().uid}`, 'core.sock');
}

/** Whether the folder's access may be restricted to the user: `chmod 700 /tmp` by root would break the machine. */
function isOursToClose(folder: string, { mode }: Stats): boolean {
  const isShared = (mode & 0o1002) !== 0;
  return !isShared && (folder.startsWith(homedir() + sep) || /^bulkhead(-|$)/.test(basename(folder)));
}

function checkAddressLength(address: string): void {
  const bytes = Buffer.byteLength(address);
  if (isPipeName(address)) return;
  if (bytes === 0 || address.includes('\0')) {
    throw new BulkheadError(ErrorCodes.configInvalid, 'the address is empty or holds a NUL byte', {
      where: '--address',
    });
  }
  if (bytes > MAX_ADDRESS_BYTES) {
    throw new BulkheadError(
      ErrorCodes.configInvalid,
      `the address is ${bytes} bytes long; it may have ${MAX_ADDRESS_BYTES}: a socket's path may have ` +
        `${MAX_SOCKET_PATH_BYTES}, and the media socket's is ${MEDIA_SUFFIX.length} longer than the address`,
      { where: address, remedy: 'Give a shorter one with --address.' },
    );
  }
}
