import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeCore, startPlugin } from '@bulkhead/extension-api/testing';

const show = { sources: [], scenes: [{ id: 'main' }] };

describe('directory-watch', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'directory-watch-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** @param minute when it was written */
  const write = async (name: string, minute: number, text = name) => {
    const path = join(folder, name);
    await writeFile(path, text);
    await utimes(path, 60 * minute, 60 * minute);
    return path;
  };
  const live = async () => {
    const core = await startPlugin({ show, settings: { folder } });
    await core.broadcast.goLive();
    return core;
  };
  /** The folder is read by the real disk, whatever the clock says. */
  const until = async (core: FakeCore, isDone: () => boolean) => {
    for (let tries = 0; !isDone(); tries += 1) {
      assert.ok(tries < 2000, `status: ${core.statusItems['newest']}`);
      await core.clock.advance(1000);
    }
  };
  const shown = (core: FakeCore) => {
    const settings = core.sources.settingsOf('newest');
    return [settings?.type, settings?.['path']];
  };

  it('shows the newest image or video', async () => {
    await write('notes.txt', 9);
    await write('old.png', 1);
    const newest = await write('new.PNG', 2);
    const core = await live();
    await until(core, () => core.statusItems['newest'] === 'new.PNG');
    assert.deepEqual(shown(core), ['image', newest]);
    const video = await write('talk.mp4', 3);
    await until(core, () => core.statusItems['newest'] === 'talk.mp4');
    assert.deepEqual(shown(core), ['file', video]);
    const again = await write('old.png', 4);
    await until(core, () => core.statusItems['newest'] === 'old.png');
    assert.deepEqual(shown(core), ['image', again]);
    assert.deepEqual(
      core.sources.steps.map(({ kind }) => kind),
      ['add', 'set', 'set'],
    );
  });

  it('adds its source to the next broadcast, too', async () => {
    const path = await write('one.jpg', 1);
    const core = await live();
    await until(core, () => shown(core)[1] === path);
    await core.broadcast.end();
    await core.broadcast.goLive();
    assert.deepEqual(shown(core), [undefined, undefined]);
    await until(core, () => shown(core)[1] === path);
  });

  it('looks into the videos of the home folder without a setting', async () => {
    const variable = process.platform === 'win32' ? 'USERPROFILE' : 'HOME';
    const home = process.env[variable];
    process.env[variable] = folder;
    try {
      await mkdir(join(folder, 'Videos'));
      const path = await write('Videos/goal.mp4', 1);
      const core = await startPlugin({ show });
      await core.broadcast.goLive();
      await until(core, () => shown(core)[1] === path);
    } finally {
      process.env[variable] = home;
    }
  });

  it('says what is wrong', async () => {
    const core = await live();
    await until(core, () => core.statusItems['newest'] === 'there is no image or video');
    await core.setSettings({ folder: join(folder, 'none') });
    await until(core, () => /ENOENT/.test(core.statusItems['newest'] ?? ''));
  });
});
