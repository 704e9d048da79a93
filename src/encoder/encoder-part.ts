import type { Disposable } from 'vscode-jsonrpc';
import type { PartContext, PartModule } from '../process-host/part-module.js';
import {
  EncoderPlaySourceRequest,
  EncoderPrepareRequest,
  EncoderReconfigureRequest,
  EncoderRenditionsRequest,
  EncoderRestartSourceRequest,
  EncoderSnapshotRequest,
  EncoderStageRequest,
  EncoderStartRequest,
  EncoderStopRequest,
} from '../protocol/encoder.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import { type EncoderOptions, EncoderRun } from './encoder-run.js';

/**
 * The encoder as a part (patent: the encoding process encodes under the main control process's control). Each
 * activation encodes once; another run needs another activation.
 */
export class EncoderPart implements PartModule {
  readonly role = 'encoder';
  readonly initializeResult = { capabilities: {} };

  constructor(private readonly options: EncoderOptions = {}) {}

  activate({ connection, exit }: PartContext): Disposable {
    // Its media connection has been closed: another part has to take its place.
    const run = new EncoderRun(connection, () => exit(ExitCodes.crash), this.options);
    // A part waits for its start, often as a spare: slow lookups are done in that time.
    setImmediate(() => run.lookAhead());
    connection.onRequest(EncoderPrepareRequest.type, async (params) => {
      await run.prepare(params);
      return null;
    });
    connection.onRequest(EncoderStartRequest.type, (params) => run.start(params));
    connection.onRequest(EncoderReconfigureRequest.type, async (params) => {
      await run.reconfigure(params);
      return null;
    });
    connection.onRequest(EncoderRenditionsRequest.type, ({ renditions }) => {
      run.setRenditions(renditions);
      return null;
    });
    connection.onRequest(EncoderStageRequest.type, async (params) => {
      await run.setStage(params);
      return null;
    });
    connection.onRequest(EncoderRestartSourceRequest.type, ({ id }) => {
      run.restartSource(id);
      return null;
    });
    connection.onRequest(EncoderPlaySourceRequest.type, ({ id }) => {
      run.playSource(id);
      return null;
    });
    connection.onRequest(EncoderSnapshotRequest.type, async ({ id }) => {
      const image = await run.snapshot(id);
      return { image: image.toString('base64') };
    });
    connection.onRequest(EncoderStopRequest.type, async () => {
      await run.stop();
      return null;
    });
    return run;
  }
}
