import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationFile } from '../../../src/cli/configuration-file.js';
import { type EntryEdit, editEntry } from '../../../src/config/edit-entries.js';
import { takeProcessLock } from '../../../src/config/process-lock.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const TEXT = `\uFEFF{
  // mine
  "sources": [{ "id": "a", "type": "colour" }],
  "scenes": [{ "id": "main", "layers": [{ "id": "l", "source": "a" }] }],
}
`;
const scene = (id: string, source: string): EntryEdit => ({
  kind: 'put',
  id,
  settings: { layers: [{ id: 'l', source }] },
});

describe('what is saved into a configuration file', () => {
  let folder: TempDir;
  let path: string;
  let file: ConfigurationFile;

  beforeEach(() => {
    folder = tempDir('configuration-file');
    path = join(folder.path, 'show.jsonc');
    writeFileSync(path, TEXT);
    file = ConfigurationFile.of(path);
  });
  afterEach(() => folder.dispose());

  const save = (edit: EntryEdit) => file.save((text) => editEntry(text, 'scenes', edit));
  const written = () => readFileSync(path, 'utf8');

  it('leaves everything else as it is, a mark at its beginning as well', async () => {
    await save(scene('other', 'a'));
    const added = ', { "id": "other", "layers": [{ "id": "l", "source": "a" }] }],\n}';
    assert.equal(written(), TEXT.replace('],\n}', added));
  });

  it('is refused where the file would name what is not there, and is as it was', async () => {
    await assert.rejects(save(scene('other', 'b')), {
      code: 'config.invalid',
      message: /it cannot be saved, since then: .*show\.jsonc:4:\d+: no source "b"/,
      remedy: 'The change is on air, and is not saved.',
    });
    assert.equal(written(), TEXT);
    writeFileSync(path, TEXT.replace('"source": "a"', '"source": "c"'));
    await assert.rejects(save(scene('other', 'a')), { message: /no source "c"/ });
  });

  it('is all there where several save at once', async () => {
    const ids = Array.from({ length: 8 }, (_, index) => `s${index}`);
    await Promise.all(ids.map((id) => save(scene(id, 'a'))));
    for (const id of ids) assert.ok(written().includes(`"id": "${id}"`), id);
  });

  it('waits for another command that saves', async () => {
    const lock = await takeProcessLock(path);
    assert.ok(lock);
    const saved = save(scene('other', 'a'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(written(), TEXT);
    lock.dispose();
    await saved;
    assert.notEqual(written(), TEXT);
  });
});
