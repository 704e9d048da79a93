import { join } from 'node:path';
import { SyntaxKind } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { root } from './load-module.mjs';

/** Reads declarations of src with their documentation, by the compiler itself. */
export function openDeclarations() {
  const config = join(root, 'tsconfig.json');
  const api = new API({ cwd: root });
  const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
  return {
    /** The module's declarations by name: of an interface its members, of a type the type, of an object literal its entries. */
    of(module) {
      const file = project.program.getSourceFile(join(root, module));
      if (file === undefined) throw new Error(`there is no ${module}`);
      return new Map(file.statements.flatMap((statement) => read(statement, file)));
    },
    close: () => api.close(),
  };
}

function read(statement, file) {
  const doc = docOf(statement, file);
  switch (statement.kind) {
    case SyntaxKind.InterfaceDeclaration:
      return [
        [
          statement.name.text,
          { doc, members: membersOf(statement.members, file), bases: basesOf(statement, file) },
        ],
      ];
    case SyntaxKind.TypeAliasDeclaration:
      return [[statement.name.text, { doc, type: textOf(statement.type, file) }]];
    case SyntaxKind.VariableStatement:
      return statement.declarationList.declarations.map(({ name, initializer }) => [
        name.text,
        { doc, entries: entriesOf(initializer, file) },
      ]);
    default:
      return [];
  }
}

/** Names of the interfaces that it extends. */
function basesOf({ heritageClauses }, file) {
  return [...(heritageClauses ?? [])].flatMap(({ types }) => [...types].map((type) => textOf(type, file)));
}

function membersOf(members, file) {
  return [...members].map((member) => ({
    name: member.name.text,
    optional: member.postfixToken?.kind === SyntaxKind.QuestionToken,
    doc: docOf(member, file),
    type: textOf(member.type, file),
    // Of an object type that is written in place.
    members: member.type.kind === SyntaxKind.TypeLiteral ? membersOf(member.type.members, file) : undefined,
  }));
}

function entriesOf(initializer, file) {
  const object = initializer?.kind === SyntaxKind.AsExpression ? initializer.expression : initializer;
  if (object?.kind !== SyntaxKind.ObjectLiteralExpression) return [];
  return [...object.properties].map((entry) => ({ name: entry.name.text, doc: docOf(entry, file) }));
}

function textOf(node, file) {
  return file.text.slice(node.getStart(file), node.end).replace(/\s+/g, ' ');
}

/** The last documentation comment before the node, as text of one line; of its tags `@remedy` alone. */
function docOf(node, file) {
  const before = file.text.slice(node.pos, node.getStart(file));
  const [, comment = ''] = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(before) ?? [];
  const text = comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, ''))
    .join(' ')
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim();
  const [description = '', remedy] = text.split(/\s*@remedy\s+/);
  return { description, remedy };
}
