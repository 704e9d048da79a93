import { Emitter } from '../../src/base/event.js';
import type { ReplayedBroadcast } from '../../src/core/replay/replays.js';
import type { StreamTag } from '../../src/media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../src/protocol/errors.js';
import type { ReplayManagement, ReplayStatus, SavedReplay } from '../../src/protocol/replay.js';

/** Replays that only note their calls. */
export class FakeReplays {
  begun: ReplayedBroadcast | undefined;
  readonly tags: StreamTag[] = [];
  private readonly emitter = new Emitter<SavedReplay>();
  readonly onDidSave = this.emitter.event;
  current: ReplayStatus | undefined;

  begin(broadcast: ReplayedBroadcast): void {
    this.begun = broadcast;
  }

  push(tag: StreamTag): void {
    this.tags.push(tag);
  }

  async end(): Promise<void> {
    this.begun = undefined;
  }

  save(saved: SavedReplay): void {
    this.emitter.fire(saved);
  }

  status(): ReplayStatus | undefined {
    return this.current;
  }
}

/** Replays for tests of something else: nothing is kept. */
export function noReplay(): ReplayManagement {
  const refuse = async () => {
    throw new BulkheadError(ErrorCodes.replayState, 'the replay buffer is off');
  };
  return { replay: async () => null, startReplay: refuse, stopReplay: refuse, saveReplay: refuse };
}
