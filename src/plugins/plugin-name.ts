/** What names a plugin in its manifest. */
interface Named {
  /** Of its package, with npm's scope. */
  readonly name: string;
  readonly publisher?: string | undefined;
}

/** The plugin's own name: its package's, without the scope. */
export function ownName({ name }: Pick<Named, 'name'>): string {
  return name.replace(/^@[^/]*\//, '');
}

/** The publisher; where none is given, npm's scope counts as one. */
export function publisherOf({ name, publisher }: Named): string | undefined {
  return publisher ?? /^@([^/]*)\//.exec(name)?.[1];
}

/** `publisher.name`, or the name alone: `@someone/chat` and `chat` of the publisher `someone` are `someone.chat`. */
export function pluginId(named: Named): string {
  const publisher = publisherOf(named);
  return publisher === undefined ? ownName(named) : `${publisher}.${ownName(named)}`;
}

/**
 * What the names of a plugin's commands begin with: its own name, or its id, for two plugins of the same name.
 *
 * @param name Its own.
 */
export function commandPrefixes({
  id,
  name,
}: {
  readonly id: string;
  readonly name: string;
}): readonly string[] {
  return [...new Set([`${name}.`, `${id}.`])];
}

/** Whether the name of a command, or of an event, begins with the plugin's own. */
export function isOwnCommand(
  plugin: { readonly id: string; readonly name: string },
  command: string,
): boolean {
  return commandPrefixes(plugin).some(
    (prefix) => command.startsWith(prefix) && command.length > prefix.length,
  );
}

/** What is expected of the name of a command, or of an event. */
export function ownCommandExpectation({ name }: { readonly name: string }, example = 'doIt'): string {
  return `expected a name that begins with the plugin's own, such as "${name}.${example}"`;
}
