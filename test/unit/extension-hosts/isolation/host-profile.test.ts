import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostProfile } from '../../../../src/core/extension-hosts/isolation/host-profile.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe("V8's profile log of a host", () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('profile');
  });

  afterEach(() => folder.dispose());

  it('end the host when they exceed their limit', async () => {
    const profile = await HostProfile.make(join(folder.path, 'kept'), { bytes: 1024 * 1024, entries: 10 });
    let why: string | undefined;
    const full = profile.full(5).then((reason) => {
      why = reason;
    });
    writeFileSync(profile.notes, Buffer.alloc(100_000, 1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(why, undefined);
    writeFileSync(profile.notes, Buffer.alloc(2 * 1024 * 1024, 1));
    await full;
    assert.equal(why, 'left more than 1 MB of notes for its CPU profile');
    profile.dispose();
    await profile.done;
    assert.ok(!existsSync(profile.notesFolder));
  });

  it('are not measured after it has ended', async () => {
    const profile = await HostProfile.make(join(folder.path, 'kept'));
    const full = profile.full(60_000);
    profile.dispose();
    assert.equal(await full, undefined);
    await profile.done;
    assert.deepEqual(readdirSync(folder.path), []);
  });
});
