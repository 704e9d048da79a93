import stringWidth from 'string-width';
import { printable } from '../../base/printable.js';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** What can be printed. A string may hold anything: the printer cleans it. */
export type Content = string | Styled;

/** As people count them: an emoji of several code points is one. */
const CHARACTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });

interface Span {
  readonly text: string;
  readonly styles: readonly Style[];
}

/**
 * Text on one line with styles. It holds no escape sequence: whatever goes into it is made printable, and the printer alone
 * turns styles into sequences.
 */
export class Styled {
  private constructor(private readonly spans: readonly Span[]) {}

  static of(...contents: readonly (Content | number)[]): Styled {
    return new Styled(
      contents.flatMap((content) =>
        content instanceof Styled ? content.spans : [{ text: printable(String(content)), styles: [] }],
      ),
    );
  }

  with(style: Style): Styled {
    return new Styled(this.spans.map(({ text, styles }) => ({ text, styles: [style, ...styles] })));
  }

  /** The text without its styles. */
  get text(): string {
    return this.spans.map(({ text }) => text).join('');
  }

  /** The columns that the text takes on a terminal: East Asian characters and emoji take two. */
  get width(): number {
    return stringWidth(this.text);
  }

  /** What fits into `width` columns, at least one; it ends in `…` where something is left out. */
  cut(width: number): Styled {
    if (this.width <= width) return this;
    let left = Math.max(0, width - 1);
    const spans = this.spans.map(({ text, styles }) => {
      let kept = '';
      for (const { segment } of CHARACTERS.segment(text)) {
        left -= stringWidth(segment);
        if (left < 0) break;
        kept += segment;
      }
      return { text: kept, styles };
    });
    return Styled.of(new Styled(spans), '…');
  }

  /** @param paint Puts a style's escape sequences around a text. */
  render(paint: (text: string, style: Style) => string): string {
    return this.spans.map(({ text, styles }) => styles.reduceRight(paint, text)).join('');
  }
}

/** A line of text of ours, with values in it that may come from anywhere. */
export function styled(literals: TemplateStringsArray, ...values: readonly (Content | number)[]): Styled {
  return Styled.of(...literals.flatMap((literal, index) => [literal, values[index] ?? '']));
}

const withStyle =
  (style: Style) =>
  (content: Content | number): Styled =>
    Styled.of(content).with(style);

export const bold = withStyle('bold');
export const dim = withStyle('dim');
export const red = withStyle('red');
export const green = withStyle('green');
export const yellow = withStyle('yellow');
export const cyan = withStyle('cyan');

/** The contents, one after the other, with a text between them. */
export function joined(contents: readonly Content[], separator: string): Styled {
  return Styled.of(...contents.flatMap((content, index) => (index === 0 ? [content] : [separator, content])));
}
