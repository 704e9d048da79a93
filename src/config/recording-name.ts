/** What stands for a value in the name of a recording, and what it is. */
export const NAME_FIELDS = {
  date: 'the date, such as 2026-11-30',
  time: 'the time, such as 20-15-00',
  scene: 'the scene on air',
  profile: 'the profile',
  n: 'the number of the file within the recording',
} as const;
type NameField = keyof typeof NAME_FIELDS;

export interface NameValues {
  readonly at: Date;
  /** Number of the file within the recording, from 1. */
  readonly n: number;
  readonly scene: string | undefined;
  readonly profile: string;
  /** What it is of, at the end of its name; undefined for the programme. */
  readonly feed?: string | undefined;
}

const FIELD = /\{([^{}]*)\}/g;
/** Room for a number and the extension: file systems take 255 bytes. */
const MOST_BYTES = 200;
/** What Windows takes in no name, and no system in every one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Devices of Windows, also with an extension. */
const DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;

/** Why this cannot be the name of files, or a template of names; undefined if it can. */
export function findNameProblem(template: string): string | undefined {
  if (/[/\\]/.test(template)) return 'expected a name without "/" and "\\": the files are in "folder"';
  for (const [whole, field = ''] of template.matchAll(FIELD)) {
    if (!Object.hasOwn(NAME_FIELDS, field))
      return `expected one of ${Object.keys(NAME_FIELDS)
        .map((name) => `{${name}}`)
        .join(', ')}, got ${whole}`;
  }
  const text = template.replace(FIELD, 'x');
  if (/[{}]/.test(text)) return 'expected "{" and "}" around a field only, such as {date}';
  const [forbidden] = text.match(FORBIDDEN) ?? [];
  if (forbidden !== undefined)
    return `expected a name that every system takes, without ${JSON.stringify(forbidden)}`;
  return text.replace(/[. ]/g, '') === '' ? 'expected a name' : undefined;
}

/** A name that every system takes, without an extension, whatever the values are. */
export function recordingName(template: string, { at, n, scene = '', profile, feed }: NameValues): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const values: Readonly<Record<NameField, string>> = {
    date: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}-${two(at.getMinutes())}-${two(at.getSeconds())}`,
    scene,
    profile,
    n: String(n),
  };
  const text = template.replace(FIELD, (whole, field: string) => values[field as NameField] ?? whole);
  return safeName(text, feed === undefined ? '' : ` ${feed}`);
}

/** @param end an id: it has no forbidden characters, and is never cut off */
function safeName(text: string, end: string): string {
  const trimmed = text.normalize('NFC').replace(FORBIDDEN, '_');
  // Windows takes the dots and spaces at the end away, and other systems hide what begins with a dot.
  const name = cut(trimmed, MOST_BYTES - end.length).replace(/^[. ]+|[. ]+$/g, '');
  if (name === '') return `recording${end}`;
  return `${DEVICES.test(name) ? '_' : ''}${name}${end}`;
}

/** As many whole characters as there is room for. */
function cut(text: string, mostBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > mostBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
