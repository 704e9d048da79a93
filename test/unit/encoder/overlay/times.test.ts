import assert from 'node:assert/strict';
import { OverlaySchema } from '../../../../src/config/drawing-schema.js';
import type { ElementConfig } from '../../../../src/config/schema.js';
import { clockText, nextChangeMs, timerText } from '../../../../src/encoder/overlay/times.js';

type Clock = Extract<ElementConfig, { type: 'clock' }>;
type Timer = Extract<ElementConfig, { type: 'timer' }>;

const NOON = Date.parse('2026-11-30T12:00:00Z');
const element = (settings: object) =>
  OverlaySchema.parse({ id: 'a', elements: [{ id: 'e', ...settings }] }).elements[0];
const clock = (settings: object = {}) => element({ type: 'clock', timeZone: 'UTC', ...settings }) as Clock;
const timer = (settings: object = {}) => element({ type: 'timer', ...settings }) as Timer;

describe('a clock', () => {
  it('says the time of its zone in the way of its language', () => {
    assert.equal(clockText(clock(), NOON), '12:00:00');
    assert.equal(clockText(clock({ timeZone: 'Asia/Shanghai', seconds: false }), NOON), '20:00');
    assert.match(clockText(clock({ locale: 'en-US', seconds: false }), NOON), /^12:00\sPM$/);
    assert.equal(
      clockText(clock({ locale: 'en-US', hour12: false, seconds: false }), NOON + 3_600_000),
      '13:00',
    );
    assert.equal(clockText(clock({ show: 'date', locale: 'zh-CN' }), NOON), '2026年11月30日');
    assert.match(clockText(clock({ show: 'date-time' }), NOON), /^30 November 2026 at 12:00:00$/);
  });

  it('is refused with a zone or a language that there is not', () => {
    assert.throws(() => clock({ timeZone: 'Europe/Nowhere' }), /a time zone such as/);
    assert.throws(() => clock({ locale: 'not a language' }), /a language such as/);
  });

  it('says something else with each second', () => {
    assert.equal(nextChangeMs(clock(), 0, NOON), NOON + 1000);
    assert.equal(nextChangeMs(clock(), 0, NOON + 999), NOON + 1000);
  });
});

describe('a timer', () => {
  it('counts up from when it was shown, or from its date', () => {
    assert.equal(timerText(timer(), NOON, NOON + 999), '0:00');
    assert.equal(timerText(timer(), NOON, NOON + 61_000), '1:01');
    assert.equal(timerText(timer({ since: '2026-11-30T10:58:59Z' }), NOON, NOON), '1:01:01');
    assert.equal(timerText(timer({ since: '2026-12-30' }), NOON, NOON), '0:00');
  });

  it('counts down to its date, is zero when that is reached and not before, and then says what it is to say', () => {
    const until = '2026-11-30T13:00:00+01:00';
    assert.deepEqual(
      [-90_000, -1000, -1, 0, 5000].map((ms) => timerText(timer({ until }), 0, NOON + ms)),
      ['1:30', '0:01', '0:01', '0:00', '0:00'],
    );
    assert.equal(timerText(timer({ until, endText: 'Now' }), 0, NOON), 'Now');
    for (const wrong of ['tomorrow', '2026-99-99', '2026-12-31T25:00:00Z'])
      assert.throws(() => timer({ until: wrong }), /a date with a time/);
  });

  it('changes with the second that it counts', () => {
    assert.equal(nextChangeMs(timer(), NOON + 300, NOON + 400), NOON + 1300);
    assert.equal(nextChangeMs(timer({ until: '2026-11-30T12:00:00.250Z' }), 0, NOON), NOON + 250);
  });
});
