import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifestIn } from '../../../src/plugins/localization/localize-manifest.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const MANIFEST = {
  name: 'hello',
  version: '1.0.0',
  displayName: '%displayName%',
  main: 'main.js',
  engines: { bulkhead: '^1.0.0' },
  contributes: {
    commands: [{ command: 'hello.greet', title: '%greet%' }],
    configuration: {
      properties: {
        tone: {
          type: 'string',
          enum: ['kind', 'rude'],
          enumDescriptions: ['%kind%', 'Not 100% kind'],
          default: 'kind',
        },
      },
    },
  },
};

describe('the texts of a manifest', () => {
  let folder: TempDir;
  const write = (name: string, content: unknown) =>
    writeFileSync(join(folder.path, name), typeof content === 'string' ? content : JSON.stringify(content));
  const titleIn = (language: string) => {
    const { manifest, warnings } = parseManifestIn(language, folder.path, MANIFEST);
    return { title: manifest?.contributes.commands[0]?.title, warnings };
  };

  beforeEach(() => {
    folder = tempDir();
    write('package.nls.json', {
      displayName: 'Hello',
      greet: { message: 'Greet', comment: ['A verb'] },
      kind: 'Kind',
    });
  });

  afterEach(() => folder.dispose());

  it("are those of the streamer's language, and else the default ones", () => {
    write('package.nls.zh-cn.json', { displayName: '你好', greet: '打招呼', kind: '友好' });
    write('package.nls.de.json', { greet: 'Grüßen' });
    assert.deepEqual(titleIn('zh-cn'), { title: '打招呼', warnings: [] });
    assert.deepEqual(titleIn('zh-sg'), { title: '打招呼', warnings: [] });
    assert.deepEqual(titleIn('de-at'), { title: 'Grüßen', warnings: [] });
    assert.deepEqual(titleIn('fr'), { title: 'Greet', warnings: [] });
    const { manifest } = parseManifestIn('zh-cn', folder.path, MANIFEST);
    assert.equal(manifest?.displayName, '你好');
    const tone = manifest?.contributes.configuration.properties['tone'];
    assert.deepEqual(tone && 'enumDescriptions' in tone && tone.enumDescriptions, ['友好', 'Not 100% kind']);
    assert.equal(parseManifestIn('de', folder.path, MANIFEST).manifest?.displayName, 'Hello');
  });

  it('stay placeholders where there are none', () => {
    write('package.nls.json', { greet: 'Greet' });
    assert.deepEqual(titleIn('en').warnings, [
      '%displayName% has no text in package.nls.json',
      '%kind% has no text in package.nls.json',
    ]);
    assert.equal(parseManifestIn('en', folder.path, MANIFEST).manifest?.displayName, '%displayName%');
  });

  it('are left out where they would make the manifest wrong', () => {
    write('package.nls.zh-cn.json', { displayName: '你好', greet: '长'.repeat(200), kind: '友好' });
    assert.deepEqual(titleIn('zh-cn'), {
      title: 'Greet',
      warnings: [
        'package.nls.zh-cn.json is not used: contributes.commands[0].title: expected at most 100 characters, got 200',
      ],
    });
  });

  it('are bounded and printable, and what is wrong with a file is said without its content', () => {
    write('package.nls.json', { displayName: 'a\u202e\u001b[31mb', greet: 'x', kind: 'y' });
    assert.equal(parseManifestIn('en', folder.path, MANIFEST).manifest?.displayName, 'ab');
    const problems: Record<string, unknown> = {
      'expected JSON': 'secret: hunter2',
      'expected an object of texts by their keys': ['a'],
      'expected at most 65536 bytes, got 70002': 'x'.repeat(70_002),
      'expected at most 2000 texts, got 2001': Object.fromEntries(
        new Array(2001).fill(0).map((_, i) => [i, '']),
      ),
      '"greet": expected text, or an object with "message"': { greet: 5 },
    };
    for (const [problem, content] of Object.entries(problems)) {
      write('package.nls.de.json', content);
      assert.deepEqual(titleIn('de'), { title: 'x', warnings: [`package.nls.de.json: ${problem}`] });
    }
    mkdirSync(join(folder.path, 'package.nls.fr.json'));
    assert.deepEqual(titleIn('fr').warnings, ['package.nls.fr.json: expected a file']);
  });
});
