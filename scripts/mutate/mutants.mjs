// Small changes to a built module, each of which a test should notice.
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import * as acorn from 'acorn';
import * as walk from 'acorn-walk';

/**
 * @typedef {object} Mutant
 * @property {string} file of the source
 * @property {number} line in it, from 1
 * @property {string} text of that line
 * @property {string} change `before → after`, of the built code
 * @property {number} start where it begins in the built module
 * @property {number} end
 * @property {string} code what stands there instead
 */

const OPERATORS = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&': ['|'],
  '|': ['&'],
  '^': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['&&'],
  '+=': ['-='],
  '-=': ['+='],
  '*=': ['/='],
  '/=': ['*='],
  '??=': ['='],
  '++': ['--'],
  '--': ['++'],
};
const OPPOSITES = { min: 'max', max: 'min', floor: 'ceil', ceil: 'floor', some: 'every', every: 'some' };
/** Larger numbers are doubled: one more of 60,000 ms is nothing that anybody could notice. */
const SMALL_NUMBER = 64;
const LOOPS = new Set(['WhileStatement', 'DoWhileStatement', 'ForStatement']);
const MODULE_PATHS = new Set(['ImportDeclaration', 'ExportAllDeclaration', 'ExportNamedDeclaration']);
/** What tsc writes for decorators. */
const HELPER = /^__(decorate|param|metadata)$/;
const LOG = /(^|\.)(log|console)(\.\w+)?$/i;
/** Texts for people have words and spaces. */
const PROSE = /[a-z] |^ | $/i;

/**
 * All mutants of a built module, in the order of its text.
 *
 * @param {string} built path of the module
 * @param {string} file path of its source, as it is reported
 * @param {string} sourceText
 * @returns {Mutant[]}
 */
export function mutantsOf(built, file, sourceText) {
  const code = readFileSync(built, 'utf8');
  const map = new SourceMap(JSON.parse(readFileSync(`${built}.map`, 'utf8')));
  const lines = sourceText.split('\n');
  const program = acorn.parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  const mutants = [];
  const textOf = ({ start, end }) => code.slice(start, end);

  const add = (node, replacement, { start, end } = node) => {
    const { line, column } = acorn.getLineInfo(code, start);
    const { originalLine } = map.findEntry(line - 1, column);
    if (originalLine === undefined) return;
    const before = textOf(node);
    const after = code.slice(node.start, start) + replacement + code.slice(end, node.end);
    const change = `${brief(before)} → ${after === '' ? 'removed' : brief(after)}`;
    const text = lines[originalLine].trim();
    mutants.push({ file, line: originalLine + 1, text, change, start, end, code: replacement });
  };
  /** Another operator between two operands of the node. */
  const addOperators = (node, left, right) => {
    const start = left.end + code.slice(left.end, right.start).indexOf(node.operator);
    for (const operator of OPERATORS[node.operator] ?? [])
      add(node, operator, { start, end: start + node.operator.length });
  };
  const addTest = (test, values) => {
    if (test?.type !== 'Literal') for (const value of values) if (test) add(test, value);
  };

  walk.fullAncestor(program, (node, _state, ancestors) => {
    if (isLeftAlone(ancestors, textOf)) return;
    const parent = ancestors.at(-2);
    switch (node.type) {
      case 'BinaryExpression':
        if (node.operator === '+' && (isText(node.left) || isText(node.right))) break;
        addOperators(node, node.left, node.right);
        break;
      case 'LogicalExpression':
      case 'AssignmentExpression':
        addOperators(node, node.left, node.right);
        break;
      case 'UpdateExpression':
        for (const operator of OPERATORS[node.operator])
          add(
            node,
            node.prefix ? `${operator}${textOf(node.argument)}` : `${textOf(node.argument)}${operator}`,
          );
        break;
      case 'UnaryExpression':
        if (node.operator === '!' || node.operator === '-') add(node, textOf(node.argument));
        break;
      case 'IfStatement':
      case 'ConditionalExpression':
        addTest(node.test, ['true', 'false']);
        break;
      case 'Literal':
        if (!isName(node, parent)) for (const value of otherValues(node)) add(node, value);
        break;
      case 'TemplateLiteral':
        if (parent.type !== 'TaggedTemplateExpression' && node.expressions.length > 0) add(node, "''");
        break;
      case 'ExpressionStatement':
        if (isRemovable(node, ancestors, textOf)) add(node, '');
        break;
      case 'ReturnStatement':
        if (node.argument && !isTrivial(node.argument)) add(node.argument, 'undefined');
        break;
      case 'ArrowFunctionExpression':
        if (node.expression && !isTrivial(node.body)) add(node.body, 'undefined');
        break;
      case 'BreakStatement':
      case 'ContinueStatement':
        if (parent.type !== 'SwitchCase') add(node, '');
        break;
      case 'MemberExpression':
        if (!node.computed && Object.hasOwn(OPPOSITES, node.property.name))
          add(node, OPPOSITES[node.property.name], node.property);
        if (node.optional) addPlainAccess(node, node.object);
        break;
      case 'CallExpression':
        if (node.optional) addPlainAccess(node, node.callee);
        break;
    }
    if (LOOPS.has(node.type)) addTest(node.test, ['false']);
  });
  return mutants.sort((a, b) => a.start - b.start || a.end - b.end);

  function addPlainAccess(node, base) {
    const start = base.end + code.slice(base.end).indexOf('?.');
    const follows = code[start + 2];
    add(node, follows === '[' || follows === '(' ? '' : '.', { start, end: start + 2 });
  }
}

