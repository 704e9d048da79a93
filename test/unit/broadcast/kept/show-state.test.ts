import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  NO_CHANGES,
  type ShowChanges,
  ShowStateFiles,
} from '../../../../src/core/broadcast/kept/show-state.js';
import type { KeptChanges } from '../../../../src/core/broadcast/outputs/output-changes.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

const OUTPUTS: KeptChanges = [
  {
    id: 'kick',
    output: { config: { id: 'kick', type: 'rtmp', url: 'rtmp://a.example/app' }, secrets: { key: 'k' } },
  },
  { id: 'main', base: 'abc', stopped: true },
];

const CHANGES: ShowChanges = {
  outputs: OUTPUTS,
  collection: {
    sources: [{ id: 'cam', bases: [''], entry: { id: 'cam', type: 'camera', warm: false } }],
    scenes: [{ id: 'gone', bases: ['abc'] }],
    sounds: [],
    overlays: [],
    canvasScenes: [
      {
        id: 'upright/one',
        bases: [''],
        entry: { id: 'upright/one', canvas: 'upright', scene: { id: 'one', layers: [] } },
      },
    ],
  },
  recording: { format: 'hybrid-mp4', name: 'mine' },
  replay: { isOn: true, seconds: 60, file: '/replays/one.mkv' },
  settings: [
    { id: 'p size', bases: ['abc'], entry: { id: 'p size', plugin: 'p', key: 'size', value: 40 } },
    { id: 'p name', bases: ['abc'] },
  ],
  upgrades: [
    {
      plugin: 'p',
      applied: 2,
      settings: [{ id: 'p old', bases: ['abc'] }],
      keybindings: [{ base: 'abc', command: 'p.new', args: [1] }],
      before: {
        ...{ applied: 0, configured: { old: 1 }, wanted: { old: 2 } },
        keybindings: [{ base: 'def', command: 'p.old' }],
      },
    },
  ],
};

describe('the file of a show', () => {
  let folder: TempDir;
  let file: string;
  let state: ShowStateFiles;

  beforeEach(() => {
    folder = tempDir('show-state');
    file = join(folder.path, 'shows', 'a.json');
    state = new ShowStateFiles(() => file);
  });

  afterEach(() => folder.dispose());

  it('gives back what was kept, to its owner only, and goes when nothing is', async () => {
    assert.deepEqual(await state.read('/a.jsonc'), { changes: NO_CHANGES });
    await state.write('/a.jsonc', CHANGES);
    assert.deepEqual(await new ShowStateFiles(() => file).read('/a.jsonc'), { changes: CHANGES });
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
    await state.write('/a.jsonc', { outputs: [] });
    assert.deepEqual((await state.read('/a.jsonc')).changes, { ...CHANGES, outputs: [] });
    await state.write('/a.jsonc', NO_CHANGES);
    assert.equal(existsSync(file), false);
    assert.deepEqual(readdirSync(join(folder.path, 'shows')), []);
  });

  it('is read as it is after writes that are under way', async () => {
    const { collection } = CHANGES;
    const writes = [
      ...[state.write('/a', { outputs: OUTPUTS }), state.write('/a', { collection })],
      state.write('/a', { outputs: OUTPUTS.slice(1) }),
    ];
    assert.deepEqual((await state.read('/a')).changes, {
      ...NO_CHANGES,
      outputs: OUTPUTS.slice(1),
      collection,
    });
    await Promise.all(writes);
  });

  const damaged = [
    '',
    '{',
    'null',
    '[]',
    '{"outputs": 7}',
    '{"outputs": [{"id": 3}]}',
    '{"outputs": [{"id":"a","x":1}]}',
    '{"outputs": [], "collection": {"sources": []}}',
    '{"outputs": [], "collection": {"sources": [], "sounds": [], "scenes": [{"id":"a","bases":[],"entry":{"id":"a","layers":7}}]}}',
  ];
  for (const text of damaged) {
    it(`is set aside where it is damaged: ${text || 'empty'}`, async () => {
      mkdirSync(join(folder.path, 'shows'));
      writeFileSync(file, text);
      const { changes, problem } = await state.read('/a');
      assert.deepEqual([changes, problem?.code], [NO_CHANGES, 'storage.failed']);
      assert.match(problem?.message ?? '', /is damaged; it was kept as .*a\.json\.damaged-/);
      const [name = ''] = readdirSync(join(folder.path, 'shows'));
      assert.equal(readFileSync(join(folder.path, 'shows', name), 'utf8'), text);
      await state.write('/a', CHANGES);
      assert.deepEqual((await state.read('/a')).changes, CHANGES);
    });
  }

  it('of a version before scenes is read', async () => {
    mkdirSync(join(folder.path, 'shows'));
    writeFileSync(file, JSON.stringify({ show: '/a', outputs: OUTPUTS }));
    assert.deepEqual(await state.read('/a'), { changes: { ...NO_CHANGES, outputs: OUTPUTS } });
  });

  it('that cannot be read or written is reported, and never throws what is unknown', async () => {
    writeFileSync(join(folder.path, 'shows'), 'a file in the way');
    assert.equal((await state.read('/a')).problem?.code, 'storage.failed');
    await assert.rejects(state.write('/a', CHANGES), { code: 'storage.failed' });
    mkdirSync(join(folder.path, 'x', 'a.json'), { recursive: true });
    file = join(folder.path, 'x', 'a.json');
    assert.equal((await state.read('/a')).problem?.code, 'storage.failed');
  });
});
