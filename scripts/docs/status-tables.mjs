import { code, table } from './markdown.mjs';

/**
 * The fields of an interface, and of those that it refers to, a table each.
 *
 * @param declarations of the modules that declare them, by name
 * @param root name of the interface
 * @throws Error that names the fields without a comment
 */
export function fieldTables(declarations, root) {
  const problems = [];
  const pending = [root];
  const sections = [];
  for (const name of pending) {
    const { doc } = declarations.get(name);
    const rows = rowsOf(name, membersOf(name, declarations), '', { declarations, pending, problems });
    const heading = name === root ? '' : `### \`${name}\`\n\n`;
    const intro = doc.description === '' ? '' : `${doc.description}\n\n`;
    sections.push(`${heading}${intro}${table(['Field', 'Type', 'What it is'], rows)}`);
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return sections.join('\n\n');
}

/** Its own and those of the interfaces that it extends. */
function membersOf(name, declarations) {
  const { members = [], bases = [] } = declarations.get(name) ?? {};
  return [...members, ...bases.flatMap((base) => membersOf(base, declarations))];
}

function rowsOf(owner, members, prefix, context) {
  return members.flatMap((member) => {
    const field = `${prefix}${member.name}`;
    const inner = member.members === undefined ? [] : rowsOf(owner, member.members, `${field}.`, context);
    const { description } = member.doc;
    if (description === '' && inner.length === 0) {
      context.problems.push(`${owner}.${field} needs a comment that says what it is`);
    }
    const { type, about } =
      inner.length === 0 ? typeText(member.type, context) : { type: 'object', about: '' };
    return [[code(field), member.optional ? `${type} or absent` : type, `${description} ${about}`], ...inner];
  });
}

/** A type in JSON's words, with a link to what it refers to; and the values that it allows, where it is a list of those. */
function typeText(type, { declarations, pending }) {
  const text = type.replace(/ \| undefined$/, '');
  const [, element] = /^readonly (\w+)\[\]$/.exec(text) ?? [];
  const name = element ?? text;
  const found = declarations.get(name);
  const many = element === undefined ? '' : 'list of ';
  if (found?.members !== undefined) {
    if (!pending.includes(name)) pending.push(name);
    return { type: `${many}[${name}](#${name.toLowerCase()})`, about: '' };
  }
  const values = valuesOf(found?.type ?? text);
  if (values !== '') return { type: 'string', about: `One of ${values}. ${found?.doc.description ?? ''}` };
  if (found !== undefined) return { type: 'string', about: found.doc.description };
  return { type: many === '' ? text : `${many}${text.slice('readonly '.length, -2)}s`, about: '' };
}

/** Of `'a' | 'b'`: `"a"`, `"b"`. */
function valuesOf(type) {
  if (!/^\|? ?'/.test(type)) return '';
  return type
    .split('|')
    .map((value) => value.trim())
    .filter((value) => value !== '')
    .map((value) => code(value.replaceAll("'", '"')))
    .join(', ');
}
