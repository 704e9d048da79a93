import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseOutputAddress, redirectedTarget } from '../../../src/core/publish/output-url.js';
import { NoAnswerError, Refusals } from '../../../src/core/publish/refusal.js';
import { RtmpCommandError } from '../../../src/core/publish/rtmp/rtmp-connection.js';
import type { BulkheadError } from '../../../src/protocol/errors.js';
import { ENCODINGS, findSecret } from '../../support/encodings.js';
import { assertPrintable, HOSTILE } from '../../support/hostile-text.js';

const KEY = 'Zq7fK2_Xw9bT4mP8vRjY';
const target = parseOutputAddress(
  { url: 'rtmp://live.example/app', key: KEY, username: 'me', password: KEY },
  'o',
);
const refusals = new Refusals(target, 'outputs.main');

const info = (code: string, description: string) => ({ level: 'error', code, description, tcUrl: undefined });
const text = (error: BulkheadError) =>
  `${JSON.stringify(error.toData())} ${error.stack} ${String(error.cause)}`;

describe('why a server refused', () => {
  it('is told in its own words, as far as they are known', () => {
    const said = (code: string, description: string, key = KEY) => {
      const refused = new Refusals(parseOutputAddress({ url: 'rtmp://h/app', key }, 'o'), 'o');
      return refused.reasonOf(info(code, description));
    };
    assert.equal(
      said('NetStream.Publish.BadName', 'Already publishing'),
      'NetStream.Publish.BadName – already publishing',
    );
    assert.equal(
      said(
        'NetConnection.Connect.Rejected',
        '[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ',
      ),
      'NetConnection.Connect.Rejected – … reject code 403 need auth …',
    );
    assert.equal(said('', ''), 'no reason given');
    assert.equal(said('NetStream.Publish.Denied', ''), 'NetStream.Publish.Denied');
    const hidden = 'its reason is not shown, since it may hold the stream key';
    assert.equal(said('Some.Code', 'geheim'), hidden);
    assert.equal(said('', 'the stream limit is reached', 'my-stream-limit'), hidden);
    assert.equal(said('', 'no such stream', 'stream'), hidden);
    assert.equal(said('', 'not allowed', 'a'), hidden);
  });

  it('never holds the key, in any encoding, wherever the server puts it', () => {
    for (const [name, encode] of Object.entries(ENCODINGS)) {
      const echo = encode(KEY);
      for (const stage of ['connect', 'publish', 'live'] as const) {
        for (const said of [
          info('NetStream.Publish.BadName', `${echo} is in use`),
          info(`NetStream.Publish.${echo}`, 'denied'),
          info(echo, echo),
          info('NetConnection.Connect.InvalidApp', `no ${echo}`),
          info('NetConnection.Connect.Rejected', `[ ${echo} ] authmod=adobe code=403 need auth`),
        ]) {
          const error = refusals.status(said, stage);
          assert.deepEqual(findSecret(text(error), KEY), [], `${name}: ${text(error)}`);
          const command = new RtmpCommandError(said);
          assert.deepEqual(findSecret(`${command.message} ${command.stack}`, KEY), [], name);
          const other = refusals.from(new Error(echo), 'connecting');
          assert.deepEqual(findSecret(JSON.stringify(other.toData()), KEY), [], name);
        }
      }
    }
  });

  it('does not show where the server redirects to', () => {
    const redirected = redirectedTarget(target, `rtmp://${KEY.toLowerCase().replace('_', '-')}.example/app`);
    assert.ok(redirected);
    const error = new Refusals(redirected, 'o', target).from(
      Object.assign(new Error('x'), { code: 'ENOTFOUND' }),
      'connecting',
    );
    assert.equal(
      error.message,
      'the name of the server that live.example:1935 redirects to cannot be resolved (ENOTFOUND)',
    );
  });

  it('is blamed on TLS or on port 1935 only where that can be', () => {
    const remedy = (url: string) => {
      const refused = new Refusals(parseOutputAddress({ url, key: 'k' }, 'o'), 'o');
      return refused.from(new NoAnswerError(), 'connecting').remedy;
    };
    assert.match(remedy('rtmp://h/app') ?? '', /some networks block port 1935/);
    assert.equal(remedy('rtmp://h:1936/app'), 'Check the address, the network and the firewall.');
    const secure = remedy('rtmps://h:1935/app') ?? '';
    assert.match(secure, /If port 1935 is one without TLS, write rtmp:\/\/ instead of rtmps:\/\/\.$/);
    assert.doesNotMatch(secure, /some networks/);
  });

  it('is one short printable line, whatever the server sent', () => {
    const unit = fc.constantFrom('stream ', 'key ', 'not ', 'x', ' ', '\n', '\x1b[2J', '\u202e', HOSTILE);
    fc.assert(
      fc.property(fc.string({ unit }), fc.string({ unit }), (code, description) => {
        const reason = refusals.reasonOf(info(code, description));
        assert.ok(reason.length < 300, reason);
        assert.ok(!reason.includes('\n'));
        assertPrintable(reason, 'reason');
      }),
    );
  });
});
