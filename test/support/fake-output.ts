import sinon from 'sinon';
import { Emitter } from '../../src/base/event.js';
import type { Output, OwnStatus } from '../../src/core/publish/output.js';
import type { StreamTag } from '../../src/media/stream-tag.js';
import { NO_GAPS, NOTHING_DROPPED } from '../../src/protocol/output-statistics.js';

/** An output whose state is set by the test. */
export class FakeOutput implements Output {
  private readonly changeEmitter = new Emitter<void>();
  readonly onDidChange = this.changeEmitter.event;
  readonly tags: StreamTag[] = [];
  readonly start = sinon.stub<[], void>();
  readonly stop = sinon.stub<[number], Promise<void>>().resolves();
  readonly dispose = sinon.spy(() => this.changeEmitter.dispose());
  readonly takeTransitTimes = sinon.stub<[], number[]>().returns([]);
  private current: OwnStatus;

  constructor(
    readonly id: string,
    readonly url = 'rtmp://live.example/app/***',
  ) {
    this.current = {
      ...{ id, url, state: 'connecting' },
      ...{ sessions: 0, bytesSent: 0, droppedFrames: 0, queueMs: 0 },
      ...{ framesSent: 0, dropped: NOTHING_DROPPED, gaps: NO_GAPS },
    };
  }

  push(tag: StreamTag): void {
    this.tags.push(tag);
  }

  status(): OwnStatus {
    return this.current;
  }

  /** @param message Its error, if there is one. */
  become(state: OwnStatus['state'], message?: string): void {
    const { error: _, ...before } = this.current;
    const sessions = before.sessions + (state === 'live' && before.state !== 'live' ? 1 : 0);
    const error = message === undefined ? {} : { error: { code: 'output.refused', message } as const };
    this.current = { ...before, sessions, state, ...error };
    this.changeEmitter.fire();
  }
}
