import assert from 'node:assert/strict';
import { SessionDoubt } from '../../../src/core/publish/session-doubt.js';

const LIMITS = { stallMs: 8000, mostMs: 60_000 };

describe('SessionDoubt', () => {
  let doubt: SessionDoubt;

  beforeEach(() => {
    doubt = new SessionDoubt(LIMITS);
  });

  /** What it says each quarter of a second while a session stands still; the server answers from `answersAtMs` on. */
  function standstill(untilMs: number, answersAtMs = Number.POSITIVE_INFINITY): Map<string, number[]> {
    const said = new Map<string, number[]>();
    for (let ms = 0; ms <= untilMs; ms += 250) {
      const says = doubt.judge(ms, 0, ms);
      if (says === 'ask' && ms >= answersAtMs) doubt.answered(ms);
      said.set(says, [...(said.get(says) ?? []), ms]);
    }
    return said;
  }

  it('keeps a session that takes data, and asks nobody', () => {
    for (let ms = 0; ms < 20_000; ms += 250) assert.equal(doubt.judge(ms % 2000, 0, ms), 'keep');
  });

  it('asks once a second while nobody answers, and gives up after a minute', () => {
    const said = standstill(61_000);
    assert.deepEqual(said.get('ask')?.slice(0, 3), [2000, 3000, 4000]);
    assert.equal(said.get('give up')?.[0], 60_250);
  });

  it('gives up after 8 s where the server answers all the time', () => {
    const said = standstill(20_000, 0);
    assert.deepEqual(said.get('ask'), [2000]);
    assert.equal(said.get('give up')?.[0], 8250);
  });

  it('leaves TCP 1.5 s where the server answers again after an interruption', () => {
    assert.equal(standstill(20_000, 10_000).get('give up')?.[0], 11_500);
  });

  it('begins anew when the session takes data in between', () => {
    standstill(5000, 0);
    assert.equal(doubt.judge(0, 0, 5250), 'keep');
    assert.equal(doubt.judge(2000, 0, 7250), 'ask');
    assert.equal(doubt.judge(9000, 0, 14_250), 'ask');
  });

  it('counts missing acknowledgements half', () => {
    assert.equal(doubt.judge(0, 3999, 0), 'keep');
    assert.equal(doubt.judge(0, 4000, 0), 'ask');
    doubt.answered(0);
    assert.equal(doubt.judge(0, 16_000, 12_000), 'keep');
    assert.equal(doubt.judge(0, 16_001, 12_000), 'give up');
  });
});
