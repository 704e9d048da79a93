import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { configJsonSchema, knownKeys } from '../../../src/config/json-schema.js';

describe('the JSON Schema of the configuration', () => {
  it('in the repository is up to date (else: npm run schema)', () => {
    const written: unknown = JSON.parse(readFileSync('schemas/bulkhead.schema.json', 'utf8'));
    assert.deepEqual(written, JSON.parse(JSON.stringify(configJsonSchema())));
  });

  it('has the keys of every object', () => {
    assert(knownKeys([], {}).includes('liveServer'));
    assert.deepEqual(knownKeys(['audio'], {}), ['bitrateKbps']);
    const value = { input: { type: 'file' }, outputs: [{}] };
    assert.deepEqual(knownKeys(['input'], value), ['type', 'path', 'loop']);
    assert(knownKeys(['outputs', 0], value).includes('tlsCaFile'));
    assert(knownKeys(['outputs', 0], { outputs: [{ type: 'rtmp' }] }).includes('tlsCaFile'));
    assert.deepEqual(knownKeys(['nowhere', 3], value), []);
  });
});
