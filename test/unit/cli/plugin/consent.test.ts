import assert from 'node:assert/strict';
import { consentToDowngrade, consentToSource, grantedTo } from '../../../../src/cli/plugin/consent.js';
import { Printer } from '../../../../src/cli/terminal/printer.js';
import type { InstalledPlugin } from '../../../../src/plugins/installed-plugin.js';
import type { Permission } from '../../../../src/protocol/permissions/permissions.js';
import type { PluginInfo } from '../../../../src/protocol/plugin-management.js';

const plugin = (...permissions: Permission[]) =>
  ({
    ...{ id: 'p', version: '2.0.0', permissions, optionalPermissions: [], storageMb: 512 },
  }) as unknown as InstalledPlugin;
const ASKING = { yes: false, enforcesScopes: true };
const YES = { yes: true, enforcesScopes: true };
const installed = (asked: Permission[], granted: Permission[]) =>
  ({ asked, granted }) as unknown as PluginInfo;

describe("the streamer's consent to what a plugin may do", () => {
  let printed: string;
  let questions: string[];

  beforeEach(() => {
    printed = '';
    questions = [];
  });

  const stderr = new Printer({ write: (text: string) => (printed += text) }, {});
  const answering = (answer: string) => ({
    stderr,
    ask: async (question: string) => {
      questions.push(question);
      return answer;
    },
  });
  const nobody = { stderr };

  it('is not requested for a plugin without permissions', async () => {
    assert.deepEqual(await grantedTo(plugin(), undefined, ASKING, nobody), []);
  });

  it('is requested with a description of the permissions', async () => {
    assert.deepEqual(await grantedTo(plugin('network'), undefined, ASKING, answering('y')), ['network']);
    assert.equal(printed, '"p" 2.0.0 may then:\n  connect to other computers (network)\n');
    assert.deepEqual(questions, ['Install it? [y/N] ']);
  });

  for (const answer of ['', 'n', 'no', 'yesterday']) {
    it(`is not given by ${JSON.stringify(answer)}`, async () => {
      await assert.rejects(grantedTo(plugin('network'), undefined, ASKING, answering(answer)), {
        code: 'permission.denied',
        message: '"p" 2.0.0 was not installed',
      });
    });
  }

  it('is given by --yes, and missing without a terminal', async () => {
    assert.deepEqual(await grantedTo(plugin('network'), undefined, YES, nobody), ['network']);
    await assert.rejects(grantedTo(plugin('network', 'broadcast.control'), undefined, ASKING, nobody), {
      code: 'permission.denied',
      message:
        '"p" 2.0.0 requests permission to connect to other computers (network), to start and end the broadcast (broadcast.control)',
    });
  });

  it('is requested again only for new permissions, and revoked ones stay revoked', async () => {
    const old = installed(['broadcast.control'], []);
    assert.deepEqual(await grantedTo(plugin('broadcast.control'), old, YES, nobody), []);
    assert.deepEqual(await grantedTo(plugin('broadcast.control', 'network'), old, ASKING, answering('yes')), [
      'network',
    ]);
    assert.equal(printed, '"p" 2.0.0 may then:\n  connect to other computers (network)\n');
    assert.deepEqual(questions, ['Update it? [y/N] ']);
  });

  it('is requested for a plugin that needs more than the default storage, and again if it needs more', async () => {
    const storing = (storageMb: number) => ({ ...plugin(), storageMb });
    assert.deepEqual(await grantedTo(storing(512), undefined, ASKING, nobody), []);
    await assert.rejects(grantedTo(storing(2048), undefined, ASKING, nobody), {
      code: 'permission.denied',
      message: '"p" 2.0.0 requests permission to store up to 2048 MB on this computer',
    });
    const agreed = { ...installed([], []), storageMb: 2048 };
    assert.deepEqual(await grantedTo(storing(2048), agreed, ASKING, nobody), []);
    assert.deepEqual(await grantedTo(storing(4096), agreed, ASKING, answering('y')), []);
    assert.equal(printed, '"p" 2.0.0 may then:\n  store up to 4096 MB on this computer\n');
  });

  it('is requested for hosts in words, and again only for more', async () => {
    const scoped = plugin('network:api.twitch.tv', 'network:*.example.com:*');
    assert.deepEqual(await grantedTo(scoped, undefined, ASKING, answering('y')), scoped.permissions);
    assert.equal(
      printed,
      '"p" 2.0.0 may then:\n' +
        '  connect to api.twitch.tv (network:api.twitch.tv)\n' +
        '  connect to every host below example.com, any port (network:*.example.com:*)\n',
    );
    const narrower = plugin('network:a.example.com', 'network:api.twitch.tv:443');
    const old = installed([...scoped.permissions], [...scoped.permissions]);
    assert.deepEqual(await grantedTo(narrower, old, ASKING, nobody), narrower.permissions);
    printed = '';
    const wider = plugin('network:*.twitch.tv', 'network:a.example.com');
    assert.deepEqual(await grantedTo(wider, old, ASKING, answering('y')), [
      'network:a.example.com',
      'network:api.twitch.tv',
      'network:*.twitch.tv',
    ]);
    assert.equal(
      printed,
      '"p" 2.0.0 may then:\n  connect to every host below twitch.tv (network:*.twitch.tv)\n',
    );
  });

  it('names what the plugin may ask for later, and says where hosts are not enforced', async () => {
    const optional = { ...plugin('scenes'), optionalPermissions: ['network:api.twitch.tv'] as const };
    const here = { yes: false, enforcesScopes: false };
    assert.deepEqual(await grantedTo(optional, undefined, here, answering('y')), ['scenes']);
    assert.match(
      printed,
      /^"p" 2\.0\.0 may then:\n {2}see, change and switch scenes \(scenes\)\nIt may ask you later, to:\n {2}connect to api\.twitch\.tv .*\nOn this computer only its own process checks/,
    );
  });

  describe('to a plugin from another source', () => {
    const consent = (data: 'keep' | 'fresh' | undefined, who: Parameters<typeof grantedTo>[3]) =>
      consentToSource('me.p', 'chat@1.0.0', '/home/p.tgz', data, who);

    for (const [answer, data] of [
      ['keep', 'keep'],
      ['D', 'fresh'],
    ] as const) {
      it(`is given by ${answer}`, async () => {
        assert.equal(await consent(undefined, answering(answer)), data);
        assert.match(
          printed,
          /"me\.p" was installed from chat before\.\nThis one is from \/home\/p\.tgz; anyone can/,
        );
      });
    }

    for (const answer of ['', 'y', 'n', 'kept']) {
      it(`is not given by ${JSON.stringify(answer)}`, () =>
        assert.rejects(consent(undefined, answering(answer)), { code: 'permission.denied' }));
    }

    it('is given by the option, and missing without a terminal', async () => {
      assert.equal(await consent('fresh', nobody), 'fresh');
      await assert.rejects(consent(undefined, nobody), {
        code: 'plugin.otherSource',
        remedy: /--data keep .*secrets included, or --data fresh/,
      });
    });
  });

  it('is removed for permissions that the new version does not ask for', async () => {
    const old = installed(['network', 'broadcast.control'], ['network', 'broadcast.control']);
    assert.deepEqual(await grantedTo(plugin('network'), old, ASKING, nobody), ['network']);
  });
});

