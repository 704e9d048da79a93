import assert from 'node:assert/strict';
import sinon from 'sinon';
import { PluginStore } from '../../../../src/core/extension-hosts/store/plugin-store.js';
import { StoredRecords } from '../../../../src/plugins/library/stored-records.js';
import { BulkheadError, ErrorCodes } from '../../../../src/protocol/errors.js';
import { type TempDir, tempDir } from '../../../support/temp.js';
import { installedPlugin } from '../installed-plugin.js';

const titles = installedPlugin('me.titles', {
  storageMb: 3,
  contributes: {
    commands: [],
    configuration: { properties: { apiKey: { type: 'secret' }, size: { type: 'number' } } },
    events: [],
    statusItems: [],
  },
});

describe('what is known of one plugin', () => {
  let folder: TempDir;
  let data: PluginStore;
  let open: sinon.SinonStub<[], Promise<void>>;
  let records: StoredRecords;

  beforeEach(() => {
    folder = tempDir('records');
    data = new PluginStore(folder.path, { warn: () => {} });
    open = sinon.stub<[], Promise<void>>().resolves();
    const get = (id: string) => {
      throw new BulkheadError(ErrorCodes.pluginNotInstalled, `the plugin "${id}" is not installed`);
    };
    records = new StoredRecords({
      library: { open, get },
      running: { find: () => undefined, plugins: [titles] },
      data,
    });
  });
  afterEach(() => {
    data.dispose();
    folder.dispose();
  });

  const set = (key: string, value: string | null) => records.setSecret({ id: 'me.titles', key, value });
  const secrets = async () =>
    (await records.details({ id: 'me.titles' })).secrets.map(
      ({ key, isSet, isDeclared }) => `${key} ${isSet} ${isDeclared}`,
    );

  it('are its settings, its secrets without what they are, and what it has stored', async () => {
    await data.secrets('me.titles').set('session', 'its own');
    assert.deepEqual(await secrets(), ['apiKey false true', 'session true false']);
    await set('apiKey', 'hunter2');
    assert.deepEqual(await secrets(), ['apiKey true true', 'session true false']);
    assert.equal(await data.secrets('me.titles').get('apiKey'), 'hunter2');
    const details = await records.details({ id: 'me.titles' });
    assert.deepEqual(Object.keys(details.settings['properties'] as object), ['apiKey', 'size']);
    assert.equal(details.storage.files.quotaBytes, 3 * 1024 * 1024);
    assert.doesNotMatch(JSON.stringify(details), /hunter2|its own/);
  });

  it('takes secrets that are declared, and removes any, while the library is this one’s', async () => {
    await data.secrets('me.titles').set('session', 'its own');
    await set('session', null);
    await set('apiKey', 'x');
    await set('apiKey', null);
    assert.deepEqual(await secrets(), ['apiKey false true']);
    sinon.assert.callCount(open, 3);
    open.rejects(new BulkheadError(ErrorCodes.libraryInUse, 'in use'));
    await assert.rejects(set('apiKey', 'x'), { code: 'library.inUse' });
    assert.deepEqual(await secrets(), ['apiKey false true']);
  });

  it('refuses other names, with what would be right', async () => {
    await data.secrets('me.titles').set('session', 'its own');
    const refused = (key: string, value: string | null, remedy: string) =>
      assert.rejects(set(key, value), {
        ...{ code: 'config.invalid', message: `the plugin "me.titles" declares no secret "${key}"`, remedy },
      });
    await refused('apikey', 'hunter2', 'Did you mean "apiKey"?');
    await refused('size', '5', 'It declares "apiKey".');
    await refused('session', 'hunter2', 'It declares "apiKey".');
    await refused('nothing', null, 'It declares "apiKey".');
    await assert.rejects(records.setSecret({ id: 'other', key: 'apiKey', value: 'x' }), {
      code: 'plugin.notInstalled',
    });
    sinon.assert.notCalled(open);
  });
});
