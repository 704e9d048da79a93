import { inject, injectable } from 'inversify';
import type { Disposable, RequestType } from 'vscode-jsonrpc';
import type { Event } from '../../base/event.js';
import * as z from '../../base/zod.js';
import { RECORDING_FORMATS, RecordingNameSchema } from '../../config/recording-schema.js';
import type { FromPlugin } from '../../protocol/extension-host.js';
import {
  FollowRecordingRequest,
  PluginAddsChapterRequest,
  PluginAsksRecordingRequest,
  PluginChangesRecordingRequest,
  type PluginRecordingStatus,
  PluginStartsRecordingRequest,
  RecordingChangedNotification,
} from '../../protocol/plugin-recording.js';
import type { RecordingManagement, RecordingStatus } from '../../protocol/recording.js';
import { CallRates } from './call-rates.js';
import { FromPluginSchema } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { MarkerLabel } from './plugin-text.js';
import { requirePermission } from './require-permission.js';

export const RecordingView = Symbol('RecordingView');

/** What plugins may see and do of recordings; implemented by the core's `Recordings`. */
export interface RecordingView extends RecordingManagement {
  /** Anything of the recording has changed. */
  readonly onDidChange: Event<void>;
  status(): RecordingStatus | undefined;
}

const Start = FromPluginSchema.extend({
  format: z.enum(RECORDING_FORMATS).optional(),
  name: RecordingNameSchema.optional(),
});
const Change = FromPluginSchema.extend({ step: z.enum(['stop', 'pause', 'resume', 'split']) });
const Chapter = FromPluginSchema.extend({ title: MarkerLabel });

/** Lets plugins see and change the recording, if permitted. Its pair in the host is `ExtHostRecording`. */
@injectable()
export class MainThreadRecording implements MainThreadNamespace {
  constructor(@inject(RecordingView) private readonly recordings: RecordingView) {}

  serve({ channel, plugins }: ServedHost): Disposable {
    const { recordings } = this;
    const steps = {
      stop: () => recordings.stopRecording(),
      pause: () => recordings.pauseRecording(),
      resume: () => recordings.resumeRecording(),
      split: () => recordings.splitRecording(),
    };
    const rates = new CallRates();
    const require = (plugin: string) => {
      requirePermission(plugins, plugin, 'recording');
      rates.other(plugin);
    };
    const serve = <P extends FromPlugin>(
      type: RequestType<P, null, void>,
      schema: z.ZodType<P>,
      call: (params: P) => Promise<unknown>,
    ) =>
      channel.serve(type, schema, async (params) => {
        require(params.plugin);
        await call(params);
        return null;
      });
    channel.serve(PluginAsksRecordingRequest.type, FromPluginSchema, ({ plugin }) => {
      require(plugin);
      const status = recordings.status();
      return status === undefined ? null : forPlugins(status);
    });
    serve(PluginStartsRecordingRequest.type, Start, ({ format, name }) =>
      recordings.startRecording({ format, name }),
    );
    serve(PluginChangesRecordingRequest.type, Change, ({ step }) => steps[step]());
    serve(PluginAddsChapterRequest.type, Chapter, ({ title }) => recordings.addChapter({ title }));

    const following = new Set<string>();
    let last = newsOf(recordings.status());
    serve(FollowRecordingRequest.type, FromPluginSchema, async ({ plugin }) => {
      following.add(plugin);
    });
    return recordings.onDidChange(() => {
      const status = recordings.status();
      const news = newsOf(status);
      // What is written changes several times a second.
      if (status === undefined || news === last) return;
      last = news;
      // The permission may have been revoked.
      const isFollowed = plugins.some(
        ({ id, granted }) => following.has(id) && granted.includes('recording'),
      );
      if (isFollowed) channel.sendNotification(RecordingChangedNotification.type, forPlugins(status));
    });
  }
}

function newsOf(status: RecordingStatus | undefined): string | undefined {
  if (status === undefined) return undefined;
  const { state, file, files, error } = status;
  return JSON.stringify([state, file, files, error?.message]);
}

function forPlugins({
  state,
  file,
  format,
  files,
  recordedMs,
  writtenBytes,
  lostMs,
  error,
}: RecordingStatus): PluginRecordingStatus {
  return {
    ...{ state, format, files, recordedMs, writtenBytes, lostMs },
    ...(file === undefined ? {} : { file }),
    ...(error === undefined ? {} : { error: error.message }),
  };
}
