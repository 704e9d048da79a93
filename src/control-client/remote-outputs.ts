import {
  type CutDelayParams,
  CutDelayRequest,
  type DelayCut,
  type DelayManagement,
} from '../protocol/delay.js';
import {
  type AddOutputParams,
  AddOutputRequest,
  ListOutputsRequest,
  type OutputList,
  type OutputManagement,
  type OutputParams,
  RemoveOutputRequest,
  ResetOutputsRequest,
  type SetOutputParams,
  SetOutputRequest,
  StartOutputRequest,
  StopOutputRequest,
} from '../protocol/outputs.js';
import type { OutputStatus } from '../protocol/status/output-status.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

/** A change waits for those before it, each of which ends a stream at a server, ms. */
const deadline = { deadlineMs: 60_000 };

/** The outputs of a running core. */
export class RemoteOutputs implements OutputManagement, DelayManagement {
  constructor(private readonly connection: RpcConnection) {}

  list(): Promise<OutputList> {
    return this.connection.sendRequest(ListOutputsRequest.type, {});
  }

  add(params: AddOutputParams): Promise<OutputStatus> {
    return this.connection.sendRequest(AddOutputRequest.type, params, deadline);
  }

  set(params: SetOutputParams): Promise<OutputStatus> {
    return this.connection.sendRequest(SetOutputRequest.type, params, deadline);
  }

  remove(params: OutputParams): Promise<OutputStatus> {
    return this.connection.sendRequest(RemoveOutputRequest.type, params, deadline);
  }

  stop(params: OutputParams): Promise<OutputStatus> {
    return this.connection.sendRequest(StopOutputRequest.type, params, deadline);
  }

  start(params: OutputParams): Promise<OutputStatus> {
    return this.connection.sendRequest(StartOutputRequest.type, params, deadline);
  }

  reset(): Promise<OutputList> {
    return this.connection.sendRequest(ResetOutputsRequest.type, {}, deadline);
  }

  cutDelay(params: CutDelayParams): Promise<DelayCut> {
    return this.connection.sendRequest(CutDelayRequest.type, params, deadline);
  }
}
