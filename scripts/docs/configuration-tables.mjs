import { code, table } from './markdown.mjs';

/**
 * The reference of the configuration: a table of its top-level keys, and one for each key that holds objects.
 *
 * @param schema the JSON Schema of the configuration
 * @returns the tables by the names of their parts: `configuration`, `configuration: video`
 * @throws Error that names the keys without a description
 */
export function configurationTables(schema) {
  const problems = [];
  const parts = { configuration: keyTable(schema, [], problems) };
  for (const [key, value] of Object.entries(schema.properties)) {
    const { held } = heldBy(value, key);
    const kinds = held.oneOf ?? (held.properties === undefined ? [] : [held]);
    if (kinds.length === 0) continue;
    const hasIds = kinds.every(({ properties }) => 'id' in properties);
    parts[`configuration: ${key}`] =
      kinds.length === 1
        ? tableWithParts(kinds[0], [key], problems)
        : hasIds
          ? sharedKeys(kinds, [key], schema.properties.input?.oneOf ?? [], problems)
          : kinds.map((kind) => kindSection(kind, key, problems)).join('\n\n');
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return parts;
}

/**
 * Of several kinds that have keys in common, a table for each group of kinds that share keys.
 *
 * @param described kinds whose keys are described elsewhere
 */
function sharedKeys(kinds, path, described, problems) {
  const typeOf = ({ properties }) => properties.type.const;
  const isDescribed = (kind, name) =>
    described.some((other) => typeOf(other) === typeOf(kind) && name in other.properties);
  const groups = new Map();
  for (const kind of kinds) {
    for (const [name, value] of Object.entries(kind.properties)) {
      if (name === 'type' || isDescribed(kind, name)) continue;
      const isSame = ({ properties }) => JSON.stringify(properties[name]) === JSON.stringify(value);
      const having = kinds.filter(isSame).map(typeOf);
      const group = groups.get(having.join()) ?? { having, kind, properties: {} };
      group.properties[name] = value;
      groups.set(having.join(), group);
    }
  }
  const sections = [...groups.values()].map(({ having, kind, properties }) => {
    const keys = tableWithParts({ ...kind, properties }, path, problems);
    if (having.length === kinds.length) return keys;
    const types = having.map((type) => `\`"${type}"\``);
    const one = types.length === 1 ? `\n\n${kind.properties.type.description}` : '';
    const others = kinds.map(typeOf).filter((type) => !having.includes(type));
    const heading =
      others.length < types.length / 2
        ? `\`${path.join('.')}\`, all but ${others.map((type) => `\`"${type}"\``).join(', ')}`
        : `\`${path.join('.')}\` of type ${types.join(', ')}`;
    return `### ${heading}${one}\n\n${keys}`;
  });
  return sections.join('\n\n');
}

/** Of several kinds, distinguished by `type`, each has a heading and its own keys. */
function kindSection(kind, key, problems) {
  const { type, ...properties } = kind.properties;
  const heading = `### \`"type": "${type.const}"\`\n\n${type.description}`;
  if (Object.keys(properties).length === 0) return heading;
  return `${heading}\n\n${keyTable({ ...kind, properties }, [key, type.const], problems)}`;
}

/** A table, and below it one for each key whose value holds objects of one kind, in turn. */
function tableWithParts(kind, path, problems) {
  const parts = Object.entries(kind.properties).flatMap(([key, value]) => {
    const { held, name } = heldBy(value, key);
    const heading = `### \`${[...path, name].join('.')}\``;
    if (held.oneOf?.every(({ properties }) => 'id' in (properties ?? {})))
      return [`${heading}\n\n${sharedKeys(held.oneOf, [...path, name], [], problems)}`];
    if (held.properties === undefined) return [];
    return [`${heading}\n\n${tableWithParts(held, [...path, name], problems)}`];
  });
  return [keyTable(kind, path, problems), ...parts].join('\n\n');
}

/** What a list, an object or an object whose keys are ids holds, and how that is named. */
function heldBy(value, key) {
  if (value.type === 'array') return { held: value.items, name: key };
  const ofIds = value.properties === undefined ? value.additionalProperties : undefined;
  return typeof ofIds === 'object' ? { held: ofIds, name: `${key}.ID` } : { held: value, name: key };
}

function keyTable({ properties, required = [] }, path, problems) {
  const rows = Object.entries(properties).map(([key, value]) => {
    const place = [...path, key].join('.');
    if ((value.description ?? '') === '') problems.push(`the configuration's ${place} needs a description`);
    return [code(key), typeText(value), defaultText(value, required.includes(key)), value.description ?? ''];
  });
  return table(['Key', 'Type', 'Default', 'What it is'], rows);
}

function defaultText({ default: given }, isRequired) {
  if (given !== undefined) return JSON.stringify(given) === '{}' ? '' : code(JSON.stringify(given));
  return isRequired ? 'required' : '';
}

/** A type as a streamer would say it, with its bounds. */
function typeText(value) {
  if (value.const !== undefined) return code(JSON.stringify(value.const));
  if (value.enum !== undefined) return value.enum.map((one) => code(JSON.stringify(one))).join(', ');
  switch (value.type) {
    case 'integer':
      return `whole number, ${value.minimum} to ${value.maximum}`;
    case 'number':
      return value.minimum === undefined ? 'number' : `number, ${value.minimum} to ${value.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `list of ${value.items.type === 'string' ? 'texts' : 'objects'}`;
    case 'object':
      return 'object';
    case 'string':
      return 'text';
    default:
      if (value.anyOf !== undefined) return [...new Set(value.anyOf.map(typeText))].join(', ');
      return value.oneOf === undefined ? 'text' : 'object';
  }
}
