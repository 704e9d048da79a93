import type { Disposable } from 'vscode-jsonrpc';
import { readKeystroke } from '../keys/keystroke.js';
import { XConnection } from '../x11/x-connection.js';
import { keysymOf } from './keysyms.js';

const OPEN_MS = 5000;

// Requests and events of X11.
const GRAB_KEY = 33;
const UNGRAB_KEY = 34;
const GET_KEYBOARD_MAPPING = 101;
const KEY_PRESS = 2;
const KEY_RELEASE = 3;
const MAPPING_NOTIFY = 34;
const ASYNCHRONOUS = 1;

/** As keyboards are set up everywhere: Mod1 is Alt, Mod4 is Super. */
const MODIFIERS = { shift: 1, ctrl: 4, alt: 8, meta: 64 } as const;
const ALL_MODIFIERS = 1 | 4 | 8 | 64;
/** Caps Lock, and Num Lock, which is Mod2: keys are the same with and without them. */
const LOCKS = [0, 2, 16, 2 | 16];

interface Grab {
  readonly key: string;
  readonly code: number;
  readonly modifiers: number;
}

export interface XHotkeysOptions {
  /** Such as `:0`. */
  readonly display: string;
  /** @param key as it was given to `set` */
  readonly onPress: (key: string) => void;
  readonly onLost: (error: Error) => void;
}

/** Keys that are heard of wherever the keyboard's input goes: the X server reports them to nobody else. */
export class XHotkeys implements Disposable {
  private grabs: readonly Grab[] = [];
  private keys: readonly string[] = [];
  /** When each key was let go of last, by the server's clock: a key that repeats is pressed again at that very moment. */
  private readonly releasedAt = new Map<number, number>();
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly connection: XConnection,
    private readonly onPress: (key: string) => void,
  ) {}

  /** @throws Error if there is no such display */
  static async open({ display, onPress, onLost }: XHotkeysOptions): Promise<XHotkeys> {
    let hotkeys: XHotkeys | undefined;
    const connection = await XConnection.open(display, OPEN_MS, (event) => hotkeys?.take(event), onLost);
    hotkeys = new XHotkeys(connection, onPress);
    return hotkeys;
  }

  /**
   * Hears of these keys, and of no others.
   *
   * @param keys canonical
   * @returns those that cannot be had: another program has them, or the keyboard does not
   */
  set(keys: readonly string[]): Promise<string[]> {
    const done = this.turn.then(() => this.grab(keys));
    this.turn = done.catch(() => {});
    return done;
  }

  /** What stays the same is not let go of meanwhile: the server says often that the keyboard is another one. */
  private async grab(keys: readonly string[]): Promise<string[]> {
    this.keys = keys;
    const codes = await this.codesBySym();
    const wanted = keys.flatMap((key): Grab[] => {
      const stroke = readKeystroke(key);
      const code = typeof stroke === 'string' ? undefined : codes.get(keysymOf(stroke.name) ?? 0);
      if (typeof stroke === 'string' || code === undefined) return [];
      return [{ key, code, modifiers: stroke.modifiers.reduce((mask, name) => mask | MODIFIERS[name], 0) }];
    });
    const isIn = (list: readonly Grab[], { code, modifiers }: Grab) =>
      list.some((one) => one.code === code && one.modifiers === modifiers);
    for (const grab of this.grabs) if (!isIn(wanted, grab)) await this.release(grab);
    const kept = this.grabs.filter((grab) => isIn(wanted, grab));
    this.grabs = wanted.filter((grab) => isIn(kept, grab));
    for (const grab of wanted) {
      if (isIn(this.grabs, grab)) continue;
      const taken = await Promise.all(LOCKS.map((locks) => this.grabOne(grab, locks)));
      if (taken.includes(false)) await this.release(grab);
      else this.grabs = [...this.grabs, grab];
    }
    return keys.filter((key) => !this.grabs.some((grab) => grab.key === key));
  }

  private grabOne({ code, modifiers }: Grab, locks: number): Promise<boolean> {
    const data = Buffer.alloc(12);
    data.writeUInt32LE(this.connection.rootWindow, 0);
    data.writeUInt16LE(modifiers | locks, 4);
    data.writeUInt8(code, 6);
    data.writeUInt8(ASYNCHRONOUS, 7);
    data.writeUInt8(ASYNCHRONOUS, 8);
    return this.connection.send(GRAB_KEY, 0, data);
  }

  private async release({ code, modifiers }: Grab): Promise<void> {
    for (const locks of LOCKS) {
      const data = Buffer.alloc(8);
      data.writeUInt32LE(this.connection.rootWindow, 0);
      data.writeUInt16LE(modifiers | locks, 4);
      await this.connection.send(UNGRAB_KEY, code, data);
    }
  }

  /** The code of the first key that has each symbol. */
  private async codesBySym(): Promise<Map<number, number>> {
    const [first, last] = this.connection.keyRange;
    const reply = await this.connection.request(
      GET_KEYBOARD_MAPPING,
      0,
      Buffer.from([first, last - first + 1, 0, 0]),
    );
    const codes = new Map<number, number>();
    const perCode = reply?.readUInt8(1) ?? 0;
    for (let code = first; reply !== undefined && code <= last; code += 1) {
      for (let index = 0; index < perCode; index += 1) {
        const at = 32 + ((code - first) * perCode + index) * 4;
        if (at + 4 > reply.length) return codes;
        const sym = reply.readUInt32LE(at);
        if (sym !== 0 && !codes.has(sym)) codes.set(sym, code);
      }
    }
    return codes;
  }

  private take(event: Buffer): void {
    const kind = event.readUInt8(0) & 0x7f;
    // Another keyboard, or another layout.
    if (kind === MAPPING_NOTIFY) this.set(this.keys).catch(() => {});
    if (kind !== KEY_PRESS && kind !== KEY_RELEASE) return;
    const code = event.readUInt8(1);
    const time = event.readUInt32LE(4);
    if (kind === KEY_RELEASE) {
      this.releasedAt.set(code, time);
      return;
    }
    const modifiers = event.readUInt16LE(28) & ALL_MODIFIERS;
    const grab = this.grabs.find((one) => one.code === code && one.modifiers === modifiers);
    if (grab !== undefined && this.releasedAt.get(code) !== time) this.onPress(grab.key);
  }

  dispose(): void {
    this.connection.dispose();
  }
}
