import assert from 'node:assert/strict';
import { feedName, RecordingSchema } from '../../../src/config/recording-schema.js';
import type { RecorderView } from '../../../src/core/recording/recording.js';
import {
  type RecordedBroadcast,
  type RecordedFeeds,
  Recordings,
} from '../../../src/core/recording/recordings.js';
import type { RecorderTask } from '../../../src/core/stubs/recorder-stub.js';
import type { StreamTag } from '../../../src/media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import type { StartRecordingParams } from '../../../src/protocol/recording.js';
import { SILENT_LOG } from '../../support/silent-log.js';

const KEYFRAME: StreamTag = { kind: 'keyframe', timestampMs: 0, payload: Buffer.alloc(1), readAtMs: 0 };

describe('recordings', () => {
  let recordings: Recordings;
  let tasks: RecorderTask[];
  let kept: (StartRecordingParams | null)[];
  const recorder: RecorderView = {
    start: (task) => void tasks.push(task),
    stop: async () => {},
    pid: 7,
    restarts: 0,
  };

  const createRecorder = () => ({ ...recorder, dispose: () => {} });
  let wanted: string[];
  const feeds: RecordedFeeds = {
    check: ({ source }) => {
      if (source === 'gone') throw new BulkheadError(ErrorCodes.sourceNotFound, 'there is no source "gone"');
    },
    want: (all) => {
      wanted = all.map(feedName);
    },
    snapshot: () => [],
  };

  beforeEach(() => {
    wanted = [];
    [tasks, kept] = [[], []];
    recordings = new Recordings(recorder, { notice: () => {} }, SILENT_LOG, createRecorder);
  });

  afterEach(() => recordings.dispose());

  function begin(more: Partial<RecordedBroadcast> = {}, config: object = {}): void {
    recordings.begin({
      config: RecordingSchema.parse({ folder: '/rec', ...config }),
      profile: 'default',
      feeds,
      snapshot: () => [],
      scene: () => undefined,
      positionMs: () => 0,
      kept: null,
      keep: async (recording) => void kept.push(recording),
      ...more,
    });
  }

  it('begin with the broadcast where that is configured, and on command otherwise', async () => {
    begin();
    assert.deepEqual([tasks.length, recordings.status()], [0, undefined]);
    begin({}, { startWithBroadcast: true });
    assert.deepEqual([tasks.length, recordings.status()?.state], [1, 'starting']);
    await recordings.end();
    assert.equal(recordings.status()?.state, 'stopped');
    assert.deepEqual(kept, []);
  });

  it('are one at a time', async () => {
    begin();
    await recordings.startRecording({});
    await assert.rejects(recordings.startRecording({}), { code: 'recording.state', message: /already/ });
    await recordings.stopRecording();
    await assert.rejects(recordings.stopRecording(), {
      code: 'recording.state',
      message: /nothing is recorded/,
    });
    assert.equal((await recordings.startRecording({ format: 'hybrid-mp4' })).format, 'hybrid-mp4');
  });

  it('need a broadcast', async () => {
    await assert.rejects(recordings.startRecording({}), {
      code: 'recording.state',
      message: /no broadcast is on air/,
    });
    begin({}, { startWithBroadcast: true });
    await recordings.end();
    await assert.rejects(recordings.startRecording({}), { code: 'recording.state' });
  });

  it('that were begun by command are gone on with by the next core, until they are ended', async () => {
    begin();
    await recordings.startRecording({ name: 'mine' });
    assert.deepEqual(kept, [{ name: 'mine' }]);
    const next = new Recordings(recorder, { notice: () => {} }, SILENT_LOG, createRecorder);
    next.begin({
      config: RecordingSchema.parse({ folder: '/rec' }),
      profile: 'default',
      feeds,
      snapshot: () => [KEYFRAME],
      scene: () => undefined,
      positionMs: () => 0,
      kept: { name: 'mine' },
      keep: async (recording) => void kept.push(recording),
    });
    assert.equal(next.status()?.state, 'starting');
    next.dispose();
    await recordings.end();
    assert.deepEqual(kept, [{ name: 'mine' }, null]);
  });

  it('are paused, resumed and split only where that makes sense', async () => {
    begin();
    await assert.rejects(recordings.pauseRecording(), { code: 'recording.state' });
    await recordings.startRecording({});
    await assert.rejects(recordings.resumeRecording(), { message: /it is not paused/ });
    assert.equal((await recordings.pauseRecording()).state, 'paused');
    await assert.rejects(recordings.splitRecording(), { message: /is paused/ });
    await recordings.resumeRecording();
    await recordings.splitRecording();
  });

  it('are as the configuration says when they begin', async () => {
    begin();
    await recordings.startRecording({});
    recordings.configure(RecordingSchema.parse({ folder: '/rec', format: 'hybrid-mp4' }));
    assert.equal(recordings.status()?.format, 'mkv');
    await recordings.stopRecording();
    assert.equal((await recordings.startRecording({})).format, 'hybrid-mp4');
  });

  it('are of more than the programme, each with a recorder of its own', async () => {
    begin({}, { also: [{ feed: 'clean' }, { source: 'cam' }] });
    const { also } = await recordings.startRecording({});
    assert.deepEqual([tasks.length, also?.length], [3, 2]);
    assert.deepEqual(wanted, ['clean', 'cam']);
    await recordings.stopRecording();
    assert.deepEqual(wanted, []);
    await recordings.startRecording({ also: [] });
    assert.equal(tasks.length, 4);
  });

  it('refuse what there is not, and leave it out where nobody waits for an answer', async () => {
    begin();
    await assert.rejects(recordings.startRecording({ also: [{ source: 'gone' }] }), {
      code: 'source.notFound',
    });
    assert.equal(recordings.status(), undefined);
    begin({}, { also: [{ source: 'gone' }, { source: 'cam' }], startWithBroadcast: true });
    assert.deepEqual(
      recordings.status()?.also?.map(({ source }) => source),
      ['cam'],
    );
  });

  it('refuse a name that climbs out', async () => {
    begin();
    await assert.rejects(recordings.startRecording({ name: '../x' }), { code: 'config.invalid' });
    assert.equal(recordings.status(), undefined);
  });
});
