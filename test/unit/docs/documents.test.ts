import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Command } from 'commander';
import { type ParseError, parse } from 'jsonc-parser';
import { checkValue } from '../../../src/base/check-value.js';
import { createProgram } from '../../../src/cli/program.js';
import { Printer } from '../../../src/cli/terminal/printer.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { anchorsOf, documents, fencedBlocks, withoutBlocks } from '../../support/markdown.js';

const root = packageRoot();
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The command line, which is only looked at. */
function program(): Command {
  const printer = new Printer({ write: () => {} }, {});
  const signals = new EventEmitter();
  const context = {
    stdout: printer,
    stderr: printer,
    cwd: root,
    env: {},
    platform: process.platform,
    signals,
    endSignals: [],
    corePath: '',
  };
  return createProgram(context, () => {});
}

/** All commands by their full names: `plugin install`. */
function commandsIn(command: Command, prefix = ''): Map<string, Command> {
  const found = new Map<string, Command>();
  for (const child of command.commands) {
    const name = `${prefix}${child.name()}`;
    found.set(name, child);
    for (const [inner, grandchild] of commandsIn(child, `${name} `)) found.set(inner, grandchild);
  }
  return found;
}

/** Every `bulkhead …` in the document, of blocks with commands and of text. */
function commandLines(markdown: string): string[] {
  const inBlocks = fencedBlocks(markdown)
    .filter(({ info }) => /^(sh|console)\b/.test(info))
    .flatMap(({ info, body }) =>
      body.flatMap((line) => {
        if (!info.startsWith('console')) return line.split('&&');
        return line.startsWith('$ ') ? line.slice(2).split('&&') : [];
      }),
    );
  const inText = [...withoutBlocks(markdown).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
  return [...inBlocks, ...inText]
    .map((line) => line.trim().replace(/^([A-Z_]+=\S+ )+/, ''))
    .filter((line) => /^bulkhead( |$)/.test(line));
}

/** Names of commands that only hold others. */
const GROUPS = [
  'key',
  'record',
  'replay',
  'delay',
  'config',
  'plugin',
  'plugin secret',
  'output',
  'encoder',
  'scene',
  'source',
  'audio',
  'overlay',
];

/** What is wrong with a command line; undefined where nothing is. */
function mistakeIn(line: string, commands: ReadonlyMap<string, Command>): string | undefined {
  const words = line
    .replace(/\s+[#|>&].*$/, '')
    .split(/\s+/)
    .slice(1);
  // "bulkhead COMMAND --help" stands for all of them.
  if (words.length === 0 || /^(COMMAND|--help|--version)$/.test(words[0] ?? '')) return undefined;
  const upTo = (count: number) => words.slice(0, count).join(' ');
  let length = 1;
  while (GROUPS.includes(upTo(length)) && length < words.length && words[length] !== 'COMMAND') length += 1;
  const name = upTo(length);
  const command = commands.get(name);
  if (command === undefined) return `there is no "bulkhead ${name}"`;
  const known = [...command.options.flatMap(({ long, short }) => [long, short]), '--help', '-h'];
  const unknown = words.find((word) => /^--?[a-z]/.test(word) && !known.includes(word.replace(/=.*/, '')));
  return unknown === undefined ? undefined : `"bulkhead ${name}" has no option ${unknown}`;
}

describe('the documents', () => {
  const commands = commandsIn(program());
  // A new plugin's scripts are documented too.
  const scripts = ['package.json', 'templates/plugin/package.json'].flatMap((file) =>
    Object.keys((JSON.parse(read(file)) as { scripts: object }).scripts),
  );

  for (const path of documents(root)) {
    describe(path, () => {
      const text = read(path);

      it('has no link that leads nowhere', () => {
        for (const [, target = ''] of withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)) {
          if (/^[a-z]+:/.test(target)) continue;
          const [file = '', anchor] = target.split('#');
          const linked = file === '' ? path : normalize(join(dirname(path), file));
          assert(existsSync(join(root, linked)), `there is no ${linked}`);
          if (anchor === undefined) continue;
          assert(anchorsOf(read(linked)).has(anchor), `${linked} has no heading #${anchor}`);
        }
      });

      it('names commands and options that exist', () => {
        const mistakes = commandLines(text).flatMap((line) => {
          const mistake = mistakeIn(line, commands);
          return mistake === undefined ? [] : [`${line}: ${mistake}`];
        });
        assert.deepEqual(mistakes, []);
      });

      it('names scripts of npm that exist', () => {
        const named = [...text.matchAll(/npm run ([a-z][\w-]*(?::[\w-]+)?)/g)].map(([, name = '']) => name);
        const missing = named.filter((name) => !scripts.includes(name) && name !== 'bench:NAME');
        assert.deepEqual(missing, []);
      });

      it('has configurations that are valid', () => {
        for (const { info, body, line } of fencedBlocks(text)) {
          if (info !== 'jsonc') continue;
          const errors: ParseError[] = [];
          // A part of one is a member of the whole.
          const whole = /^\s*[{]/.test(body.join('\n')) ? body : ['{', ...body, '}'];
          const value: unknown = parse(whole.join('\n'), errors, { allowTrailingComma: true });
          assert.deepEqual(errors, [], `line ${line}`);
          assert.deepEqual(checkValue(BroadcastConfigSchema, value).error?.issues ?? [], [], `line ${line}`);
        }
      });
    });
  }

  it('list every decision, each with its number', () => {
    const index = read('docs/decisions/README.md');
    for (const file of readdirSync(join(root, 'docs', 'decisions'))) {
      if (file === 'README.md') continue;
      const number = file.slice(0, 3);
      const [, heading = ''] = /^# (\d+\. .+)$/m.exec(read(`docs/decisions/${file}`)) ?? [];
      const title = heading.replace(`${Number(number)}. `, '');
      assert.notEqual(title, heading, `the heading of ${file} begins with its number`);
      assert(index.includes(`| ${number} | [${title}](${file}) |`), `${file} is not in the index`);
    }
  });

  it('quote messages that the product prints', () => {
    const prose = withoutBlocks(read('docs/errors.md')).split('## Troubleshooting')[1] ?? '';
    const quotes = [
      ...[...prose.matchAll(/"([^"\n]*…[^"\n]*)"/g)].map(([, quote = '']) => quote),
      ...[...prose.matchAll(/^\| ([^|]*…[^|]*) \|/gm)].map(([, cell = '']) => cell),
    ];
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(join('src', file)))
      .join('\n');
    // What stands between the places that "…" stands for.
    const missing = quotes.flatMap((quote) =>
      quote.split('…').filter((text) => text.trim().length > 5 && !sources.includes(text.trim())),
    );
    assert.deepEqual(missing, []);
    assert(quotes.length > 8);
  });

  it('say with what every command exits', () => {
    const table = read('docs/status.md').split('| Command |')[1] ?? '';
    const missing = [...commands.keys()].filter(
      (name) => !GROUPS.includes(name) && !table.includes(`\`bulkhead ${name}\``),
    );
    assert.deepEqual(missing, []);
  });

  it('show a status whose fields are in the tables', () => {
    const text = read('docs/status.md');
    const [sample] = fencedBlocks(text).filter(({ info }) => info.includes('status.json'));
    const fields = new Set(
      [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, field = '']) => field.split('.').at(-1)),
    );
    const keys = new Set<string>();
    JSON.parse((sample?.body ?? []).join('\n'), (key, value: unknown) => {
      if (!/^\d*$/.test(key)) keys.add(key);
      return value;
    });
    assert.deepEqual(
      [...keys].filter((key) => !fields.has(key)),
      [],
    );
    assert(keys.size > 20);
  });
});
