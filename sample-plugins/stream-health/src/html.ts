const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Characters that no HTML or XML may hold, and those that hide text or change its direction: what a server or another
 * plugin wrote must not look like something else in the report. The two that emoji are made of stay.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is replaced
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb\ufffe\uffff]|\p{Surrogate}|(?![\u200d\ufe0f])\p{Default_Ignorable_Code_Point}/gu;

/** Markup that needs no escaping any more. */
export class Html {
  constructor(private readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

type Value = string | number | Html | readonly Html[];

/** Markup with values in it. All but {@link Html} is escaped, so that it may stand in text and in quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(rendered)));
}

function rendered(value: Value): string {
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.join('');
  return String(value)
    .replace(UNSAFE, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
