/**
 * Makes text from plugins, servers, files and archives safe to print: it contains no terminal control sequences, no
 * invisible characters, and nothing that changes the direction or order of the surrounding text.
 *
 * Used by the terminal writer, the log, notices and errors; other code need not call it.
 */

/** CSI sequences; OSC, DCS, SOS, PM and APC strings with their content; any other escape (ECMA-48, 5.3 to 5.6). */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: these are the characters to remove
const SEQUENCES =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x1f\x80-\x9f]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]?/g;
const LINE_BREAK = /\r\n|[\r\n\v\f\x85\u2028\u2029]/g;
/** All but the line feed. */
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f]+/g;
const CONTROLS_AND_BREAKS = /[\p{Cc}\u2028\u2029]+/gu;
const PLAIN = /^[\x20-\x7e]*$/;
const PLAIN_LINES = /^[\x20-\x7e\n]*$/;
/** Characters that are valid in JSON unescaped but not printable. */
const UNPRINTABLE_IN_JSON = /[\x7f-\x9f\u2028\u2029\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point}/gu;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above

/**
 * Zero-width and bidirectional control characters, and other characters without width: Unicode's
 * Default_Ignorable_Code_Point, and interlinear annotations. The joiner and the variation selector inside an emoji are
 * kept.
 */
const INVISIBLE =
  /((?<=\p{Extended_Pictographic}\ufe0f?|\p{Emoji_Modifier})\u200d(?=\p{Extended_Pictographic})|(?<=\p{Emoji})\ufe0f)|\p{Default_Ignorable_Code_Point}|[\ufff9-\ufffb]/gu;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** The text on one line: line breaks and control characters become spaces. */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : withoutHidden(text).replace(CONTROLS_AND_BREAKS, ' ');
}

/** The text with its line breaks normalized to `\n`. */
export function printableLines(text: string): string {
  return PLAIN_LINES.test(text) ? text : withoutHidden(text).replace(LINE_BREAK, '\n').replace(CONTROLS, ' ');
}

/** JSON in which non-printable characters are escaped (`\u202e`): it parses to the same value. */
export function printableJson(value: unknown, indent?: number): string {
  // JSON.stringify returns undefined for undefined, functions and symbols.
  const json = JSON.stringify(value, null, indent) ?? 'null';
  return json.replace(UNPRINTABLE_IN_JSON, escaped);
}

/**
 * A copy of a JSON value in which every string is printable, line breaks kept. Keys are not changed, since they are
 * Bulkhead's own.
 */
export function printableValue<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === 'string' ? printableLines(part) : part,
  ) as T;
}

/** At most `max` UTF-16 units, with `…` for the omitted part. Never splits a surrogate pair. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = max - 1;
  const splitsPair = /[\ud800-\udbff]/.test(text.charAt(end - 1)) && /[\udc00-\udfff]/.test(text.charAt(end));
  return `${text.slice(0, splitsPair ? end - 1 : end)}…`;
}

function withoutHidden(text: string): string {
  return text
    .replace(SEQUENCES, '')
    .replace(INVISIBLE, (_hidden, kept: string | undefined) => kept ?? '')
    .replace(LONE_SURROGATE, '\ufffd');
}

/** Each UTF-16 unit in JSON's escaped form. */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
