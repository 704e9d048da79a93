import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { padded, XConnection } from '../../x11/x-connection.js';
import { DISPLAY_REMEDY } from '../ffmpeg-errors.js';

/** A window that can be captured. */
export interface XWindow {
  readonly id: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

interface Titled extends XWindow {
  readonly title: string;
  /** Whether it has a place on the screen; false for one that is minimized. */
  readonly isShown: boolean;
}

const DEADLINE_MS = 3000;
const MAX_WINDOWS = 2000;
/** Below the root, window managers have a frame around each window, and a window around that at most. */
const MAX_DEPTH = 3;
/** Of a title, in units of 4 bytes. */
const MAX_TITLE = 256;
const LISTED_TITLES = 10;
/** Of a reply, before its list, bytes. */
const HEADER = 32;

// Requests of the core protocol.
const GET_WINDOW_ATTRIBUTES = 3;
const GET_GEOMETRY = 14;
const QUERY_TREE = 15;
const INTERN_ATOM = 16;
const GET_PROPERTY = 20;
const VIEWABLE = 2;
const STRING_ATOM = 31;
const WM_NAME_ATOM = 39;

/**
 * The window that was captured before, if it is still there, whatever its title is by now; otherwise the uppermost one with this in its
 * title, whether in capitals or not.
 *
 * @param before its id; undefined if none was captured before
 * @throws BulkheadError `input.notFound` if there is none, or if the display cannot be opened; `input.unreachable` if it is minimized
 */
export async function findWindow(display: string, title: string, before?: number): Promise<XWindow> {
  let connection: XConnection | undefined;
  try {
    connection = await XConnection.open(display, DEADLINE_MS);
    const same = before === undefined ? undefined : await describe(connection, before, '');
    if (same !== undefined) return shown(same, title);
    const windows = await titledWindows(connection);
    const found = chooseWindow(windows, title);
    if (found === undefined) throw noSuchWindow(windows, title);
    return shown(found, title);
  } catch (error) {
    if (error instanceof BulkheadError) throw error;
    throw new BulkheadError(ErrorCodes.inputNotFound, `The X display ${display} cannot be opened.`, {
      where: display,
      remedy: DISPLAY_REMEDY,
      cause: error,
    });
  } finally {
    connection?.dispose();
  }
}

/** @param windows from the lowest to the uppermost */
export function chooseWindow<T extends Pick<Titled, 'title' | 'isShown'>>(
  windows: readonly T[],
  title: string,
): T | undefined {
  const wanted = title.toLowerCase();
  const matching = windows.filter((window) => window.title.toLowerCase().includes(wanted));
  const inView = matching.filter(({ isShown }) => isShown);
  const candidates = inView.length > 0 ? inView : matching;
  return candidates.findLast((window) => window.title.toLowerCase() === wanted) ?? candidates.at(-1);
}

function shown({ isShown, ...window }: Titled, title: string): XWindow {
  if (isShown) return window;
  throw new BulkheadError(ErrorCodes.inputUnreachable, `The window "${title}" is minimized.`, {
    where: 'input "screen"',
    remedy: 'Show it: what is not on the screen has no frames.',
  });
}

function noSuchWindow(windows: readonly Titled[], title: string): BulkheadError {
  const titles = windows.filter(({ isShown }) => isShown).map((window) => `"${window.title.slice(0, 80)}"`);
  const listed = titles.slice(-LISTED_TITLES).reverse().join(', ');
  return new BulkheadError(ErrorCodes.inputNotFound, `There is no window with "${title}" in its title.`, {
    where: 'input "screen"',
    remedy: listed === '' ? 'Open it.' : `Open it, or name one of these: ${listed}.`,
  });
}

/** Those with a title, from the lowest to the uppermost. */
async function titledWindows(connection: XConnection): Promise<Titled[]> {
  const ids = (await managedWindows(connection)) ?? (await windowsBelow(connection, connection.rootWindow));
  const nameAtom = await atom(connection, '_NET_WM_NAME');
  const windows = await Promise.all(
    ids.map(async (id) => {
      const title = await titleOf(connection, id, nameAtom);
      return title === '' ? undefined : describe(connection, id, title);
    }),
  );
  return windows.filter((window) => window !== undefined);
}

/** As window managers list them (EWMH); undefined without one. */
async function managedWindows(connection: XConnection): Promise<number[] | undefined> {
  for (const name of ['_NET_CLIENT_LIST_STACKING', '_NET_CLIENT_LIST']) {
    const list = await property(connection, connection.rootWindow, await atom(connection, name), MAX_WINDOWS);
    const ids = Array.from({ length: Math.floor((list?.value.length ?? 0) / 4) }, (_, index) =>
      list?.value.readUInt32LE(index * 4),
    );
    if (ids.length > 0) return ids.filter((id) => id !== undefined);
  }
  return undefined;
}

async function windowsBelow(connection: XConnection, top: number): Promise<number[]> {
  const all: number[] = [];
  let level = [top];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1) {
    const below = await Promise.all(level.map((id) => connection.request(QUERY_TREE, 0, uint32(id))));
    level = below.flatMap((reply) => {
      const children = reply?.readUInt16LE(16) ?? 0;
      return Array.from({ length: children }, (_, index) => reply?.readUInt32LE(HEADER + index * 4) ?? 0);
    });
    level.length = Math.min(level.length, MAX_WINDOWS - all.length);
    all.push(...level);
  }
  return all;
}

/** Undefined if it is gone. */
async function describe(connection: XConnection, id: number, title: string): Promise<Titled | undefined> {
  const [attributes, geometry] = await Promise.all([
    connection.request(GET_WINDOW_ATTRIBUTES, 0, uint32(id)),
    connection.request(GET_GEOMETRY, 0, uint32(id)),
  ]);
  if (attributes === undefined || geometry === undefined) return undefined;
  const isShown = attributes.readUInt8(26) === VIEWABLE;
  return { id, title, isShown, width: geometry.readUInt16LE(16), height: geometry.readUInt16LE(18) };
}

async function titleOf(connection: XConnection, id: number, nameAtom: number): Promise<string> {
  const modern = await property(connection, id, nameAtom, MAX_TITLE);
  if (modern !== undefined && modern.value.length > 0) return modern.value.toString('utf8');
  const old = await property(connection, id, WM_NAME_ATOM, MAX_TITLE);
  return old?.value.toString(old.type === STRING_ATOM ? 'latin1' : 'utf8') ?? '';
}

async function atom(connection: XConnection, name: string): Promise<number> {
  const bytes = Buffer.from(name, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt16LE(bytes.length, 0);
  const onlyIfExists = 0;
  const reply = await connection.request(INTERN_ATOM, onlyIfExists, Buffer.concat([length, padded(bytes)]));
  return reply?.readUInt32LE(8) ?? 0;
}

/** @param longest in units of 4 bytes */
async function property(
  connection: XConnection,
  window: number,
  name: number,
  longest: number,
): Promise<{ readonly type: number; readonly value: Buffer } | undefined> {
  const anyType = 0;
  const data = Buffer.concat([window, name, anyType, 0, longest].map(uint32));
  const reply = await connection.request(GET_PROPERTY, 0, data);
  if (reply === undefined) return undefined;
  const bytes = reply.readUInt32LE(16) * (reply.readUInt8(1) / 8);
  return { type: reply.readUInt32LE(8), value: reply.subarray(HEADER, HEADER + bytes) };
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}
