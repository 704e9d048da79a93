import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TempDir, tempDir } from '../../support/temp.js';

function check(root: string): { readonly status: number | null; readonly lines: readonly string[] } {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/check-rooms.mjs', root], {
    encoding: 'utf8',
  });
  return { status, lines: stderr.split('\n') };
}

describe('the check of which room imports which', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('rooms');
  });

  afterEach(() => folder.dispose());

  it('finds nothing wrong with this repository', () => {
    assert.deepEqual(check('.'), { status: 0, lines: [''] });
  });

  /** A copy of the source's folders, with these files in them. */
  function checkOf(files: Readonly<Record<string, string>>): readonly string[] {
    cpSync('src', join(folder.path, 'src'), {
      recursive: true,
      filter: (path) => !/\.\w+$/.test(path),
    });
    for (const [file, text] of Object.entries(files)) {
      const path = join(folder.path, 'src', file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    const { status, lines } = check(folder.path);
    assert.equal(status, lines.length > 1 ? 1 : 0);
    return lines.slice(0, -2);
  }

  for (const [what, file, text, problem] of [
    [
      'a value',
      'encoder/a.ts',
      "import { b } from '../core/log/b.js';",
      'src/encoder may not import values of src/core/log',
    ],
    [
      'a type',
      'rpc/a.ts',
      "import type { B } from '../config/b.js';",
      'src/rpc may not import types of src/config',
    ],
    ['a side effect', 'base/a.ts', "import '../rpc/b.js';", 'src/base may not import values of src/rpc'],
    [
      'a module when it runs',
      'core/log/a.ts',
      "await import('../control/b.js');",
      'src/core/log may not import values of src/core/control',
    ],
    [
      'what is exported again',
      'core/timeline/a.ts',
      "export * from '../stubs/b.js';",
      'src/core/timeline may not import values of src/core/stubs',
    ],
    [
      'one value among types',
      'protocol/a.ts',
      "import {\n  type A,\n  b,\n} from '../config/b.js';",
      'src/protocol may not import values of src/config',
    ],
    [
      'of a room within',
      'core/publish/rtmp/a.ts',
      "import { b } from '../../stubs/b.js';",
      'src/core/publish may not import values of src/core/stubs',
    ],
    ['a room without rules', 'core/attic/a.ts', 'export {};', 'src/core/attic is a room without rules'],
    [
      'zod without its guard',
      'config/a.ts',
      'Schema.safeParse(value);',
      'use checkValue of src/base, since zod throws on some values',
    ],
  ] as const) {
    it(`finds ${what} that is not allowed`, () => {
      assert.deepEqual(checkOf({ [file]: text }), [`src/${file}: ${problem}`]);
    });
  }

  it('finds circles', () => {
    const lines = checkOf({
      'rtmp/a.ts': "import type { B } from './b.js';",
      'rtmp/b.ts': "import { c } from './inner/c.js';",
      'rtmp/inner/c.ts': "import { a } from '../a.js';",
    });
    assert.deepEqual(lines, [
      'a circle of imports: src/rtmp/a.ts → src/rtmp/b.ts → src/rtmp/inner/c.ts → src/rtmp/a.ts',
    ]);
  });

  it('allows types from a room that may be imported for types only', () => {
    const lines = checkOf({ 'protocol/a.ts': "import { type B, type C } from '../config/b.js';" });
    assert.deepEqual(lines, []);
  });
});
