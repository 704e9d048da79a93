import type * as acorn from 'acorn';

/** The key of a text in bundles, from the first argument of `l10n.t`; undefined if it is not written out there. */
export function l10nKey(argument: acorn.AnyNode | undefined): string | undefined {
  if (argument?.type !== 'ObjectExpression') return literalText(argument);
  const message = literalText(property(argument, 'message'));
  const comment = property(argument, 'comment');
  if (message === undefined || comment === undefined) return message;
  const parts = comment.type === 'ArrayExpression' ? comment.elements : [comment];
  const texts = parts.map((part) => literalText(part ?? undefined));
  if (texts.some((text) => text === undefined)) return undefined;
  const all = texts.join('');
  return all === '' ? message : `${message}/${all}`;
}

function literalText(node: acorn.AnyNode | undefined): string | undefined {
  if (node?.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node?.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

function property({ properties }: acorn.ObjectExpression, name: string): acorn.AnyNode | undefined {
  const found = properties.find(
    (one) =>
      one.type === 'Property' && !one.computed && one.key.type === 'Identifier' && one.key.name === name,
  );
  return found?.type === 'Property' ? found.value : undefined;
}
