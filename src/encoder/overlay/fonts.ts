import { readFileSync } from 'node:fs';
import { GlobalFonts } from '@napi-rs/canvas';
import { isFontFile } from '../../config/font-file.js';
import { mayRead, readAllowed } from './allowed-files.js';

/** A font that comes with Bulkhead, for some scripts. */
interface BundledFont {
  readonly file: string;
  readonly family: string;
  /** Text that needs it. */
  readonly covers: RegExp;
}

/** In the order in which they are looked at for a character. */
const BUNDLED: readonly BundledFont[] = [
  ['noto-sans-latin', /(?:)/],
  [
    'noto-sans-latin-ext',
    /[\u0100-\u02ff\u1e00-\u1eff\u2070-\u209f\u20a0-\u20c0\u2113\u2c60-\u2c7f\ua720-\ua7ff]/,
  ],
  [
    'noto-sans-vietnamese',
    /[\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9\u20ab]|\p{Mn}/u,
  ],
  ['noto-sans-cyrillic', /\p{Script=Cyrillic}/u],
  ['noto-sans-cyrillic-ext', /[\u0460-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f]/],
  ['noto-sans-greek', /\p{Script=Greek}/u],
  ['noto-sans-devanagari', /\p{Script=Devanagari}/u],
  ['noto-sans-arabic', /\p{Script=Arabic}/u],
  ['noto-sans-hebrew', /\p{Script=Hebrew}/u],
  [
    'noto-sans-sc',
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\u3000-\u303f\uff00-\uffef]/u,
  ],
  ['twemoji', /[\p{Extended_Pictographic}\p{Regional_Indicator}]|\u20e3/u],
].map(([name, covers]) => ({
  file: `${name}.woff2`,
  family: `Bulkhead ${name}`,
  covers: covers as RegExp,
}));

/** Finds fonts for texts. They are read when the first text needs them. */
export class Fonts {
  private readonly loaded = new Set<string>();
  private readonly files = new Map<string, string | undefined>();

  /** @param folder of the fonts that come with Bulkhead */
  constructor(private readonly folder: URL) {
    // Nearly every text needs it.
    for (const font of BUNDLED.slice(0, 1)) this.load(font);
  }

  /**
   * Families for a text, as CSS writes them: the font that was asked for, and those that have what it lacks.
   *
   * @param font name or path of one; the bundled one without it
   * @param onMissing is called if there is no such font
   * @param folders in which its file has to be; any without them
   */
  familiesFor(
    text: string,
    font: string | undefined,
    onMissing: (font: string) => void,
    folders?: readonly string[],
  ): string {
    const asked = font === undefined ? undefined : this.familyOf(font, folders);
    if (font !== undefined && asked === undefined) onMissing(font);
    const bundled = BUNDLED.filter(({ covers }) => covers.test(text));
    for (const one of bundled) this.load(one);
    const families = [asked, ...bundled.map(({ family }) => family), 'sans-serif'];
    return families.flatMap((family) => (family === undefined ? [] : [quoted(family)])).join(', ');
  }

  private familyOf(font: string, folders: readonly string[] | undefined): string | undefined {
    if (!isFontFile(font)) return GlobalFonts.has(font) ? font : undefined;
    if (!mayRead(font, folders)) return undefined;
    if (this.files.has(font)) return this.files.get(font);
    const family = `file ${this.files.size}`;
    const found = register(() => readAllowed(font, folders), family) ? family : undefined;
    // One that is missing may be there later.
    if (found !== undefined) this.files.set(font, found);
    return found;
  }

  private load({ file, family }: BundledFont): void {
    if (this.loaded.has(family)) return;
    this.loaded.add(family);
    register(() => readFileSync(new URL(file, this.folder)), family);
  }
}

function register(read: () => Buffer, family: string): boolean {
  try {
    return GlobalFonts.register(read(), family) !== null;
  } catch {
    return false;
  }
}

function quoted(family: string): string {
  return `"${family.replace(/["\\\n]/g, ' ')}"`;
}
