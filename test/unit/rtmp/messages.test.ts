import assert from 'node:assert/strict';
import {
  ChunkStream,
  MessageType,
  pingResponse,
  streamBegin,
  uint32Message,
} from '../../../src/rtmp/messages.js';

/** Adobe, "Real Time Messaging Protocol", 1.0, sections 5.4 and 7.1. */
describe('RTMP messages', () => {
  it('have the types of the specification', () => {
    assert.deepEqual(Object.entries(MessageType), [
      ['setChunkSize', 1],
      ['abort', 2],
      ['acknowledgement', 3],
      ['userControl', 4],
      ['windowAcknowledgementSize', 5],
      ['setPeerBandwidth', 6],
      ['audio', 8],
      ['video', 9],
      ['dataAmf3', 15],
      ['dataAmf0', 18],
      ['commandAmf3', 17],
      ['commandAmf0', 20],
    ]);
  });

  it('are sent in a chunk stream for each kind', () => {
    assert.deepEqual(ChunkStream, { control: 2, command: 3, audio: 4, data: 5, video: 6 });
  });

  it('of control belong to the connection, and have no time', () => {
    const control = (type: number, hex: string) => ({
      type,
      streamId: 0,
      timestamp: 0,
      payload: Buffer.from(hex, 'hex'),
    });
    assert.deepEqual(uint32Message(3, 2 ** 32 + 0x0102_0304), control(3, '01020304'));
    assert.deepEqual(streamBegin(0x0a0b), control(4, '000000000a0b'));
    assert.deepEqual(pingResponse(Buffer.from('0102030405', 'hex')), control(4, '000701020304'));
  });
});