describe("the streamer's consent to an older version", () => {
  let printed: string;

  beforeEach(() => {
    printed = '';
  });

  const stderr = new Printer({ write: (text: string) => (printed += text) }, {});
  const to = (version: string, yes: boolean, answer?: string) =>
    consentToDowngrade({ id: 'p', version }, '2.0.0', yes, {
      stderr,
      ...(answer === undefined ? {} : { ask: async () => answer }),
    });

  it('is not needed for the same version, or a newer one', async () => {
    await to('2.0.0', false);
    await to('2.0.1', false);
    assert.equal(printed, '');
  });

  it('is asked for, or given by --yes, and said in any case', async () => {
    await to('1.9.0', false, 'y');
    await to('1.9.0', true);
    assert.equal(printed, '"p" 1.9.0 is older than 2.0.0, which is installed.\n'.repeat(2));
    await assert.rejects(to('2.0.0-beta.1', false, ''), {
      code: 'permission.denied',
      message: '"p" 2.0.0-beta.1 was not installed',
    });
  });

  it('is missing without a terminal', async () => {
    await assert.rejects(to('1.9.0', false), {
      code: 'permission.denied',
      message: '"p" 1.9.0 is older than 2.0.0, which is installed',
      remedy: 'Give --yes to go back to it.',
    });
  });
});
