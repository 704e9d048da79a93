import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { answerChallenge } from '../../../src/rtmp/auth.js';

const credentials = { username: 'me', password: 'secret' };
const md5 = (text: string, encoding: 'hex' | 'base64') => createHash('md5').update(text).digest(encoding);

function query(answer: ReturnType<typeof answerChallenge>): Map<string, string> {
  assert.equal(answer.kind, 'retry');
  const text = answer.kind === 'retry' ? answer.query.slice(1) : '';
  return new Map(
    text.split('&').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

describe('RTMP logins', () => {
  const NEED = (scheme: string) => `[ AccessManager.Reject ] : [ code=403 need auth; authmod=${scheme} ] : `;
  const CHALLENGE = (scheme: string, parameters: string) =>
    `[ AccessManager.Reject ] : [ authmod=${scheme} ] : ?reason=needauth&user=me&${parameters}`;

  for (const scheme of ['adobe', 'llnw']) {
    it(`${scheme}: names the user first`, () => {
      const answer = answerChallenge(NEED(scheme), credentials, 'live', '');
      assert.deepEqual(answer, { kind: 'retry', query: `?authmod=${scheme}&user=me` });
    });

    it(`${scheme}: ends when the user, or the response, was not taken`, () => {
      const failed = { kind: 'failed' };
      const first = `?authmod=${scheme}&user=me`;
      assert.deepEqual(answerChallenge(NEED(scheme), credentials, 'live', first), failed);
      assert.deepEqual(answerChallenge(NEED(scheme), undefined, 'live', ''), failed);
      for (const reason of ['authfailed', 'nosuchuser']) {
        const said = `[ authmod=${scheme} ] : ?reason=${reason}&opaque=x`;
        assert.deepEqual(answerChallenge(said, credentials, 'live', first), failed);
      }
      const again = CHALLENGE(scheme, 'salt=a&nonce=b');
      assert.deepEqual(answerChallenge(again, credentials, 'live', `${first}&response=c`), failed);
    });
  }

  it('adobe: answers by opaque, else by challenge, both of which may hold equals signs', () => {
    for (const [parameters, base] of [
      ['salt=s1==&challenge=ch==&opaque=op==', 'op=='],
      ['salt=s1==&challenge=ch==', 'ch=='],
    ] as const) {
      const answer = query(answerChallenge(CHALLENGE('adobe', parameters), credentials, 'live', '?x'));
      const own = answer.get('challenge') ?? '';
      assert.match(own, /^[0-9a-f]{8}$/);
      const expected = md5(`${md5('mes1==secret', 'base64')}${base}${own}`, 'base64');
      assert.equal(answer.get('response'), expected);
      assert.equal(answer.get('user'), 'me');
    }
  });

  it('answers a challenge that lacks all that it may hold', () => {
    const adobe = query(answerChallenge(CHALLENGE('adobe', ''), credentials, 'live', '?x'));
    const own = adobe.get('challenge');
    assert.equal(adobe.get('response'), md5(`${md5('mesecret', 'base64')}${own}`, 'base64'));
    assert.equal(adobe.get('opaque'), '');
    const limelight = query(answerChallenge(CHALLENGE('llnw', ''), credentials, 'live/one', '?x'));
    const [one, two] = [md5('me:live:secret', 'hex'), md5('publish:/live/one', 'hex')];
    const expected = md5(`${one}::00000001:${limelight.get('cnonce')}:auth:${two}`, 'hex');
    assert.equal(limelight.get('response'), expected);
    assert.deepEqual([limelight.get('nonce'), limelight.get('nc')], ['', '00000001']);
  });

  it('llnw: answers like HTTP digest, with the default instance where the app names none', () => {
    for (const [app, path] of [
      ['live?a=b', 'live/_definst_'],
      ['live/one', 'live/one'],
    ] as const) {
      const answer = query(answerChallenge(CHALLENGE('llnw', 'nonce=abc'), credentials, app, '?x'));
      const one = md5('me:live:secret', 'hex');
      const two = md5(`publish:/${path}`, 'hex');
      assert.equal(
        answer.get('response'),
        md5(`${one}:abc:00000001:${answer.get('cnonce')}:auth:${two}`, 'hex'),
      );
    }
  });

  it('ignores any other refusal', () => {
    assert.deepEqual(answerChallenge('no such app', credentials, 'live', ''), { kind: 'none' });
  });
});
