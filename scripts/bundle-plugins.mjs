// Plugins of esbuild that make each process smaller and start sooner. docs/measurements.md has what they save.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const root = dirname(import.meta.dirname);
const COMMON_JS = /^(node:|vscode-jsonrpc(\/|$)|vscode-languageserver-protocol$)/;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * Node's modules and CommonJS packages are imported by one generated module each, which exports their names again. esbuild copies
 * all names of such a module for every file that imports some of them: 2.2 MB in a plugin's process.
 */
export const importOnce = {
  name: 'import-once',
  setup({ onResolve, onLoad }) {
    const namespace = 'import-once';
    onResolve({ filter: COMMON_JS }, ({ path, kind, namespace: from, importer }) =>
      kind !== 'import-statement' || from === namespace || importer.includes('node_modules')
        ? undefined
        : { path, namespace, sideEffects: false },
    );
    onLoad({ filter: /./, namespace }, ({ path }) => {
      const names = Object.keys(require(path)).filter(
        (name) => IDENTIFIER.test(name) && name !== '__esModule',
      );
      const exported = [...new Set(['default', ...names])].join(', ');
      return { contents: `export { ${exported} } from '${path}';`, resolveDir: import.meta.dirname };
    });
  },
};

/**
 * `importModule` stays a module of its own, which Node compiles: what V8 compiled before cannot call `import()`. A bundle whose code is
 * kept must have no other.
 */
export const importElsewhere = {
  name: 'import-elsewhere',
  setup({ onResolve }) {
    onResolve({ filter: /\/import-module\.js$/ }, () => ({ path: './import-module.cjs', external: true }));
  },
};

/** What any source names, of the Language Server Protocol and of our own. */
function namesInUse() {
  const sources = readdirSync(join(root, 'src'), { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(root, 'src', file), 'utf8'));
  return new Set(sources.flatMap((source) => source.match(/\b[A-Z]\w+\b/g) ?? []));
}

/** As TypeScript compiles `export namespace Name { … }`. */
const MESSAGE = /^var (\w+);\n\(function \(\1\) \{[\s\S]*?^\}\)\(\1 \|\| .*\n/gm;
const EXPORTED_AGAIN = /^Object\.defineProperty\(exports, "(\w+)".*\n/gm;

/**
 * Leaves out what packages have for others: messages of the Language Server Protocol that no process here sends, and the random
 * names of pipes that vscode-jsonrpc can make, for which it loads all of Node's cryptography.
 */
export const withoutUnused = {
  name: 'without-unused',
  setup({ onResolve, onLoad }) {
    const used = namesInUse();
    const whereUsed = (text, name) => (used.has(name) ? text : '');
    onResolve({ filter: /^vscode-languageserver-types$/ }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
    onLoad({ filter: /vscode-languageserver-protocol.lib.common.protocol(\.\w+)?\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(MESSAGE, whereUsed).replace(EXPORTED_AGAIN, whereUsed),
    }));
    onResolve({ filter: /^crypto$/ }, ({ path, importer }) =>
      importer.includes('vscode-jsonrpc') ? { path, namespace: 'when-called' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'when-called' }, ({ path }) => ({
      contents: ['randomBytes', 'randomUUID']
        .map((name) => `exports.${name} = (...args) => require('node:${path}').${name}(...args);`)
        .join('\n'),
    }));
  },
};
