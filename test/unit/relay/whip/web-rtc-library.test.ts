import assert from 'node:assert/strict';
import { loadWebRtc } from '../../../../src/relay/whip/web-rtc-library.js';

describe('the library for WebRTC', () => {
  it('is installed here, and explained where it is not', async () => {
    assert.equal(typeof (await loadWebRtc()).PeerConnection, 'function');
    await assert.rejects(
      loadWebRtc(() => Promise.reject(new Error('Cannot find package'))),
      { code: 'platform.unsupported', message: /^WHIP needs the package node-datachannel/ },
    );
  });
});
