import { keysymOf } from '../../src/hotkeys/keysyms.js';
import { XConnection } from '../../src/x11/x-connection.js';

const QUERY_EXTENSION = 98;
const GET_KEYBOARD_MAPPING = 101;
const FAKE_INPUT = 2;
const [PRESS, RELEASE] = [2, 3];
/** Left Control, Shift, Alt and Super. */
const MODIFIERS: Readonly<Record<string, number>> = {
  ctrl: 0xffe3,
  shift: 0xffe1,
  alt: 0xffe9,
  meta: 0xffeb,
};

/** Presses keys of an X server as a keyboard would, by its extension XTEST. */
export class TestKeyboard {
  private constructor(
    private readonly connection: XConnection,
    private readonly opcode: number,
    private readonly codes: ReadonlyMap<number, number>,
  ) {}

  static async open(display: string): Promise<TestKeyboard> {
    const connection = await XConnection.open(display, 5000, () => {});
    const name = Buffer.from('XTEST\0\0\0', 'latin1');
    const extension = await connection.request(
      QUERY_EXTENSION,
      0,
      Buffer.concat([Buffer.from([5, 0, 0, 0]), name]),
    );
    if (extension?.readUInt8(8) !== 1) throw new Error('this X server has no XTEST');
    const [first, last] = connection.keyRange;
    const range = Buffer.from([first, last - first + 1, 0, 0]);
    const mapping = await connection.request(GET_KEYBOARD_MAPPING, 0, range);
    if (mapping === undefined) throw new Error('this X server has no keyboard');
    const perCode = mapping.readUInt8(1);
    const codes = new Map<number, number>();
    for (let at = 32; at < mapping.length; at += 4) {
      const code = first + Math.floor((at - 32) / 4 / perCode);
      if (!codes.has(mapping.readUInt32LE(at))) codes.set(mapping.readUInt32LE(at), code);
    }
    return new TestKeyboard(connection, extension.readUInt8(9), codes);
  }

  /** @param key canonical */
  async press(key: string): Promise<void> {
    const parts = key.split('+');
    const syms = parts.map((part) => MODIFIERS[part] ?? keysymOf(part) ?? 0);
    for (const sym of syms) await this.fake(PRESS, sym);
    for (const sym of syms.reverse()) await this.fake(RELEASE, sym);
  }

  private async fake(type: number, sym: number): Promise<void> {
    const code = this.codes.get(sym);
    if (code === undefined) throw new Error(`no key has the symbol ${sym.toString(16)}`);
    const data = Buffer.alloc(32);
    data.writeUInt8(type, 0);
    data.writeUInt8(code, 1);
    if (!(await this.connection.send(this.opcode, FAKE_INPUT, data))) throw new Error('XTEST refused');
  }

  dispose(): void {
    this.connection.dispose();
  }
}
