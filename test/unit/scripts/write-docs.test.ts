import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type TempDir, tempDir } from '../../support/temp.js';

function writeDocs(...args: readonly string[]): { readonly status: number | null; readonly stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/write-docs.mjs', ...args], {
    encoding: 'utf8',
  });
  // The compiler's own process says so when it is closed while it reads.
  return { status, stderr: stderr.replaceAll('context canceled\n', '') };
}

describe('the generated parts of the documents', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('docs');
    cpSync('docs', folder.path, { recursive: true, filter: (path) => !/images/.test(path) });
  });

  afterEach(() => folder.dispose());

  it('are reported if they are out of date, and rewritten', () => {
    const file = join(folder.path, 'errors.md');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/\n\| `internal` .*/, ''));
    assert.deepEqual(writeDocs('--check', folder.path), {
      status: 1,
      stderr: `${file}: the part "error codes" is out of date. Run: npm run docs\n`,
    });
    assert.deepEqual(writeDocs(folder.path), { status: 0, stderr: '' });
    assert.equal(readFileSync(file, 'utf8'), text);
  });

  it('are reported if no document contains them, or nothing generates them', () => {
    const file = join(folder.path, 'errors.md');
    writeFileSync(file, readFileSync(file, 'utf8').replace('generated: error codes', 'generated: codes'));
    const { status, stderr } = writeDocs('--check', folder.path);
    assert.equal(status, 1);
    assert.equal(
      stderr,
      `${file}: there is no generated part "codes"\nno document in ${folder.path} holds the part "error codes"\n`,
    );
  });
});

interface ErrorTables {
  errorTable(of: {
    readonly entries: readonly {
      readonly name: string;
      readonly doc: { readonly description: string; readonly remedy?: string };
    }[];
    readonly codes: Readonly<Record<string, string>>;
    readonly exitCodeOf: (code: string) => number;
    readonly sources: Readonly<Record<string, string>>;
  }): string;
}

describe('the table of error codes', () => {
  const entry = { name: 'portInUse', doc: { description: 'A port is in use.', remedy: 'Choose a | b.' } };
  const given = {
    entries: [entry],
    codes: { portInUse: 'port.inUse' },
    exitCodeOf: () => 69,
    sources: { 'src/a.ts': 'throw new BulkheadError(ErrorCodes.portInUse)' },
  };
  let errorTable: ErrorTables['errorTable'];

  before(async () => {
    const module = pathToFileURL(resolve('scripts/docs/error-tables.mjs')).href;
    ({ errorTable } = (await import(module)) as ErrorTables);
  });

  it('has a row for each', () => {
    assert.equal(
      errorTable(given).split('\n')[2],
      '| `port.inUse` | A port is in use. | 69 | Choose a \\| b. |',
    );
  });

  it('refuses one without a meaning or a remedy', () => {
    for (const doc of [
      { description: 'A port is in use.' },
      { description: '', remedy: 'Choose another.' },
    ]) {
      assert.throws(
        () => errorTable({ ...given, entries: [{ ...entry, doc }] }),
        /portInUse needs a comment/,
      );
    }
  });

  it('refuses one that nothing reports', () => {
    const unused: readonly Readonly<Record<string, string>>[] = [
      {},
      { 'src/a.ts': 'ErrorCodes.portInUseNow' },
      { 'src/cli/report-failure.ts': 'ErrorCodes.portInUse' },
    ];
    for (const sources of unused) {
      assert.throws(() => errorTable({ ...given, sources }), /portInUse is reported by nothing/);
    }
  });
});

interface Doc {
  readonly description: string;
}
interface Member {
  readonly name: string;
  readonly optional: boolean;
  readonly doc: Doc;
  readonly type: string;
  readonly members?: readonly Member[];
}
interface StatusTables {
  fieldTables(
    declarations: ReadonlyMap<
      string,
      { readonly doc: Doc; readonly members?: readonly Member[]; readonly type?: string }
    >,
    root: string,
  ): string;
}

