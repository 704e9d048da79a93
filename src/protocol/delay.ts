import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';

// What has been broadcast, but has not aired yet at outputs with a delay.

export interface CutDelayParams {
  /** How much of the broadcast is removed, back from now, seconds; all that has not aired yet if it is absent. */
  readonly seconds?: number | undefined;
}

/** What was removed from the delay of an output. */
export interface RemovedFromDelay {
  readonly id: string;
  /** More than was asked for by up to two GOPs; less, where a part of it had aired. */
  readonly removedMs: number;
  /** What has still not aired, ms. */
  readonly leftMs: number;
}

export interface DelayCut {
  readonly removed: readonly RemovedFromDelay[];
  /** Ids of the outputs on air without a delay: their viewers have seen it. */
  readonly undelayed: readonly string[];
}

export interface DelayManagement {
  /**
   * Removes what was broadcast last from all outputs with a delay, as far as it has not aired. From then on it cannot air;
   * resolves when the stream continues, with the next keyframe. Fails with `broadcast.state` while nothing is on air.
   */
  cutDelay(params: CutDelayParams): Promise<DelayCut>;
}

export namespace CutDelayRequest {
  export const method = 'delay/cut' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<CutDelayParams, DelayCut, never, void, void>(method);
}