/** The module's code with the mutant in it. */
export function apply({ start, end, code: replacement }, code) {
  return code.slice(0, start) + replacement + code.slice(end);
}

const brief = (text) => text.replace(/\s+/g, ' ').replace(/^(.{60}).{3,}(.{20})$/, '$1 … $2');

const isText = ({ type, value }) => type === 'TemplateLiteral' || typeof value === 'string';

/** Whether one of these is a text for people, makes one, or is nothing that was in the source. */
function isLeftAlone(ancestors, textOf) {
  return ancestors.some((node, index) => {
    switch (node.type) {
      case 'NewExpression':
        return /Error$/.test(textOf(node.callee)) && index < ancestors.length - 1;
      case 'CallExpression':
        return HELPER.test(textOf(node.callee)) || LOG.test(textOf(node.callee));
      case 'VariableDeclaration':
        return node.declarations.some(({ id }) => HELPER.test(id.name));
      case 'TemplateLiteral':
      case 'Literal':
        return isProse(node);
      default:
        return MODULE_PATHS.has(node.type) && node.declaration == null;
    }
  });
}

/** A property's name, or a directive. */
function isName(node, parent) {
  return (parent.type === 'Property' && parent.key === node && !parent.computed) || 'directive' in parent;
}

function otherValues({ value, raw, regex, bigint }) {
  if (regex !== undefined || bigint !== undefined) return [];
  if (typeof value === 'boolean') return [String(!value)];
  if (typeof value === 'string') return [value === '' ? "'mutated'" : "''"];
  if (typeof value === 'number') return [value <= SMALL_NUMBER ? String(value + 1) : `(${raw} * 2)`];
  return [];
}

/** Its value is a text for people, or is mutated elsewhere. */
function isTrivial(node) {
  const { type, name } = node;
  return type === 'Literal' || isProse(node) || (type === 'Identifier' && name === 'undefined');
}

function isProse({ type, value, quasis }) {
  if (type === 'TemplateLiteral') return quasis.some((part) => PROSE.test(part.value.raw));
  return typeof value === 'string' && PROSE.test(value);
}

function isRemovable({ expression, directive }, ancestors, textOf) {
  if (directive !== undefined) return false;
  if (expression.type === 'CallExpression' && LOG.test(textOf(expression.callee))) return false;
  if (expression.type === 'CallExpression' && expression.callee.type === 'Super') return false;
  if (expression.type === 'UpdateExpression' || /= __decorate\(/.test(textOf(expression))) return false;
  // A field: what it is set to has mutants of its own.
  const method = ancestors.findLast(({ type }) => type === 'MethodDefinition');
  return !(method?.kind === 'constructor' && /^this\.\w+ = /.test(textOf(expression)));
}
