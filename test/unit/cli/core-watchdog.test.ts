import assert from 'node:assert/strict';
import sinon from 'sinon';
import { killIfUnresponsive } from '../../../src/cli/live/core-watchdog.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { IDLE } from '../../integration/cli/fake-core.js';

describe('killIfUnresponsive', () => {
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });

  afterEach(() => clock.restore());

  const watch = (status: () => Promise<typeof IDLE>) => {
    const kill = sinon.spy();
    const onKill = sinon.spy();
    const watchdog = killIfUnresponsive({ status }, { kill }, onKill);
    return { watchdog, kill, onKill };
  };

  it('kills a core that does not respond in time', async () => {
    const { watchdog, kill, onKill } = watch(() =>
      Promise.reject(new BulkheadError(ErrorCodes.rpcTimeout, 'late')),
    );
    await clock.tickAsync(5000);
    sinon.assert.calledOnce(kill);
    sinon.assert.callOrder(onKill, kill);
    watchdog.dispose();
    assert.equal(clock.countTimers(), 0);
  });

  it('does not kill one that answers, or whose channel has closed', async () => {
    const answers = sinon.stub().resolves(IDLE);
    answers.onSecondCall().rejects(new BulkheadError(ErrorCodes.rpcClosed, 'gone'));
    const { watchdog, kill } = watch(answers);
    await clock.tickAsync(30_000);
    sinon.assert.callCount(answers, 6);
    sinon.assert.notCalled(kill);
    watchdog.dispose();
  });

  it('asks one question at a time', async () => {
    const never = sinon.stub().returns(new Promise(() => {}));
    const { watchdog } = watch(never);
    await clock.tickAsync(60_000);
    sinon.assert.calledOnce(never);
    watchdog.dispose();
  });
});
