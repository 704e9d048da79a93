import type { Status } from '../../src/protocol/control.js';

/** The status of an idle core; tests change what they need. */
export const IDLE_STATUS: Status = {
  revision: 1,
  state: 'idle',
  mode: 'spawn',
  address: '/nowhere',
  uptimeMs: 0,
  core: { pid: 1, startedAtMs: 1_700_000_000_000, rssBytes: 80_000_000, version: '0.0.0' },
  encoder: {
    pid: 0,
    ...{ videoPid: 0, audioPid: 0, heldVideoPid: 0, heldAudioPid: 0 },
    ...{ skippedSlots: 0, repeatedFrames: 0 },
    epoch: 0,
    restarts: 0,
    state: 'stopped',
    isolated: true,
    fps: 0,
    bitrateKbps: 0,
  },
  sources: [],
  canvases: [],
  ingests: [],
  extensionHosts: [],
  outputs: [],
  timeline: {
    videoFrames: 0,
    audioFrames: 0,
    lastTimestampMs: 0,
    splices: 0,
    lastGapMs: 0,
    maxGapMs: 0,
    transitP99Ms: 0,
  },
  markers: [],
  questions: [],
  progress: [],
};
