import type { FlightRecorder } from '../flight/flight-recorder.js';
import type { Ingests } from '../ingest/ingests.js';
import type { Recordings } from '../recording/recordings.js';
import type { Replays } from '../replay/replays.js';
import type { EncoderStub } from '../stubs/encoder-stub.js';
import type { LiveServerStub } from '../stubs/live-server-stub.js';

/** The parts of the encoder's stub that the broadcast uses. */
export type BroadcastEncoder = Pick<
  EncoderStub,
  | 'start'
  | 'stop'
  | 'status'
  | 'inputStatus'
  | 'sources'
  | 'canvases'
  | 'levels'
  | 'onDidMeasure'
  | 'onDidFinish'
  | 'onDidGiveUp'
  | 'onDidCrash'
  | 'onDidRecoverInput'
  | 'onDidFallBehind'
  | 'onDidCatchUp'
  | 'reconfigure'
  | 'setRenditions'
  | 'onDidHaveProblem'
  | 'onDidReportSources'
>;

/** The parts of the live server's stub that it uses. */
export type BroadcastLiveServer = Pick<
  LiveServerStub,
  'start' | 'stop' | 'status' | 'onDidMove' | 'onDidLoseAddress'
>;

/** The parts of the ingests that it uses. */
export type BroadcastIngests = Pick<
  Ingests,
  'prepare' | 'start' | 'stop' | 'status' | 'inputStatus' | 'carries' | 'onDidPublish' | 'headersOf'
>;

/** The parts of the recordings that it uses. */
export type BroadcastRecordings = Pick<Recordings, 'begin' | 'push' | 'mark' | 'end' | 'status' | 'reports'>;

/** The parts of the replays that it uses. */
export type BroadcastReplays = Pick<Replays, 'begin' | 'push' | 'end' | 'status' | 'onDidSave'>;

/** Receives what happens on air. */
export type BroadcastFlight = Pick<FlightRecorder, 'push' | 'packet' | 'note'>;
