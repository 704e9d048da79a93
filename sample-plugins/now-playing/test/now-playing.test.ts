import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeCore, startPlugin } from '@bulkhead/extension-api/testing';
import { INTERVAL_MS } from '../src/title-file.js';

describe('now-playing', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'now-playing-'));
    file = join(folder, 'title.txt');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** What viewers see; undefined for nothing. */
  const titleOf = ({ overlays: [overlay] }: FakeCore): unknown => {
    const text = overlay?.elements.find(({ id }) => id === 'text');
    return overlay?.visible === true && text?.type === 'text' ? text.text : undefined;
  };
  /** The file is read by the real disk, whatever the clock says. Looks twice between two reads, to miss nothing. */
  const until = async (core: FakeCore, isDone: () => boolean) => {
    for (let tries = 0; !isDone(); tries += 1) {
      assert.ok(tries < 5000, `it shows ${String(titleOf(core))}`);
      await core.clock.advance(INTERVAL_MS / 2);
    }
  };

  it('shows the first line of the file, where the settings say', async () => {
    await writeFile(file, '\uFEFF  Nena – 99 Luftballons \r\nmore\n');
    const core = await startPlugin({ settings: { file, x: 100, size: 40 } });
    await until(core, () => titleOf(core) === 'Nena – 99 Luftballons');
    const [overlay] = core.overlays;
    assert.deepEqual([overlay?.id, overlay?.x, overlay?.height], ['bulkhead.now-playing/title', 100, 80]);
    assert.equal(overlay?.fadeMs, 400);
    assert.equal(core.statusItems['title'], 'Nena – 99 Luftballons');
  });

  it('fades one title out before the next one, and is hidden while there is none', async () => {
    await writeFile(file, 'one');
    const core = await startPlugin({ settings: { file } });
    const seen: unknown[] = [];
    const look = (wanted: unknown) => () => {
      if (seen.at(-1) !== titleOf(core)) seen.push(titleOf(core));
      return titleOf(core) === wanted;
    };
    await until(core, look('one'));
    await writeFile(file, 'two');
    await until(core, look('two'));
    await writeFile(file, '\n');
    await until(core, look(undefined));
    await rm(file);
    await core.clock.advance(10 * INTERVAL_MS);
    assert.equal(titleOf(core), undefined);
    const titles = seen.slice(seen.indexOf('one'));
    assert.deepEqual(titles, ['one', undefined, 'two', undefined]);
  });

  it('says why the file cannot be read', async () => {
    const core = await startPlugin({ settings: { file: folder } });
    await until(core, () => /not shown: EISDIR/.test(core.statusItems['title'] ?? ''));
  });

  it('follows another file, and moves, when the settings change', async () => {
    const other = join(folder, 'other.txt');
    await writeFile(file, 'one');
    await writeFile(other, 'two');
    const core = await startPlugin({ settings: { file } });
    await until(core, () => titleOf(core) === 'one');
    await core.setSettings({ file: other, y: 500 });
    await until(core, () => titleOf(core) === 'two');
    assert.equal(core.overlays[0]?.y, 500);
  });

  it('leaves the title on air for the plugin that follows a crash, and takes it along when it ends', async () => {
    await writeFile(file, 'one');
    const core = await startPlugin({ settings: { file } });
    await until(core, () => titleOf(core) === 'one');
    await core.faults.killHost();
    assert.equal(titleOf(core), 'one');
    await core.activate();
    assert.equal(titleOf(core), 'one', 'it is not hidden in between');
    await core.deactivate();
    assert.deepEqual(core.overlays, []);
  });

  it('needs the permission', async () => {
    await assert.rejects(startPlugin({ permissions: [] }), /may not draw on the stream/);
  });
});
