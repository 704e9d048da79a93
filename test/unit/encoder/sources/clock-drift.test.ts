import assert from 'node:assert/strict';
import { ClockDrift } from '../../../../src/encoder/sources/clock-drift.js';

const SLOT_S = 0.04;

/** A source whose arrivals are `leadS` ahead of what is due, which moves as the drift is corrected. */
class Simulation {
  readonly drift = new ClockDrift();
  leadS = 0.08;
  private slot = 0;

  /** @param late in each slot, how late its packet is, s; undefined if none arrives */
  run(seconds: number, ppm: number, late: (slot: number) => number | undefined = () => 0): number[] {
    return Array.from({ length: seconds / SLOT_S }, () => {
      this.slot += 1;
      this.leadS += SLOT_S * (ppm * 1e-6 - this.drift.rate);
      const lateS = late(this.slot);
      this.drift.next(SLOT_S, lateS === undefined ? undefined : this.leadS - lateS, 0);
      return this.drift.rate;
    });
  }
}

describe('ClockDrift', () => {
  let simulation: Simulation;
  beforeEach(() => {
    simulation = new Simulation();
  });

  it('finds the rate, and leads the source back to its place', () => {
    for (const ppm of [20, 200, -1000]) {
      simulation = new Simulation();
      simulation.run(900, ppm);
      const rate = simulation.run(100, ppm).at(-1) ?? 0;
      assert.ok(Math.abs(rate * 1e6 - ppm) < 5, `${rate * 1e6} of ${ppm} ppm`);
      // It has drifted until its place was measured.
      assert.ok(Math.abs(simulation.leadS - 0.08 - 5 * ppm * 1e-6) < 0.003, `${simulation.leadS} s`);
    }
  });

  it('never plays by more than 0.2 % faster or slower', () => {
    for (const ppm of [5000, -5000])
      assert.ok(simulation.run(60, ppm).every((rate) => Math.abs(rate) <= 0.002));
  });

  it('does nothing for packets that are late, or missing', () => {
    const late = (slot: number) => (slot % 700 > 600 ? undefined : ((slot * 7919) % 100) / 1000);
    assert.ok(simulation.run(600, 0, late).every((rate) => rate === 0));
  });

  it('takes no burst, and no source that goes on elsewhere, for drift', () => {
    assert.ok(
      simulation.run(300, 0, (slot) => (slot > 2000 && slot < 2050 ? -0.03 : 0)).every((rate) => rate === 0),
    );
    simulation.leadS += 0.1;
    assert.ok(simulation.run(300, 0).every((rate) => rate === 0));
    simulation.leadS += 0.02;
    simulation.drift.moved(-0.02);
    assert.ok(simulation.run(300, 0).every((rate) => rate === 0));
  });

  it('leaves a source as it is again that drifts no more', () => {
    simulation.run(300, 100);
    assert.equal(simulation.run(600, 0).at(-1), 0);
    assert.ok(Math.abs(simulation.leadS - 0.08) < 0.002);
  });
});
