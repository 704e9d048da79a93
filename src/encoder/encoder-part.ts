import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../base/disposable-store.js';
import type { PartContext, PartModule } from '../process-host/part-module.js';
import {
  EncoderCommandRequest,
  EncoderPrepareRequest,
  EncoderReconfigureRequest,
  type EncoderStartParams,
  EncoderStartRequest,
  EncoderStopRequest,
} from '../protocol/encoder.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import { type EncoderOptions, EncoderRun } from './encoder-run.js';
import { StudioRun } from './studio-run.js';

/**
 * The encoder as a part (patent: the encoding process encodes under the main control process's control). Each
 * activation runs ffmpeg once; another run needs another activation.
 */
export class EncoderPart implements PartModule {
  readonly role = 'encoder';
  readonly initializeResult = { capabilities: { liveCommands: true } };

  constructor(private readonly options: EncoderOptions = {}) {}

  activate({ connection, exit }: PartContext): Disposable {
    // Its media connection has been closed with its ffmpeg: another part has to take its place.
    const onLost = () => exit(ExitCodes.crash);
    const direct = new EncoderRun(connection, onLost, this.options);
    const studio = new StudioRun(connection, onLost, this.options);
    let run: EncoderRun | StudioRun = direct;
    const choose = ({ settings }: EncoderStartParams) => {
      run = settings.pipeline === 'studio' ? studio : direct;
      return run;
    };
    // A part waits for its start, often as a spare: slow lookups are done in that time.
    setImmediate(() => direct.lookAhead());
    connection.onRequest(EncoderPrepareRequest.type, async (params) => {
      await choose(params).prepare(params);
      return null;
    });
    connection.onRequest(EncoderStartRequest.type, (params) => choose(params).start(params));
    connection.onRequest(EncoderReconfigureRequest.type, async (params) => {
      await studio.reconfigure(params);
      return null;
    });
    connection.onRequest(EncoderStopRequest.type, async () => {
      await run.stop();
      return null;
    });
    connection.onRequest(EncoderCommandRequest.type, async (params) => ({
      code: await direct.command(params),
    }));
    return new DisposableStore([direct, studio]);
  }
}
