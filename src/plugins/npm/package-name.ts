/** A package's name with a version, a range or a tag, as in npm; no other npm specifiers. */
export const NPM_NAME = /^(@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*(@[A-Za-z0-9^~<>=.*|+ -]+)?$/;

/**
 * The package of npm that holds a plugin: `@someone/chat` for `someone.chat`, since nobody else can publish in that scope.
 *
 * @param named Packages by ids, as a manifest names them.
 */
export function packageOfPlugin(id: string, named: Readonly<Record<string, string>>): string {
  if (Object.hasOwn(named, id)) return named[id] ?? id;
  const [, publisher, name] = /^([^.]+)\.(.+)$/.exec(id) ?? [];
  return publisher === undefined ? id : `@${publisher.toLowerCase()}/${name}`;
}
