import assert from 'node:assert/strict';
import { type FakeCore, startPlugin } from '@bulkhead/extension-api/testing';

const show = { sources: [], scenes: [{ id: 'soon' }, { id: 'main' }] };

describe('countdown', () => {
  const shownUntil = ({ overlays: [overlay] }: FakeCore) => {
    const timer = overlay?.elements.find(({ id }) => id === 'timer');
    return overlay?.visible === true && timer?.type === 'timer' ? Date.parse(timer.until ?? '') : undefined;
  };

  it('counts down, switches to the scene, and disappears', async () => {
    const core = await startPlugin({ show, settings: { scene: 'main' } });
    await core.broadcast.goLive();
    assert.equal(shownUntil(core), undefined);
    const untilMs = core.clock.nowMs + 120_000;
    assert.match(
      String(await core.commands.execute('countdown.start', '2')),
      /^Counting down to \d\d:\d\d:\d\d\.$/,
    );
    assert.equal(shownUntil(core), untilMs);
    await core.clock.advance(119_000);
    assert.equal(core.scenes.onAir, 'soon');
    await core.clock.advance(1000);
    assert.equal(core.scenes.onAir, 'main');
    assert.equal(core.statusItems['countdown'], 'over');
    await core.clock.advance(10_000);
    assert.equal(shownUntil(core), undefined);
  });

  it('takes a time of day, today or tomorrow', async () => {
    const core = await startPlugin();
    for (const minutes of [90, -90]) {
      const time = new Date(core.clock.nowMs + 60_000 * minutes);
      time.setSeconds(0, 0);
      await core.commands.execute('countdown.start', time.toTimeString().slice(0, 5));
      const inMs = (shownUntil(core) ?? 0) - core.clock.nowMs;
      assert.ok(inMs > 0 && inMs <= 24 * 3600_000, `${inMs} ms`);
      assert.equal(new Date(shownUntil(core) ?? 0).getMinutes(), time.getMinutes());
    }
    for (const when of ['', 'soon', '25:00', '-3', '100000'])
      await assert.rejects(core.commands.execute('countdown.start', when), /expected minutes, or a time/);
  });

  it('goes on after a crash, and stops', async () => {
    const core = await startPlugin({ show, settings: { scene: 'main' } });
    await core.broadcast.goLive();
    await core.commands.execute('countdown.start', '1');
    const untilMs = shownUntil(core);
    await core.faults.killHost();
    await core.activate();
    assert.equal(shownUntil(core), untilMs);
    await core.commands.execute('countdown.stop');
    assert.equal(shownUntil(core), undefined);
    await core.clock.advance(120_000);
    assert.equal(core.scenes.onAir, 'soon');
  });

  it('speaks Chinese, to viewers as well', async () => {
    const core = await startPlugin({ language: 'zh-cn' });
    await core.commands.execute('countdown.start', '2');
    assert.match(core.statusItems['countdown'] ?? '', /^倒计时至 \d\d:\d\d:\d\d$/);
    const text = core.overlays[0]?.elements.find(({ id }) => id === 'text');
    assert.equal(text?.type === 'text' && text.text, '距离开播还有');
  });
});
