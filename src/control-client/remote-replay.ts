import {
  type ReplayManagement,
  ReplayRequest,
  type ReplayStatus,
  type SavedReplay,
  type SaveReplayParams,
  SaveReplayRequest,
  type StartReplayParams,
  StartReplayRequest,
  StopReplayRequest,
} from '../protocol/replay.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

/** Several may be saved one after the other, each to a disk that does not answer, ms. */
const deadline = { deadlineMs: 60_000 };

/** The replay buffer of a running core. */
export class RemoteReplay implements ReplayManagement {
  constructor(private readonly connection: RpcConnection) {}

  replay(): Promise<ReplayStatus | null> {
    return this.connection.sendRequest(ReplayRequest.type, {});
  }

  startReplay(params: StartReplayParams): Promise<ReplayStatus> {
    return this.connection.sendRequest(StartReplayRequest.type, params, deadline);
  }

  stopReplay(): Promise<ReplayStatus> {
    return this.connection.sendRequest(StopReplayRequest.type, {}, deadline);
  }

  saveReplay(params: SaveReplayParams): Promise<SavedReplay> {
    return this.connection.sendRequest(SaveReplayRequest.type, params, deadline);
  }
}