describe('the tables of the status', () => {
  const doc = (description: string) => ({ description });
  const member = (name: string, type: string, optional = false, description = 'What it is.'): Member => ({
    name,
    optional,
    doc: doc(description),
    type,
  });
  let fieldTables: StatusTables['fieldTables'];

  before(async () => {
    const module = pathToFileURL(resolve('scripts/docs/status-tables.mjs')).href;
    ({ fieldTables } = (await import(module)) as StatusTables);
  });

  it('follow every interface once, and say which values and which fields there may be', () => {
    const core = { ...member('core', '{ … }'), members: [member('pid', 'number')] };
    const text = fieldTables(
      new Map([
        [
          'Status',
          {
            doc: doc('All of it.'),
            members: [
              core,
              member('state', 'State'),
              member('parts', 'readonly Part[]'),
              member('more', 'Part', true),
              member('names', 'readonly string[]'),
            ],
          },
        ],
        ['State', { doc: doc('`on`: it is.'), type: "'on' | 'off'" }],
        ['Part', { doc: doc('A part.'), members: [member('id', 'string | undefined')] }],
      ]),
      'Status',
    );
    const header = '| Field | Type | What it is |\n| --- | --- | --- |';
    assert.equal(
      text,
      [
        'All of it.',
        `${header}
| \`core\` | object | What it is. |
| \`core.pid\` | number | What it is. |
| \`state\` | string | What it is. One of \`"on"\`, \`"off"\`. \`on\`: it is. |
| \`parts\` | list of [Part](#part) | What it is. |
| \`more\` | [Part](#part) or absent | What it is. |
| \`names\` | list of strings | What it is. |`,
        '### `Part`',
        'A part.',
        `${header}\n| \`id\` | string | What it is. |`,
      ].join('\n\n'),
    );
  });

  it('refuse a field without a comment', () => {
    const declarations = new Map([
      ['Status', { doc: doc(''), members: [member('pid', 'number', false, '')] }],
    ]);
    assert.throws(() => fieldTables(declarations, 'Status'), /^Error: Status\.pid needs a comment/);
  });
});

interface ConfigurationTables {
  configurationTables(schema: object): Readonly<Record<string, string>>;
}

describe('the reference of the configuration', () => {
  let configurationTables: ConfigurationTables['configurationTables'];

  before(async () => {
    const module = pathToFileURL(resolve('scripts/docs/configuration-tables.mjs')).href;
    ({ configurationTables } = (await import(module)) as ConfigurationTables);
  });

  it('has a part for each key that holds objects, with bounds, defaults and kinds', () => {
    const fps = { type: 'number', minimum: 1, maximum: 120, default: 30, description: 'Frames per second.' };
    const kinds = [
      {
        properties: {
          type: { const: 'a', description: 'An a.' },
          path: { type: 'string', description: 'It.' },
        },
        required: ['path'],
      },
      { properties: { type: { const: 'b', description: 'A b.' } } },
    ];
    const header = '| Key | Type | Default | What it is |\n| --- | --- | --- | --- |';
    assert.deepEqual(
      configurationTables({
        properties: {
          video: { type: 'object', properties: { fps }, default: {}, description: 'Video.' },
          inputs: { type: 'array', items: { oneOf: kinds }, default: [], description: 'Inputs.' },
        },
      }),
      {
        configuration: `${header}\n| \`video\` | object |  | Video. |\n| \`inputs\` | list of objects | \`[]\` | Inputs. |`,
        'configuration: video': `${header}\n| \`fps\` | number, 1 to 120 | \`30\` | Frames per second. |`,
        'configuration: inputs': `### \`"type": "a"\`\n\nAn a.\n\n${header}\n| \`path\` | text | required | It. |\n\n### \`"type": "b"\`\n\nA b.`,
      },
    );
  });

  it('refuses a key without a description', () => {
    const audio = { type: 'object', description: 'Audio.', properties: { bitrateKbps: { type: 'integer' } } };
    assert.throws(
      () => configurationTables({ properties: { audio } }),
      /^Error: the configuration's audio\.bitrateKbps needs a description/,
    );
  });
});
