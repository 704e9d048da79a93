import assert from 'node:assert/strict';
import { isSameText } from '../../../src/base/is-same-text.js';

it('texts of any length are compared', () => {
  assert.ok(isSameText('', '') && isSameText('token', 'token'));
  assert.ok(!isSameText('token', 'Token') && !isSameText('token', 'token2') && !isSameText('', 'x'));
});
