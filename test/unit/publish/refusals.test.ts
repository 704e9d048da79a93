import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NoAnswerError } from '../../../src/core/publish/published-output.js';
import { isPermanent, Refusals, type SessionStage } from '../../../src/core/publish/rtmp/refusals.js';
import { parseOutputAddress, redirectedTarget } from '../../../src/core/publish/rtmp/rtmp-target.js';
import type { BulkheadError } from '../../../src/protocol/errors.js';
import { RtmpProtocolError } from '../../../src/rtmp/messages.js';
import { RtmpClosedError, RtmpCommandError } from '../../../src/rtmp/rtmp-connection.js';
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
  it("is shown in the server's own words, as far as they are known", () => {
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
      'the name of the server to which live.example:1935 redirects cannot be resolved (ENOTFOUND)',
    );
  });

  it('is attributed to TLS or to port 1935 only if that is possible', () => {
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

  it('depends on what was in progress when the server closed the connection', () => {
    const closed = (stage: SessionStage) => refusals.from(new RtmpClosedError(), stage);
    for (const [stage, message, remedy] of [
      ['connecting', /before the RTMP handshake$/, /rtmps:\/\/ instead of rtmp:\/\//],
      ['handshake', /before the RTMP handshake$/, /rtmps:\/\/ instead of rtmp:\/\//],
      ['connect', /when it got the application's name/, /path of the address/],
      ['createStream', /when it got the stream key/, /the key is wrong/],
      ['publish', /when it got the stream key/, /the key is wrong/],
      ['live', /closed the connection$/, /reconnects automatically/],
    ] as const) {
      const error = closed(stage);
      assert.equal(error.code, 'output.closed', stage);
      assert.equal(error.where, 'outputs.main');
      assert.match(error.message, message);
      assert.match(error.remedy ?? '', remedy);
      assert.equal(isPermanent(error), false);
    }
  });

  it('is what broke the connection, where something did', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    assert.equal(
      refusals.from(new RtmpClosedError('gone', { cause: reset }), 'live').message,
      'the connection to live.example:1935 was lost (ECONNRESET)',
    );
    assert.match(
      refusals.from(new RtmpClosedError('gone', { cause: new RtmpProtocolError('a bad chunk') }), 'live')
        .message,
      /sent invalid RTMP: a bad chunk$/,
    );
  });

  it("is derived from the operating system's code", () => {
    const failed = (code: string) => refusals.from(Object.assign(new Error('x'), { code }), 'connecting');
    for (const [code, message] of [
      ['ENOTFOUND', 'the name live.example cannot be resolved (ENOTFOUND)'],
      ['EAI_AGAIN', 'the name live.example cannot be resolved (EAI_AGAIN)'],
      ['ECONNREFUSED', 'nothing is listening at live.example:1935'],
      ['EHOSTUNREACH', 'cannot connect to live.example:1935 (EHOSTUNREACH)'],
    ] as const) {
      assert.equal(failed(code).message, message);
      assert.equal(failed(code).code, 'output.unreachable');
    }
    assert.match(failed('no code\n at all').message, /\(no error code\)$/);
    assert.match(refusals.from('a string', 'connecting').message, /\(no error code\)$/);
  });

  it('is no trouble of TLS where there is none', () => {
    const error = Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' });
    assert.equal(refusals.from(error, 'connecting').code, 'output.unreachable');
  });

  it('ends an output only where the settings are refused', () => {
    for (const [code, permanent] of [
      ['NetStream.Publish.Denied', true],
      ['NetConnection.Connect.InvalidApp', true],
      ['NetConnection.Connect.Rejected.AuthFailed', true],
      ['NetStream.Publish.BadName', false],
    ] as const) {
      assert.equal(isPermanent(refusals.status(info(code, ''), 'publish')), permanent, code);
    }
    for (const error of [
      refusals.stalled(8),
      refusals.closedAtOnce(),
      refusals.from(new NoAnswerError(), 'live'),
    ]) {
      assert.equal(isPermanent(error), false, error.message);
    }
  });

  it('says that a login is wrong, or that one is missing', () => {
    const denied = info('NetConnection.Connect.Rejected', 'authmod=adobe code=403 need auth');
    const login = refusals.status(denied, 'connect');
    assert.equal(login.code, 'output.authFailed');
    assert.match(login.message, /has refused the login/);
    const nobody = new Refusals(parseOutputAddress({ url: 'rtmp://h/app', key: 'k' }, 'o'), 'o');
    assert.match(nobody.status(denied, 'connect').message, /requires a login/);
  });

  it('says of the stream what it was refused for', () => {
    const denied = info('NetStream.Publish.Denied', 'not allowed');
    const message = (stage: SessionStage) => refusals.status(denied, stage).message;
    assert.match(message('publish'), /^live\.example:1935 has refused the stream: /);
    assert.match(message('live'), /^live\.example:1935 has ended the stream: /);
    const noApp = refusals.status(info('NetConnection.Connect.InvalidApp', ''), 'connect');
    assert.match(noApp.message, /has no application of that name/);
    const unauthorized = refusals.status(info('NetStream.Publish.Unauthorized', ''), 'publish');
    assert.equal(unauthorized.code, 'output.authFailed');
  });

  it('is a login only where both its parts are there', () => {
    for (const [login, missing] of [
      [{ username: 'me' }, true],
      [{ password: 'pw' }, true],
      [{ username: 'me', password: 'pw' }, false],
    ] as const) {
      const of = new Refusals(parseOutputAddress({ url: 'rtmp://h/app', key: 'k', ...login }, 'o'), 'o');
      const { message, remedy } = of.authFailed('x');
      assert.match(message, missing ? /requires a login/ : /has refused the login/);
      assert.match(remedy ?? '', missing ? /^Set the/ : /^Check the/);
    }
  });

  it('is told apart by whether the server took the connection', () => {
    const silent = (stage: SessionStage) => refusals.from(new NoAnswerError(), stage);
    assert.match(silent('connecting').message, /1935 did not respond$/);
    assert.match(silent('connecting').remedy ?? '', /^Check the address/);
    assert.match(silent('handshake').message, /took the connection and then did not respond$/);
    assert.match(silent('handshake').remedy ?? '', /overloaded or hangs/);
  });

  it('is one of TLS only with TLS, and of its handshake only before that is over', () => {
    const secure = new Refusals(parseOutputAddress({ url: 'rtmps://[::1]/app', key: 'k' }, 'o'), 'o');
    const expired = Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' });
    assert.equal(secure.from(expired, 'connecting').code, 'output.tls');
    assert.match(secure.from(expired, 'connecting').message, /\[::1\]:443/);
    assert.equal(secure.from(expired, 'live').code, 'output.closed');
    const closed = secure.from(new RtmpClosedError(), 'handshake');
    assert.equal(closed.remedy, 'Check the port of the address.');
    assert.match(secure.from(null, 'connecting').message, /\(no error code\)$/);
  });

  it('shows each code that is known, and the words beside it', () => {
    const known = [
      ...[
        'Failed',
        'Rejected',
        'InvalidApp',
        'AppShutdown',
        'Closed',
        'Success',
        'IdleTimeout',
        'NetworkChange',
      ].map((name) => `NetConnection.Connect.${name}`),
      ...['Failed', 'BadVersion', 'Prohibited'].map((name) => `NetConnection.Call.${name}`),
      ...['BadName', 'Denied', 'Rejected', 'Failed', 'Unauthorized', 'Idle', 'Start'].map(
        (name) => `NetStream.Publish.${name}`,
      ),
      ...['Failed', 'Connect.Failed', 'Connect.Rejected', 'Connect.Closed', 'Unpublish.Success'].map(
        (name) => `NetStream.${name}`,
      ),
    ];
    const of = new Refusals(parseOutputAddress({ url: 'rtmp://h/app', key: KEY }, 'o'), 'o');
    for (const code of known) {
      assert.equal(of.reasonOf(info(code, 'http 503')), `${code} – http 503`);
    }
  });

  it('shows no value of a query, nor half of a long secret', () => {
    const of = (url: string, key: string) =>
      new Refusals(parseOutputAddress({ url, key }, 'o'), 'o').reasonOf(info('', 'the stream key is wrong'));
    assert.equal(of('rtmp://h/app', 'other'), 'the stream key is wrong');
    const hidden = 'its reason is not shown, since it may hold the stream key';
    assert.equal(of('rtmp://h/app?token=wrong', 'other'), hidden);
    assert.equal(of('rtmp://h/app', 'name?a=1&auth=wrong'), hidden);
    assert.equal(of('rtmp://h/app', 'wrong?a=b'), hidden);
    assert.equal(of('rtmp://h/app', 'Stream-Key-0123456789'), 'the stream key is wrong');
    assert.equal(of('rtmp://h/app', 'Stream-Key-01234567'), hidden);
  });

  it('is not changed if it is already a refusal', () => {
    const told = refusals.closedAtOnce();
    assert.equal(refusals.from(told, 'live'), told);
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
