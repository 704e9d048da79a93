import stringWidth from 'fast-string-width';
import { printable } from '../../base/printable.js';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Content to print. A string may contain anything: the printer makes it printable. */
export type Content = string | Styled;

interface Span {
  readonly text: string;
  readonly styles: readonly Style[];
}

/**
 * Text on one line with styles. It contains no escape sequences: everything added to it is made printable, and only the
 * printer turns styles into sequences.
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

  /** Width of the text on a terminal, columns: East Asian characters and emoji take two. */
  get width(): number {
    return stringWidth(this.text);
  }

  /** Shortens it to `width` columns, at least one; ends in `…` if something was cut off. */
  cut(width: number): Styled {
    if (this.width <= width) return this;
    let left = Math.max(0, width - 1);
    // By user-perceived characters: an emoji of several code points is one. Made here, since it takes 20 ms at the first time.
    const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });
    const spans = this.spans.map(({ text, styles }) => {
      let kept = '';
      for (const { segment } of characters.segment(text)) {
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

/** A line of Bulkhead's own text, with values that may come from anywhere. */
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

/** Joins the contents with a separator. */
export function joined(contents: readonly Content[], separator: string): Styled {
  return Styled.of(...contents.flatMap((content, index) => (index === 0 ? [content] : [separator, content])));
}
