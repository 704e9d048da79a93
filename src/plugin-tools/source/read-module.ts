import * as acorn from 'acorn';
import * as walk from 'acorn-walk';
import { ApiNames } from './api-names.js';
import { l10nKey } from './l10n-key.js';

export interface ModuleImport {
  /** As written: `./health.js`, `node:fs`, `ws`. */
  readonly specifier: string;
  readonly line: number;
  /**
   * `always`: loaded whenever the module is. `later`: loaded by a function, which may never be called. `optional`: inside a
   * `try`, so the code can handle its absence.
   */
  readonly need: 'always' | 'later' | 'optional';
}

/** A location where the code uses the API. */
export interface ApiUse {
  /** Such as `broadcast.stop`. */
  readonly path: string;
  readonly line: number;
  /** If it is called: its first argument, if that is a string literal. */
  readonly text?: string | undefined;
  /** Of `l10n.t`: the key of its text, if that is written out. */
  readonly l10nKey?: string | undefined;
}

/** A call of a watched global, such as `fetch(…)` or `new WebSocket(…)`. */
export interface GlobalCall {
  readonly line: number;
  /** Scheme, host and port of its first argument, if the code says them: `https://api.example.com`. */
  readonly origin: string | undefined;
}

/** Facts about a module's source. */
export interface ModuleFacts {
  readonly imports: readonly ModuleImport[];
  readonly apiUses: readonly ApiUse[];
  /** Global names that it reads, of those asked for. */
  readonly globals: ReadonlyMap<string, number>;
  readonly globalCalls: readonly GlobalCall[];
  /** Whether it uses one of them otherwise than by a call. */
  readonly passesGlobals: boolean;
}

/** Why a module cannot be parsed. */
export class ModuleSyntaxError extends Error {
  constructor(
    message: string,
    /** Counted from 1. */
    readonly line: number | undefined,
  ) {
    super(message);
  }
}

const FUNCTIONS = new Set(['FunctionExpression', 'FunctionDeclaration', 'ArrowFunctionExpression']);

/**
 * @param isModule ESM; else CommonJS.
 * @param watched Names of global variables to look for.
 * @throws {@link ModuleSyntaxError}
 */
export function readModule(source: string, isModule: boolean, watched: ReadonlySet<string>): ModuleFacts {
  const program = parse(source, isModule);
  const names = new ApiNames();
  const imports: ModuleImport[] = [];
  const apiUses: ApiUse[] = [];
  const globals = new Map<string, number>();
  const globalCalls: GlobalCall[] = [];
  let mentions = 0;
  const lineOf = ({ loc }: acorn.Node) => loc?.start.line ?? 1;
  const addImport = (
    specifier: acorn.AnyNode | null | undefined,
    node: acorn.Node,
    need: ModuleImport['need'],
  ) => {
    if (specifier?.type !== 'Literal' || typeof specifier.value !== 'string') return;
    imports.push({ specifier: specifier.value, line: lineOf(node), need });
  };

  // Names first: a function that uses one may precede its declaration.
  walk.simple(program, {
    ImportDeclaration: (node) => names.addImport(node),
    VariableDeclarator: (node) => names.addVariable(node),
  });
  walk.ancestor(program, {
    ImportDeclaration: (node) => addImport(node.source, node, 'always'),
    ExportAllDeclaration: (node) => addImport(node.source, node, 'always'),
    ExportNamedDeclaration: (node) => addImport(node.source, node, 'always'),
    ImportExpression: (node, _state, ancestors) =>
      addImport(node.source, node, isTried(ancestors) ? 'optional' : 'later'),
    NewExpression({ callee, arguments: [first], ...node }) {
      if (callee.type === 'Identifier' && watched.has(callee.name))
        globalCalls.push({ line: lineOf(node), origin: originIn(first) });
    },
    CallExpression(node, _state, ancestors) {
      const { callee, arguments: args } = node;
      if (callee.type === 'Identifier' && watched.has(callee.name))
        globalCalls.push({ line: lineOf(node), origin: originIn(args[0]) });
      if (callee.type === 'Identifier' && /^_*require\d*$/.test(callee.name) && args.length === 1) {
        const later = ancestors.some(({ type }) => FUNCTIONS.has(type));
        addImport(args[0], node, isTried(ancestors) ? 'optional' : later ? 'later' : 'always');
      }
      const path = callee.type === 'Super' ? undefined : names.pathOf(callee);
      if (path === undefined) return;
      const [first] = args;
      const text = first?.type === 'Literal' && typeof first.value === 'string' ? first.value : undefined;
      const key = path === 'l10n.t' ? l10nKey(first) : undefined;
      apiUses.push({ path, line: lineOf(node), text, ...(key === undefined ? {} : { l10nKey: key }) });
    },
    MemberExpression(node, _state, ancestors) {
      const parent = ancestors.at(-2);
      if (parent?.type === 'CallExpression' && (parent as acorn.CallExpression).callee === node) return;
      const path = names.pathOf(node);
      if (path?.includes('.')) apiUses.push({ path, line: lineOf(node) });
    },
    Identifier(node) {
      if (!watched.has(node.name)) return;
      mentions += 1;
      if (!globals.has(node.name)) globals.set(node.name, lineOf(node));
    },
  });
  return { imports, apiUses, globals, globalCalls, passesGlobals: mentions > globalCalls.length };
}

/** The origin of a URL that is written in the code, up to a place that is filled in. */
function originIn(node: acorn.AnyNode | undefined): string | undefined {
  const isWhole = node?.type === 'Literal';
  const text = isWhole
    ? node.value
    : node?.type === 'TemplateLiteral'
      ? node.quasis[0]?.value.cooked
      : undefined;
  if (typeof text !== 'string') return undefined;
  const [, origin, next] = /^((?:https?|wss?):\/\/[^/?#]+)([/?#])?/.exec(text) ?? [];
  // What is filled in may belong to the host.
  return isWhole || next !== undefined ? origin : undefined;
}

function isTried(ancestors: readonly acorn.Node[]): boolean {
  return ancestors.some(({ type }) => type === 'TryStatement');
}

function parse(source: string, isModule: boolean): acorn.Program {
  try {
    return acorn.parse(source, {
      ecmaVersion: 'latest',
      sourceType: isModule ? 'module' : 'commonjs',
      allowHashBang: true,
      locations: true,
    });
  } catch (error) {
    const { message, loc } = error as SyntaxError & { loc?: acorn.Position };
    throw new ModuleSyntaxError(message.replace(/ \(\d+:\d+\)$/, ''), loc?.line);
  }
}
