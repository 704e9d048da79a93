import assert from 'node:assert/strict';
import { exitFailure, isFatalExit } from '../../../src/core/processes/part-failure.js';
import { supervisionLimits } from '../../../src/core/processes/supervision-limits.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { PROTOCOL_VERSION } from '../../../src/protocol/lifecycle.js';

describe('an exit that nobody asked for', () => {
  it('is told by what is known of it', () => {
    const message = (exit: { code: number | null; signal: NodeJS.Signals | null; why?: string }) =>
      exitFailure('extension-host', exit).message;
    assert.equal(
      message({ code: 1, signal: null, why: 'has no memory' }),
      'The extension host has no memory.',
    );
    assert.equal(
      message({ code: ExitCodes.versionMismatch, signal: null }),
      `The extension host speaks another protocol version, the core ${PROTOCOL_VERSION}.`,
    );
    assert.equal(
      message({ code: ExitCodes.badSettings, signal: null }),
      `The extension host refused its settings (exit code ${ExitCodes.badSettings}); its log says which.`,
    );
    assert.equal(message({ code: null, signal: 'SIGSEGV' }), 'The extension host was ended by SIGSEGV.');
    assert.equal(message({ code: 0, signal: null }), 'The extension host exited unexpectedly with code 0.');
    assert.match(message({ code: null, signal: null }), /could not be started; the log says why\.$/);
    assert.equal(exitFailure('live-server', { code: 1, signal: null }).where, 'live-server');
  });

  it('is final where the same would come of the next start', () => {
    const fatal = [ExitCodes.badSettings, ExitCodes.versionMismatch, ExitCodes.crash, 0, null].map((code) =>
      isFatalExit({ code, signal: null }),
    );
    assert.deepEqual(fatal, [true, true, false, false, false]);
  });
});

describe('the patience with a part', () => {
  it('is that of its role: a stream must come back, plugins are given up', () => {
    const common = {
      startDeadlineMs: 10_000,
      heartbeatIntervalMs: 1000,
      terminateAfterMissed: 5,
      backoffBaseMs: 250,
      crashWindowMs: 300_000,
      spareDelayMs: 500,
    };
    const essential = {
      mostStarved: 25,
      backoffCapMs: 3000,
      stableAfterMs: 2000,
      maxCrashes: Number.POSITIVE_INFINITY,
    };
    assert.deepEqual(supervisionLimits('encoder'), {
      ...common,
      ...essential,
      warnAfterMissed: 2,
      terminateGraceMs: 0,
    });
    assert.deepEqual(supervisionLimits('live-server'), {
      ...common,
      ...essential,
      warnAfterMissed: 2,
      terminateGraceMs: 1000,
    });
    assert.deepEqual(supervisionLimits('extension-host', { maxCrashes: 4 }), {
      ...common,
      mostStarved: 0,
      warnAfterMissed: 3,
      terminateGraceMs: 1000,
      backoffCapMs: 30_000,
      stableAfterMs: 10_000,
      maxCrashes: 4,
    });
  });
});
