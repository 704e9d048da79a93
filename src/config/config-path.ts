/** Path of a value in a document: keys and indexes. */
export type ConfigPath = readonly (string | number)[];

/** `['outputs', 0, 'url']` → `outputs[0].url`. */
export function formatPath(path: ConfigPath): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}
