/**
 * `import()`, for what is not bundled. It is never bundled itself: code that V8 has compiled before cannot call `import()`.
 *
 * @throws as `import()`
 */
export function importModule<T = Record<string, unknown>>(specifier: string): Promise<T> {
  return import(specifier) as Promise<T>;
}
