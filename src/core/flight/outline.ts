/** Properties whose text says what was asked for, and never holds a secret. */
const SHOWN: ReadonlySet<string> = new Set([
  ...(['id', 'kind', 'type', 'state', 'method', 'role', 'level', 'code', 'format', 'mode'] as const),
  ...(['scene', 'source', 'plugin', 'command', 'list', 'transition', 'easing', 'preset', 'encoder'] as const),
]);
const SHOWN_TEXT = /^[\w.:-]{1,64}$/;
const MOST_DEPTH = 4;
/** Entries of a list or an object, and values altogether. */
const MOST_ENTRIES = 20;
const MOST_VALUES = 100;

/**
 * What a message says, without what may be secret: numbers, truth values, and the names of things. Of any other text only its length is left,
 * since a key can be anywhere, in any form.
 */
export function outline(value: unknown): unknown {
  return outlined(value, undefined, 0, { values: 0 });
}

function outlined(
  value: unknown,
  name: string | undefined,
  depth: number,
  budget: { values: number },
): unknown {
  budget.values += 1;
  if (budget.values > MOST_VALUES) return '…';
  if (typeof value === 'string') {
    const isShown = name !== undefined && SHOWN.has(name) && SHOWN_TEXT.test(value);
    return isShown ? value : `…(${value.length})`;
  }
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : value;
  if (depth >= MOST_DEPTH) return '…';
  if (Array.isArray(value)) {
    const shown = value.slice(0, MOST_ENTRIES).map((one) => outlined(one, name, depth + 1, budget));
    return value.length > MOST_ENTRIES ? [...shown, `…(${value.length})`] : shown;
  }
  const entries = Object.entries(value);
  const shown = entries
    .slice(0, MOST_ENTRIES)
    // A name may be anything in a record that a plugin fills.
    .map(([key, one]) => [SHOWN_TEXT.test(key) ? key : '…', outlined(one, key, depth + 1, budget)]);
  return Object.fromEntries(entries.length > MOST_ENTRIES ? [...shown, ['…', entries.length]] : shown);
}
