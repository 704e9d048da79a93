import {
  AddChapterRequest,
  type ChapterParams,
  PauseRecordingRequest,
  type RecordingManagement,
  RecordingRequest,
  type RecordingStatus,
  ResumeRecordingRequest,
  SplitRecordingRequest,
  type StartRecordingParams,
  StartRecordingRequest,
  StopRecordingRequest,
} from '../protocol/recording.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

/** A slow disk takes a while to end a file, ms. */
const deadline = { deadlineMs: 60_000 };

/** The recording of a running core. */
export class RemoteRecording implements RecordingManagement {
  constructor(private readonly connection: RpcConnection) {}

  recording(): Promise<RecordingStatus | null> {
    return this.connection.sendRequest(RecordingRequest.type, {});
  }

  startRecording(params: StartRecordingParams): Promise<RecordingStatus> {
    return this.connection.sendRequest(StartRecordingRequest.type, params, deadline);
  }

  stopRecording(): Promise<RecordingStatus> {
    return this.connection.sendRequest(StopRecordingRequest.type, {}, deadline);
  }

  pauseRecording(): Promise<RecordingStatus> {
    return this.connection.sendRequest(PauseRecordingRequest.type, {});
  }

  resumeRecording(): Promise<RecordingStatus> {
    return this.connection.sendRequest(ResumeRecordingRequest.type, {});
  }

  splitRecording(): Promise<RecordingStatus> {
    return this.connection.sendRequest(SplitRecordingRequest.type, {});
  }

  addChapter(params: ChapterParams): Promise<RecordingStatus> {
    return this.connection.sendRequest(AddChapterRequest.type, params);
  }
}
