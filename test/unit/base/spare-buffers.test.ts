import assert from 'node:assert/strict';
import { SpareBuffers } from '../../../src/base/spare-buffers.js';

describe('spare buffers', () => {
  it('are taken again when they were given back, if they are as large', () => {
    const buffers = new SpareBuffers();
    const first = buffers.take(8);
    assert.equal(first.length, 8);
    assert.notEqual(buffers.take(8), first, 'it is in use');
    buffers.give(first);
    assert.equal(buffers.take(8), first);
    assert.notEqual(buffers.take(8), first);
    buffers.give(first);
    assert.equal(buffers.take(10).length, 10);
    assert.notEqual(buffers.take(8), first, 'it was of no use');
  });
});
