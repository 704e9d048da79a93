import assert from 'node:assert/strict';
import {
  coversPermission,
  describePermission,
  grantedOf,
  isPermission,
  type Permission,
  permissionProblem,
  scopesOf,
} from '../../../../src/protocol/permissions/permissions.js';

describe('a permission', () => {
  for (const text of [
    'network',
    'scenes',
    'network:api.twitch.tv',
    'network:127.0.0.1:*',
    'file:read:~/Music',
  ])
    it(`is ${text}`, () => assert.ok(isPermission(text)));

  for (const [text, problem] of [
    [
      'fly',
      /^expected one of "broadcast.control", .*"network:api.example.com", "file:read:~\/Music", "events:raids.raid"$/,
    ],
    ['file:write:~/Music', /^expected one of/],
    ['toString', /^expected one of/],
    ['network:', /^expected a host/],
    ['network:API.example.com', /^expected "network:api.example.com", as the streamer sees it$/],
    ['file:read:~/Music/', /^expected "file:read:~\/Music", as the streamer sees it$/],
    ['file:read:~//Music', /^expected "file:read:~\/Music"/],
    ['file:read:Music', /^expected a path from "\/" or "~\/"/],
    ['file:read:~root/x', /^expected a path from "\/" or "~\/"/],
    ['file:read:/srv/../etc', /^expected a path without "\." and "\.\."/],
    ['file:read:/', /^expected less than a whole disk/],
    ['file:read:C:/', /^expected less than a whole disk/],
    ['file:read:', /^expected less than a whole disk/],
    ['file:read:/srv/*', /^expected a path without "\*"/],
    ['file:read:/srv/a,/etc', /^expected a path without "\*"/],
    ['file:read:/srv/\u001b[2J', /^expected a path without "\*"/],
  ] as const) {
    it(`is not ${JSON.stringify(text)}`, () => assert.match(permissionProblem(text) ?? '', problem));
  }

  it('includes others', () => {
    const includes = (wide: Permission, narrow: Permission) => coversPermission(wide, narrow);
    assert.ok(includes('network', 'network:api.twitch.tv'));
    assert.ok(includes('network:*.twitch.tv', 'network:api.twitch.tv'));
    assert.ok(includes('network:*.twitch.tv:*', 'network:*.api.twitch.tv:443'));
    assert.ok(includes('network:localhost:*', 'network:[::1]:80'));
    assert.ok(includes('file:read:~', 'file:read:~/Music'));
    assert.ok(!includes('network:api.twitch.tv', 'network'));
    assert.ok(!includes('network:api.twitch.tv', 'network:api.twitch.tv:*'));
    assert.ok(!includes('network:api.twitch.tv:443', 'network:api.twitch.tv'));
    assert.ok(!includes('network:127.0.0.1:*', 'network:localhost'));
    assert.ok(!includes('file:read:~/Music', 'file:read:~/Musical'));
    assert.ok(!includes('scenes', 'sources'));
  });

  it('is granted as far as it is asked for', () => {
    assert.deepEqual(grantedOf(['network:a.example', 'scenes'], ['network']), ['network:a.example']);
    assert.deepEqual(grantedOf(['network'], ['network:a.example', 'scenes']), ['network:a.example']);
    assert.deepEqual(grantedOf(['scenes', 'audio'], ['audio', 'scenes']), ['scenes', 'audio']);
  });

  it('is described in words', () => {
    assert.equal(describePermission('network'), 'connect to other computers');
    assert.equal(describePermission('network:api.twitch.tv'), 'connect to api.twitch.tv');
    assert.equal(
      describePermission('file:read:~/Music'),
      'read ~/Music and everything in it, and use programs that listen there',
    );
    assert.equal(
      describePermission('file:read:~'),
      'read everything in your home folder, and use programs that listen there',
    );
    assert.equal(describePermission('fly'), 'fly');
  });

  it('has its scope', () => {
    assert.deepEqual(scopesOf(['network', 'network:a.example:1', 'file:read:~/b'], 'network'), [
      'a.example:1',
    ]);
  });
});
