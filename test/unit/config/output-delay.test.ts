import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/load-config.js';
import { tempDir } from '../../support/temp.js';

describe('the delay of an output', () => {
  const folder = tempDir('output-delay');
  after(() => folder.dispose());

  function load(delaySeconds: unknown, bitrateKbps = 6000): unknown {
    const file = join(folder.path, 'show.jsonc');
    const output = { id: 'main', url: 'rtmp://127.0.0.1/app', delaySeconds };
    writeFileSync(file, JSON.stringify({ video: { bitrateKbps }, outputs: [output] }));
    return loadConfig(file, {}, folder.path).config.outputs[0]?.delaySeconds;
  }

  it('is up to half an hour', () => {
    assert.equal(load(60), 60);
    assert.equal(load(0.5), 0.5);
    assert.equal(load(1800), 1800);
    assert.throws(() => load(1801), /delaySeconds.*1800/);
    assert.throws(() => load(-1), /delaySeconds/);
    assert.throws(() => load('30 s'), /delaySeconds: expected a number/);
  });

  it('has to fit into memory at the bitrate, unless it is on disk', () => {
    assert.equal(load(15, 100_000), 15);
    assert.equal(load(61, 100_000), 61);
    assert.throws(
      () => load(30, 100_000),
      /show\.jsonc:1:\d+: a delay of up to 60 s is held in memory, and has room for 17 s at 100160 kbit\/s; got 30/,
    );
  });
});
