import type { Disposable } from 'vscode-jsonrpc';
import { connectMedia } from '../process-host/media-connection.js';
import type { PartContext, PartModule } from '../process-host/part-module.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import { PartLogNotification } from '../protocol/lifecycle.js';
import {
  RecorderFailedNotification,
  RecorderRepairedNotification,
  type RecorderStartParams,
  RecorderStartRequest,
  RecorderWroteNotification,
} from '../protocol/recorder.js';
import { Recorder } from './recorder.js';
import { recordingTools } from './repair.js';

/** Recording as a part: in a process of its own, which may hang with its disk, and which outlives the core until its file is ended. */
export class RecorderPart implements PartModule {
  readonly role = 'recorder';
  readonly initializeResult = { capabilities: {} };

  activate({ connection, exit }: PartContext): Disposable & { finish(): Promise<void> } {
    let taking: Promise<void> = Promise.resolve();
    const recorder = new Recorder(recordingTools, {
      onWrote: (report) => connection.sendNotification(RecorderWroteNotification.type, report),
      onFailed: ({ error, files }) =>
        connection.sendNotification(RecorderFailedNotification.type, { error: error.toData(), files }),
      onRepaired: (files) => connection.sendNotification(RecorderRepairedNotification.type, { files }),
    });
    connection.onRequest(RecorderStartRequest.type, async ({ media, resume }: RecorderStartParams) => {
      if (resume !== undefined) await recorder.resume(resume);
      const socket = await connectMedia(media);
      taking = recorder.take(socket).catch((error: Error) => {
        const message = `cannot go on recording: ${error.stack ?? error.message}`;
        connection.sendNotification(PartLogNotification.type, { level: 'error', message });
        // After the message.
        setImmediate(exit, ExitCodes.crash);
      });
      return null;
    });
    return {
      dispose: () => {},
      finish: () => taking,
    };
  }
}
