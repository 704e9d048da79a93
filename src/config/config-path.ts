/** Where a value stands in a document: the keys and places that lead to it. */
export type ConfigPath = readonly (string | number)[];

/** `['outputs', 0, 'url']` → `outputs[0].url`. */
export function formatPath(path: ConfigPath): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}
