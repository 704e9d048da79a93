import * as z from '../../base/zod.js';
import { MOST_BUSES } from '../../config/mixer-schema.js';
import {
  AudioTracksSchema,
  MOST_FEEDS,
  RECORDING_FORMATS,
  RecordedFeedsSchema,
  RecordingNameSchema,
} from '../../config/recording-schema.js';
import { bounded } from '../../protocol/bounded.js';
import {
  AddChapterRequest,
  PauseRecordingRequest,
  type RecordingManagement,
  RecordingRequest,
  ResumeRecordingRequest,
  SplitRecordingRequest,
  StartRecordingRequest,
  StopRecordingRequest,
} from '../../protocol/recording.js';
import type { CheckedChannel } from '../../rpc/checked-channel.js';
import { MarkerLabel } from '../main-thread/plugin-text.js';

const Nothing = z.object({});
const Start = z.object({
  format: z.enum(RECORDING_FORMATS).optional(),
  name: RecordingNameSchema.optional(),
  also: bounded(RecordedFeedsSchema, MOST_FEEDS).optional(),
  audioTracks: bounded(AudioTracksSchema, MOST_BUSES).optional(),
});
const Chapter = z.object({ title: MarkerLabel });

/** Serves recording to one client of the control API. */
export function serveRecording(channel: CheckedChannel, recordings: RecordingManagement): void {
  channel.serve(RecordingRequest.type, Nothing, () => recordings.recording());
  channel.serve(StartRecordingRequest.type, Start, (params) => recordings.startRecording(params));
  channel.serve(StopRecordingRequest.type, Nothing, () => recordings.stopRecording());
  channel.serve(PauseRecordingRequest.type, Nothing, () => recordings.pauseRecording());
  channel.serve(ResumeRecordingRequest.type, Nothing, () => recordings.resumeRecording());
  channel.serve(SplitRecordingRequest.type, Nothing, () => recordings.splitRecording());
  channel.serve(AddChapterRequest.type, Chapter, (params) => recordings.addChapter(params));
}
