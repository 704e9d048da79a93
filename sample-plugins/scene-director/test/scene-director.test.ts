import assert from 'node:assert/strict';
import { type StartOptions, startPlugin } from '@bulkhead/extension-api/testing';
import { dueScene, parseSchedule } from '../src/schedule.js';

const show = {
  sources: [
    { id: 'cam', type: 'colour' },
    { id: 'still', type: 'colour' },
  ],
  scenes: [
    { id: 'main', layers: [{ id: 'cam', source: 'cam' }] },
    { id: 'break', layers: [{ id: 'still', source: 'still' }] },
    { id: 'late' },
  ],
};
const WATCHED = { source: 'cam', fallbackScene: 'break', silentSeconds: 5, lostSeconds: 3, thresholdDb: -50 };
const LOUD = { sources: { cam: { rmsDbfs: -20 } } };
const SILENT = { sources: { cam: { rmsDbfs: -80 } } };

/** The time of day so many minutes from now, as in the schedule. */
const inMinutes = (minutes: number) => {
  const time = new Date(Date.now() + 60_000 * minutes);
  return `${time.getHours()}:${String(time.getMinutes()).padStart(2, '0')}`;
};

describe('scene-director', () => {
  const live = async (settings: NonNullable<StartOptions['settings']>) => {
    const core = await startPlugin({ show, settings });
    core.audio.setLevels(LOUD);
    await core.broadcast.goLive();
    await core.clock.advance(2000);
    assert.equal(core.scenes.onAir, 'main');
    return core;
  };

  it('switches by the clock', async () => {
    const core = await live({ schedule: [`${inMinutes(2)} = break`, `${inMinutes(4)} = late`] });
    await core.clock.advance(55_000);
    assert.equal(core.scenes.onAir, 'main');
    await core.clock.advance(70_000);
    assert.equal(core.scenes.onAir, 'break');
    await core.clock.advance(120_000);
    assert.equal(core.scenes.onAir, 'late');
    assert.equal(core.statusItems['director'], 'as scheduled');
  });

  it('shows the fallback scene while the source is lost, and goes back', async () => {
    const core = await live(WATCHED);
    await core.sources.setState('cam', 'retrying');
    await core.clock.advance(2000);
    assert.equal(core.scenes.onAir, 'main');
    await core.clock.advance(2000);
    assert.equal(core.scenes.onAir, 'break');
    assert.equal(core.statusItems['director'], 'cam is lost');
    await core.sources.setState('cam', 'starting');
    await core.clock.advance(2000);
    assert.equal(core.scenes.onAir, 'break');
    await core.sources.setState('cam', 'live');
    await core.clock.advance(2000);
    assert.equal(core.scenes.onAir, 'main');
  });

  it('does so while the source is silent, too', async () => {
    const core = await live(WATCHED);
    core.audio.setLevels(SILENT);
    await core.clock.advance(4000);
    assert.equal(core.scenes.onAir, 'main');
    await core.clock.advance(3000);
    assert.equal(core.scenes.onAir, 'break');
    core.audio.setLevels(LOUD);
    await core.clock.advance(2000);
    assert.equal(core.scenes.onAir, 'main');
  });

  it('leaves the scene that the streamer has chosen meanwhile', async () => {
    const core = await live(WATCHED);
    await core.sources.setState('cam', 'failed');
    await core.clock.advance(5000);
    await core.scenes.switchTo('late');
    await core.sources.setState('cam', 'live');
    await core.clock.advance(5000);
    assert.equal(core.scenes.onAir, 'late');
  });

  it('says when the fallback scene is missing', async () => {
    const core = await live({ ...WATCHED, fallbackScene: 'brake' });
    await core.sources.setState('cam', 'failed');
    await core.clock.advance(5000);
    assert.equal(core.scenes.onAir, 'main');
    assert.match(core.statusItems['director'] ?? '', /cam is lost: .*did you mean "break"/);
  });

  it('switches on command, as it is typed or as it stands in chat', async () => {
    const core = await live({});
    const run = (...words: string[]) => core.commands.execute('scene-director.scene', ...words);
    assert.equal(await run('late'), 'late is on air.');
    assert.equal(await run('!scene main'), 'main is on air.');
    assert.equal(core.scenes.onAir, 'main');
    assert.equal(await run(), 'Scenes: main, break, late.');
    await assert.rejects(run('!scene', 'lat'), /did you mean "late"/);
  });

  it('takes only times and scenes as a schedule, and counts past midnight', async () => {
    for (const line of ['20:15', '24:00 = main', '8:60 = main', 'noon = main'])
      assert.throws(() => parseSchedule([line]), /expected a time and a scene/);
    const cues = parseSchedule(['23:59 = late', ' 0:01=main ']);
    const at = (day: number, hours: number, minutes: number) => new Date(2026, 5, day, hours, minutes, 30);
    assert.equal(dueScene(cues, at(1, 23, 50), at(1, 23, 58)), undefined);
    assert.equal(dueScene(cues, at(1, 23, 58), at(1, 23, 59)), 'late');
    assert.equal(dueScene(cues, at(1, 23, 58), at(2, 0, 0)), 'late');
    assert.equal(dueScene(cues, at(1, 23, 58), at(2, 0, 1)), 'main');
    await assert.rejects(startPlugin({ settings: { schedule: ['soon'] } }), /expected a time and a scene/);
  });
});
