import assert from 'node:assert/strict';
import { MainThreadPermissions } from '../../../src/core/main-thread/main-thread-permissions.js';
import { PermissionRequests } from '../../../src/core/main-thread/permission-requests.js';
import { Questions } from '../../../src/core/streamer/questions.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import type { NoticeParams } from '../../../src/protocol/control.js';
import {
  GrantedPermissionsNotification,
  type GrantedPermissionsParams,
  RequestPermissionRequest,
} from '../../../src/protocol/plugin-permissions.js';
import { eventually } from '../../support/wait.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

describe("a plugin's request for a permission", () => {
  let questions: Questions;
  let notices: Omit<NoticeParams, 'atMs'>[];
  let host: FakeHost;
  let plugin: InstalledPlugin;
  let told: GrantedPermissionsParams[];

  beforeEach(() => {
    questions = new Questions();
    notices = [];
    told = [];
    const requests = new PermissionRequests(questions, { notice: (notice) => notices.push(notice) });
    requests.grant = async (asking, permission) => {
      asking.granted = [...asking.granted, permission];
      host.didRegrant.fire();
    };
    plugin = installedPlugin('p', {
      permissions: ['audio'],
      optionalPermissions: [
        'scenes',
        'sources',
        'network:*.example.com',
        'overlays',
        'broadcast.control',
        'broadcast.marker',
      ],
    });
    host = new FakeHost(new MainThreadPermissions(requests), [plugin], (connection) =>
      connection.onNotification(GrantedPermissionsNotification.type, (params) => void told.push(params)),
    );
  });

  afterEach(() => {
    host.dispose();
    questions.dispose();
  });

  const request = (permission: unknown) =>
    host.request(RequestPermissionRequest.method, { plugin: 'p', permission });
  const question = () => eventually('the question', () => questions.list()[0]);
  const answer = async (action: string | null) => questions.answer((await question()).id, action);

  it('is a question to the streamer, whose yes is told to the host first', async () => {
    const asked = request('network:api.example.com');
    const { message, actions, id } = await question();
    assert.equal(message, 'wants to connect to api.example.com (network:api.example.com)');
    assert.deepEqual(notices[0]?.question, { id, actions });
    await answer('Allow');
    assert.equal(await asked, true);
    assert.deepEqual(told, [{ granted: { p: ['network:api.example.com'] } }]);
    assert.equal(await request('network:api.example.com'), true);
    assert.deepEqual(questions.list(), []);
  });

  it('is not repeated after a no, and is after no answer', async () => {
    const refused = request('scenes');
    await answer("Don't allow");
    assert.deepEqual([await refused, await request('scenes')], [false, false]);
    const dismissed = request('sources');
    await answer(null);
    assert.equal(await dismissed, false);
    const again = request('sources');
    await answer('Allow');
    assert.equal(await again, true);
  });

  it('is one question for the same permission, and waits for another one', async () => {
    const [one, two] = [request('scenes'), request('scenes')];
    await question();
    await assert.rejects(request('sources'), { code: 'rpc.busy' });
    assert.equal(questions.list().length, 1);
    await answer('Allow');
    assert.deepEqual(await Promise.all([one, two]), [true, true]);
  });

  it('is refused for what the manifest does not name, and for what is no permission', async () => {
    await assert.rejects(request('network'), { code: 'permission.denied', remedy: /"optionalPermissions"/ });
    await assert.rejects(request('network:example.com'), { code: 'permission.denied' });
    await assert.rejects(request('network:*'), { code: 'config.invalid' });
    await assert.rejects(request('x'.repeat(1000)), { code: 'plugin.failed' });
    // Revoked.
    assert.equal(await request('audio'), false);
    assert.deepEqual(questions.list(), []);
  });

  it('is bounded', async () => {
    for (let count = 0; count < 5; count += 1) {
      const asked = request('scenes');
      await answer(null);
      assert.equal(await asked, false);
    }
    await assert.rejects(request('scenes'), { code: 'rpc.busy' });
  });

  it('is withdrawn with its host', async () => {
    request('scenes').catch(() => {});
    await question();
    host.dispose();
    await eventually('withdrawn', () => (questions.list().length === 0 ? true : undefined));
  });
});
