import assert from 'node:assert/strict';
import type { SourceFrame } from '@bulkhead/extension-api';
import { type FakeCore, type StartOptions, startPlugin } from '@bulkhead/extension-api/testing';

const METERS = { id: 'meters', type: 'plugin', plugin: 'bulkhead.level-meters' };
const show = {
  sources: [
    { id: 'mic', type: 'colour' },
    { id: 'cam', type: 'colour' },
    { id: 'logo', type: 'colour' },
  ],
  scenes: [{ id: 'main', layers: [{ id: 'cam', source: 'cam' }] }],
};
const withMeters = { ...show, sources: [...show.sources, METERS] };
/** One pixel for each dB, and two bars of 6 rows. */
const settings = { width: 60, height: 20 };

/** The pixels of a row from the left: how many of each colour; `-` is the unlit part of a bar. */
const rowOf = ({ width, rgba }: SourceFrame, y: number): string => {
  const colours = Array.from({ length: width }, (_, x) => {
    const [red = 0, green = 0, , alpha = 0] = rgba.subarray(4 * (y * width + x));
    if (alpha < 255) return alpha === 0 ? 'transparent' : '-';
    return red < 128 ? 'green' : green < 128 ? 'red' : 'yellow';
  });
  const runs: [string, number][] = [];
  for (const colour of colours) {
    const run = runs.at(-1);
    if (run?.[0] === colour) run[1] += 1;
    else runs.push([colour, 1]);
  }
  return runs.map(([colour, count]) => `${count} ${colour}`).join(', ');
};

describe('level-meters', () => {
  const live = async (options: StartOptions = {}) => {
    const core = await startPlugin({ show: withMeters, settings, ...options });
    await core.broadcast.goLive();
    await core.clock.advance(500);
    return core;
  };
  const setPeaks = (core: FakeCore, peaks: Readonly<Record<string, number | null>>) => {
    const sources = Object.entries(peaks).map(([id, peakDbfs]) => [id, { peakDbfs }] as const);
    core.audio.setLevels({ sources: Object.fromEntries(sources) });
  };
  const lastFrame = (core: FakeCore, id = 'meters') => core.sources.frames(id).at(-1) ?? assert.fail();
  const stateOf = async (core: FakeCore, id = 'meters') =>
    (await core.sources.list()).find((source) => source.id === id)?.state;
  const warnings = (core: FakeCore) => core.log.filter(({ level }) => level === 'warn');
  /** Sound whose every level is another one. */
  const play = async (core: FakeCore, seconds: number) => {
    for (let tick = 0; tick < 10 * seconds; tick += 1) {
      setPeaks(core, { cam: -(tick % 50) });
      await core.clock.advance(100);
    }
  };

  it('draws a bar for each source that has been heard', async () => {
    const core = await live();
    setPeaks(core, { mic: -30, cam: -6, logo: null });
    await core.clock.advance(500);
    const frame = lastFrame(core);
    assert.deepEqual([frame.width, frame.height], [60, 20]);
    assert.equal(rowOf(frame, 0), '40 green, 11 yellow, 3 red, 6 -');
    assert.equal(rowOf(frame, 5), rowOf(frame, 0));
    assert.equal(rowOf(frame, 6), '60 transparent');
    assert.equal(rowOf(frame, 10), '30 green, 30 -');
    assert.equal(core.statusItems['meters'], 'cam, mic');
    setPeaks(core, { cam: 3 });
    await core.clock.advance(500);
    assert.equal(rowOf(lastFrame(core), 0), '40 green, 11 yellow, 9 red');
  });

  it('holds peaks, lets bars fall, and sends nothing more once they have', async () => {
    const core = await live();
    setPeaks(core, { cam: -10 });
    await core.clock.advance(200);
    setPeaks(core, { cam: null });
    await core.clock.advance(1000);
    assert.match(rowOf(lastFrame(core), 0), /^3\d green, \d+ -, 2 yellow, 10 -$/);
    await core.clock.advance(1000);
    assert.match(rowOf(lastFrame(core), 0), /^2\d green, \d+ -, 2 green, \d+ -$/);
    await core.clock.advance(10_000);
    assert.equal(rowOf(lastFrame(core), 0), '60 -');
    const last = lastFrame(core);
    await core.clock.advance(1000);
    assert.equal(lastFrame(core), last);
  });

  it('adds its source to each broadcast that has none', async () => {
    const core = await startPlugin({ show, settings });
    await core.clock.advance(1000);
    for (const round of [1, 2]) {
      await core.broadcast.goLive();
      await play(core, 1);
      assert.equal(await stateOf(core), 'live', `broadcast ${round}`);
      await core.broadcast.end();
      await core.clock.advance(1000);
    }
    assert.deepEqual(warnings(core), []);
  });

  it('sends nothing while no scene shows its source, and the last frame again when one does', async () => {
    const core = await live();
    setPeaks(core, { cam: -10 });
    await core.clock.advance(2000);
    await core.sources.setState('meters', 'cold');
    assert.equal(core.statusItems['meters'] ?? '', '');
    core.faults.revoke('sources');
    await play(core, 1);
    assert.deepEqual(warnings(core), []);
    core.faults.grant('sources');
    setPeaks(core, { cam: -10 });
    await core.clock.advance(2000);
    const { length } = core.sources.frames('meters');
    await core.sources.setState('meters', 'starting');
    await core.clock.advance(500);
    assert.equal(core.sources.frames('meters').length, length + 1);
    assert.equal(core.statusItems['meters'], 'cam');
  });

  it('draws at once when it runs again', async () => {
    const core = await live();
    await play(core, 1);
    await core.faults.killHost();
    assert.equal(await stateOf(core), 'retrying');
    await core.activate();
    await core.clock.advance(500);
    assert.equal(await stateOf(core), 'live');
    assert.deepEqual(warnings(core), []);
  });

  it('says once why it cannot be shown, and sends nothing until its source is opened again', async () => {
    const core = await live();
    await play(core, 1);
    core.faults.setLatency(500);
    core.faults.revoke('sources');
    await play(core, 5);
    assert.equal(warnings(core).length, 1);
    assert.match(core.statusItems['meters'] ?? '', /^not shown: .*may not see, add and change sources/);
    core.faults.setLatency(0);
    core.faults.grant('sources');
    const { length } = core.sources.frames('meters');
    await play(core, 1);
    assert.equal(core.sources.frames('meters').length, length);
    await core.sources.setState('meters', 'cold');
    await core.sources.setState('meters', 'starting');
    await play(core, 1);
    assert.ok(core.sources.frames('meters').length > length);
    assert.equal(core.statusItems['meters'], 'cam');
  });

  it('leaves a source alone that is of another type', async () => {
    const core = await live({ settings: { source: 'logo' } });
    await play(core, 2);
    assert.equal(warnings(core).length, 1);
    assert.match(core.statusItems['meters'] ?? '', /^not shown: .*no source "logo"/);
  });

  it('follows its settings, within what a frame may be', async () => {
    const core = await live();
    await play(core, 1);
    await core.setSettings({ source: 'vu', width: 101, height: 5000 });
    await play(core, 1);
    const { width, height } = lastFrame(core, 'vu');
    assert.deepEqual([width, height], [100, 1920]);
    await core.setSettings({ width: -3 });
    await play(core, 1);
    assert.equal(lastFrame(core, 'vu').width, 2);
    assert.deepEqual(warnings(core), []);
  });

  it('needs the permissions', async () => {
    await assert.rejects(
      startPlugin({ permissions: ['sources'] }),
      /may not see and change how sources are mixed/,
    );
  });
});
