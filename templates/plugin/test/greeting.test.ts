import assert from 'node:assert/strict';
import { greetingFor } from '../src/greeting';

describe('the greeting', () => {
  it('says which broadcast it is', () => {
    assert.equal(greetingFor(12, 'You are on air.'), 'You are on air. Broadcast number 12.');
  });

  it('notices the first one', () => {
    assert.equal(greetingFor(1, 'Hi!'), 'Hi! It is your first broadcast.');
  });
});
