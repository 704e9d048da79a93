import * as acorn from 'acorn';
import * as walk from 'acorn-walk';

interface Insertion {
  readonly at: number;
  readonly text: string;
  /** Whether it closes what another one opens. */
  readonly isEnd: boolean;
  /** Inner nodes are met before those around them. */
  readonly order: number;
}

/** Of several at one place: ends first, from the inside out; then starts, from the outside in. */
function byPlace(a: Insertion, b: Insertion): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.isEnd !== b.isEnd) return a.isEnd ? -1 : 1;
  return a.isEnd ? a.order - b.order : b.order - a.order;
}

/** Calls a global with the block's number in each branch of a module: bodies, arms of conditions, cases. */
export function instrument(source: string, firstBlock: number): { code: string; count: number } {
  const insertions: Insertion[] = [];
  let count = 0;
  const insert = (at: number, text: string, isEnd = false) =>
    insertions.push({ at, text, isEnd, order: insertions.length });
  const call = () => {
    count += 1;
    return `__hit(${firstBlock + count - 1})`;
  };
  const expression = ({ start, end }: acorn.Node) => {
    insert(start, `(${call()},`);
    insert(end, ')', true);
  };
  const statement = (node: acorn.Node | null | undefined) => {
    if (node === null || node === undefined || node.type === 'BlockStatement') return;
    insert(node.start, `{${call()};`);
    insert(node.end, '}', true);
  };
  const body = (node: acorn.Node) => {
    if (node.type === 'BlockStatement') return;
    expression(node);
  };
  walk.simple(acorn.parse(source, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true }), {
    BlockStatement: ({ start }) => insert(start + 1, `${call()};`),
    IfStatement: ({ consequent, alternate }) => {
      statement(consequent);
      if (alternate?.type !== 'IfStatement') statement(alternate);
    },
    SwitchCase: ({ consequent }) => {
      const [first] = consequent;
      if (first !== undefined) insert(first.start, `${call()};`);
    },
    ConditionalExpression: ({ consequent, alternate }) => {
      expression(consequent);
      expression(alternate);
    },
    LogicalExpression: ({ right }) => expression(right),
    ArrowFunctionExpression: (node) => body(node.body),
  });
  insertions.sort(byPlace);
  let code = '';
  let from = 0;
  for (const { at, text } of insertions) {
    code += source.slice(from, at) + text;
    from = at;
  }
  return { code: `const __hit = globalThis.__hit ?? (() => {});\n${code}${source.slice(from)}`, count };
}
