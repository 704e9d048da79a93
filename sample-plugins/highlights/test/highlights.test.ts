import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';
import { HighlightList } from '../src/highlight-list.js';

describe('highlights', () => {
  it('sets a chapter at a burst and at the command, and lists both', async () => {
    const core = await startPlugin({ settings: { startRecording: true } });
    await core.broadcast.goLive();
    assert.equal(core.recording.state, 'recording');
    await core.clock.advance(65_000);
    await core.events.fire('chat-replay.burst', { messages: 21 });
    await core.clock.advance(5000);
    await core.commands.execute('highlights.mark', 'The goal');
    assert.deepEqual(core.recording.chapters, [
      { atMs: 65_000, title: 'Chat burst: 21 messages' },
      { atMs: 70_000, title: 'The goal' },
    ]);
    assert.equal(core.statusItems['highlights'], '2 highlights');
    assert.equal(
      await core.commands.execute('highlights.list'),
      '0:00 Start\n0:55 Chat burst: 21 messages\n1:00 The goal',
    );
  });

  it('sets chapters where an output is lost and back, once each', async () => {
    const core = await startPlugin({ outputs: ['twitch', 'backup'], settings: { startRecording: true } });
    await core.broadcast.goLive();
    await core.broadcast.breakOutput('twitch');
    await core.outputs.stop('backup');
    assert.deepEqual(core.outputs.states, { twitch: 'reconnecting', backup: 'stopped' });
    await core.clock.advance(3000);
    await core.broadcast.reconnect('twitch');
    assert.deepEqual(core.recording.chapters, [
      { atMs: 0, title: 'twitch was lost' },
      { atMs: 3000, title: 'twitch is back' },
    ]);
    assert.equal(core.statusItems['highlights'], undefined, 'they are no highlights');
  });

  it('saves the seconds before a highlight, and says what has failed', async () => {
    const core = await startPlugin({ settings: { startRecording: true, replaySeconds: 20 } });
    await core.broadcast.goLive();
    await core.clock.advance(45_000);
    await core.commands.execute('highlights.mark', 'Goal 2:1');
    await core.events.fire('chat-replay.burst', { messages: 30 });
    assert.deepEqual(
      core.replay.saved.map(({ path, durationMs }) => [path, durationMs]),
      [
        ['/recordings/Goal 2 1 1.mkv', 20_000],
        ['/recordings/Chat burst  30 messages 2.mkv', 20_000],
      ],
    );
    core.replay.failNext('the disk is full');
    await core.events.fire('chat-replay.burst', { messages: 31 });
    assert.match(core.statusItems['highlights'] ?? '', /the disk is full/);
    assert.equal(core.recording.chapters.length, 3, 'chapters do not depend on it');
  });

  it('saves nothing while the streamer keeps no replays', async () => {
    const core = await startPlugin({ settings: { replaySeconds: 20 } });
    await core.broadcast.goLive();
    await core.replay.stop();
    await core.commands.execute('highlights.mark', 'Goal');
    assert.deepEqual(core.replay.saved, []);
  });

  it('says so where nothing is recorded, and what has failed', async () => {
    const core = await startPlugin();
    await core.broadcast.goLive();
    await core.events.fire('chat-replay.burst', { messages: 20 });
    assert.equal(core.statusItems['highlights'], 'not recorded: Chat burst: 20 messages');
    await core.recording.start();
    await core.recording.fail('the disk is full');
    assert.equal(core.recording.state, 'failed');
    core.faults.revoke('recording');
    await core.events.fire('chat-replay.burst', { messages: 20 });
    assert.match(core.statusItems['highlights'] ?? '', /may not record the broadcast/);
  });

  it('has times of more than an hour in the list', () => {
    const list = new HighlightList();
    list.add('late', 3_723_000);
    list.add('first', -5000);
    assert.equal(list.text, '0:00 first\n1:02:03 late');
  });
});
