import { nearest } from '../config/nearest.js';
import type {
  DeclaredSetting,
  ListSetting,
  NumberSetting,
  ObjectSetting,
  SettingDeclaration,
  TextSetting,
} from '../protocol/setting-declaration.js';
import { PatternMatcher } from './pattern.js';

type Path = readonly (string | number)[];
type Matches = (pattern: string, text: string) => boolean;

const patterns = new PatternMatcher();

/** Where a value is not what its setting declares. */
export interface ValueMistake {
  /** From the setting to the wrong part of its value. */
  readonly path: Path;
  /** What should be there: `a number from 1 to 10`. */
  readonly expected: string;
  /** What is there. */
  readonly value: unknown;
}

/** The first mistake in a value of the streamer's; undefined if it is right. */
export function findValueMistake(setting: SettingDeclaration, value: unknown): ValueMistake | undefined {
  const texts = new Map<string, Set<string>>();
  const otherMistake = find(setting, value, [], (pattern, text) => {
    texts.set(pattern, (texts.get(pattern) ?? new Set()).add(text));
    return true;
  });
  // The texts of one pattern are matched together, within one deadline.
  const misses = new Map([...texts].map(([pattern, all]) => [pattern, patterns.misses(pattern, all)]));
  if ([...misses.values()].every(({ size }) => size === 0)) return otherMistake;
  return find(setting, value, [], (pattern, text) => misses.get(pattern)?.has(text) !== true);
}

/**
 * The first mistake in a default. It is not matched against patterns: a manifest could hold hundreds of them that take long.
 */
export function findDefaultMistake(setting: SettingDeclaration, value: unknown): ValueMistake | undefined {
  return find(setting, value, [], () => true);
}

function find(
  setting: SettingDeclaration,
  value: unknown,
  path: Path,
  isMatch: Matches,
): ValueMistake | undefined {
  if (!fits(setting, value, isMatch)) return { path, expected: describeSetting(setting), value };
  if (setting.type === 'array')
    return (
      findRepeated(setting, value as unknown[], path) ??
      findInList(setting, value as unknown[], path, isMatch)
    );
  if (setting.type === 'object')
    return findInObject(setting, value as Record<string, unknown>, path, isMatch);
  return undefined;
}

function findRepeated(
  { uniqueItems }: ListSetting,
  value: readonly unknown[],
  path: Path,
): ValueMistake | undefined {
  if (uniqueItems !== true) return undefined;
  const known = new Set<string>();
  const index = value.findIndex((item) => known.size === known.add(canonicalJson(item)).size);
  return index < 0
    ? undefined
    : {
        path: [...path, index],
        expected: 'an entry that the list does not have already',
        value: value[index],
      };
}

/** The same text for equal values, whatever the order of their members. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function findInList(
  { items }: ListSetting,
  value: readonly unknown[],
  path: Path,
  isMatch: Matches,
): ValueMistake | undefined {
  if (items === undefined) return undefined;
  for (const [index, item] of value.entries()) {
    const mistake = find(items, item, [...path, index], isMatch);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function findInObject(
  { properties = {}, additionalProperties = true, required = [] }: ObjectSetting,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  isMatch: Matches,
): ValueMistake | undefined {
  const missing = required.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) return { path, expected: `an object with "${missing}"`, value };
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, key];
    const declared = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (declared === true || declared === undefined) continue;
    if (declared === false)
      return { path: at, expected: describeNames(key, Object.keys(properties)), value: member };
    const mistake = find(declared, member, at, isMatch);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function describeNames(key: string, names: readonly string[]): string {
  const meant = nearest(key, names);
  return meant === undefined ? `only ${names.join(', ')} here` : `"${meant}" instead of "${key}"`;
}

/** Whether the value is right, apart from its items and members. */
function fits(setting: SettingDeclaration, value: unknown, isMatch: Matches): boolean {
  switch (setting.type) {
    case 'string':
      return typeof value === 'string' && fitsText(setting, value, isMatch);
    case 'number':
      return typeof value === 'number' && fitsNumber(setting, value);
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) && fitsNumber(setting, value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value) && fitsList(setting, value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
  }
}

function fitsText(
  { enum: values, pattern, minLength = 0, maxLength = Infinity }: TextSetting,
  value: string,
  isMatch: Matches,
) {
  return (
    (values === undefined || values.includes(value)) &&
    value.length >= minLength &&
    value.length <= maxLength &&
    (pattern === undefined || isMatch(pattern, value))
  );
}

function fitsNumber({ enum: values, minimum = -Infinity, maximum = Infinity }: NumberSetting, value: number) {
  return (values === undefined || values.includes(value)) && value >= minimum && value <= maximum;
}

function fitsList({ minItems = 0, maxItems = Infinity }: ListSetting, value: readonly unknown[]) {
  return value.length >= minItems && value.length <= maxItems;
}

/** What the setting takes, to follow "expected". */
export function describeSetting(setting: DeclaredSetting): string {
  switch (setting.type) {
    case 'string':
      return describeText(setting);
    case 'number':
    case 'integer':
      if (setting.enum !== undefined) return `one of ${setting.enum.join(', ')}`;
      return `${setting.type === 'integer' ? 'a whole number' : 'a number'}${range(setting.minimum, setting.maximum, '')}`;
    case 'boolean':
      return 'true or false';
    case 'array': {
      const list = describeList(setting.items);
      const distinct = setting.uniqueItems === true ? ' that all differ' : '';
      return `${list}${range(setting.minItems, setting.maxItems, ' entries')}${distinct}`;
    }
    case 'object':
      return 'an object { … }';
    case 'secret':
      return 'a secret';
  }
}

/** What its entries are, where a few words say it. */
function describeList(items: SettingDeclaration | undefined): string {
  switch (items?.type) {
    case 'string':
      return items.enum === undefined ? 'a list of texts' : `a list of ${joinedValues(items.enum)}`;
    case 'number':
    case 'integer':
      return 'a list of numbers';
    case 'object':
      return 'a list of objects';
    default:
      return 'a list [ … ]';
  }
}

function joinedValues(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(', ');
}

function describeText({
  enum: values,
  pattern,
  patternErrorMessage,
  minLength,
  maxLength,
}: TextSetting): string {
  if (values !== undefined) return `one of ${joinedValues(values)}`;
  const text = `text in double quotes${range(minLength, maxLength, ' characters')}`;
  if (pattern === undefined) return text;
  return `${text} that matches ${pattern}${patternErrorMessage === undefined ? '' : ` (${patternErrorMessage})`}`;
}

/** ` from 1 to 10`, ` of at least 2 entries`. */
function range(least: number | undefined, most: number | undefined, what: string): string {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}${what}`;
  if (least !== undefined) return ` of at least ${least}${what}`;
  return most === undefined ? '' : ` of at most ${most}${what}`;
}
