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
    const held = value.type === 'array' ? value.items : value;
    const kinds = held.oneOf ?? (held.properties === undefined ? [] : [held]);
    if (kinds.length === 0) continue;
    parts[`configuration: ${key}`] =
      kinds.length === 1
        ? keyTable(kinds[0], [key], problems)
        : (namedKinds(kinds, key, problems) ??
          kinds.map((kind) => kindSection(kind, key, problems)).join('\n\n'));
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return parts;
}

/** Kinds that all have an id are described elsewhere without it: only the keys that each of them has. */
function namedKinds(kinds, key, problems) {
  const [first] = kinds;
  const common = Object.entries(first.properties).filter(
    ([name]) => name !== 'type' && kinds.every(({ properties }) => name in properties),
  );
  if (!common.some(([name]) => name === 'id')) return undefined;
  return keyTable({ ...first, properties: Object.fromEntries(common) }, [key], problems);
}

/** Of several kinds, distinguished by `type`, each has a heading and its own keys. */
function kindSection(kind, key, problems) {
  const { type, ...properties } = kind.properties;
  const heading = `### \`"type": "${type.const}"\`\n\n${type.description}`;
  if (Object.keys(properties).length === 0) return heading;
  return `${heading}\n\n${keyTable({ ...kind, properties }, [key, type.const], problems)}`;
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
      return value.oneOf === undefined ? 'text' : 'object';
  }
}
