import type * as acorn from 'acorn';

const API_PACKAGES = new Set(['@bulkhead/extension-api', '@bulkhead/extension-api/proposed']);

/** The names in a module that refer to the API, or to a part of it, in the output of any compiler or bundler. */
export class ApiNames {
  /** Local name → the part of the API, such as `broadcast`; an empty string is the whole API. */
  private readonly names = new Map<string, string>();

  /** Adds the names declared by `import … from '@bulkhead/extension-api'`. */
  addImport({ source, specifiers }: acorn.ImportDeclaration): void {
    if (!API_PACKAGES.has(String(source.value))) return;
    for (const specifier of specifiers) {
      if (specifier.type !== 'ImportSpecifier') this.names.set(specifier.local.name, '');
      else this.names.set(specifier.local.name, nameOf(specifier.imported));
    }
  }

  /**
   * Adds the names declared by `const … = require('@bulkhead/extension-api')`, or a name that is assigned a part of the
   * API.
   */
  addVariable({ id, init }: acorn.VariableDeclarator): void {
    const path = init == null ? undefined : this.pathOf(init);
    if (path === undefined) return;
    if (id.type === 'Identifier') this.names.set(id.name, path);
    if (id.type !== 'ObjectPattern') return;
    for (const property of id.properties) {
      if (property.type !== 'Property' || property.computed || property.value.type !== 'Identifier') continue;
      this.names.set(property.value.name, joined(path, nameOf(property.key)));
    }
  }

  /** The part of the API that an expression refers to, such as `broadcast.stop`; undefined if none. */
  pathOf(node: acorn.Expression | acorn.Super): string | undefined {
    switch (node.type) {
      case 'Identifier':
        return this.names.get(node.name);
      case 'ParenthesizedExpression':
        return this.pathOf(node.expression);
      case 'ChainExpression':
        return this.pathOf(node.expression);
      case 'AwaitExpression':
        return this.pathOf(node.argument);
      case 'ImportExpression':
        return isApi(node.source) ? '' : undefined;
      case 'SequenceExpression': {
        // (0, api.broadcast.stop)(), as compilers write calls of imported functions.
        const last = node.expressions.at(-1);
        return last === undefined ? undefined : this.pathOf(last);
      }
      case 'CallExpression': {
        // The same settings with other types.
        if (this.pathOf(node.callee) === 'configuration.typed') return 'configuration';
        // require("…"), and the helpers that bundlers wrap around it.
        const [first] = node.arguments;
        if (first === undefined || first.type === 'SpreadElement' || node.callee.type !== 'Identifier')
          return undefined;
        if (isApi(first)) return '';
        return /^__/.test(node.callee.name) && first.type === 'CallExpression'
          ? this.pathOf(first)
          : undefined;
      }
      case 'MemberExpression': {
        const of = this.pathOf(node.object);
        const name = propertyName(node);
        return of === undefined || name === undefined ? undefined : joined(of, name);
      }
      default:
        return undefined;
    }
  }
}

function isApi(node: acorn.AnyNode): boolean {
  return node.type === 'Literal' && API_PACKAGES.has(String(node.value));
}

function propertyName({ property, computed }: acorn.MemberExpression): string | undefined {
  if (!computed) return property.type === 'Identifier' ? property.name : undefined;
  return property.type === 'Literal' ? String(property.value) : undefined;
}

function nameOf(node: acorn.AnyNode): string {
  if (node.type === 'Identifier') return node.name;
  return node.type === 'Literal' ? String(node.value) : '';
}

/** `default` is the whole API as well: that is the result of importing CommonJS from ESM. */
function joined(path: string, name: string): string {
  if (name === 'default') return path;
  return path === '' ? name : `${path}.${name}`;
}
