import assert from 'node:assert/strict';
import { MAX_PIECE_CHARACTERS } from '../../../src/protocol/channel-limits.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import {
  PluginSettingsNotification,
  type PluginSettingsParams,
  UpdateSettingRequest,
} from '../../../src/protocol/plugin-configuration.js';
import {
  ProfileNotification,
  type ProfileState,
  ReadProfileStateRequest,
  ReadStateRequest,
  StageStateRequest,
  type UpdateStateParams,
  UpdateStateRequest,
} from '../../../src/protocol/plugin-storage.js';
import { HostPair } from './host-pair.js';

describe('what a plugin stores', () => {
  let pair: HostPair;

  beforeEach(() => {
    pair = new HostPair();
  });
  afterEach(() => pair.dispose());

  describe('while writes are slow', () => {
    /** The unanswered writes: each is refused if the argument is true. */
    let writes: ((refused?: boolean) => void)[];

    beforeEach(() => {
      writes = [];
      pair.core.onRequest(ReadStateRequest.type, () => ({ a: '1' }));
      pair.core.onRequest(
        UpdateStateRequest.type,
        () =>
          new Promise<null>((resolve, reject) => {
            writes.push((refused = false) =>
              refused ? reject(new BulkheadError(ErrorCodes.storageFailed, 'full')) : resolve(null),
            );
          }),
      );
      pair.listen();
    });

    async function memento() {
      const state = pair.services.storage.createMemento(pair.plugin('mine').scope);
      await state.load();
      return state.memento;
    }

    it('keeps what was set after a write that then failed', async () => {
      const state = await memento();
      const first = state.update('a', 2);
      const second = state.update('a', 3);
      await pair.settled();
      writes[0]?.(true);
      await assert.rejects(first, { code: 'storage.failed' });
      assert.equal(state.get('a'), 3);
      writes[1]?.();
      await second;
      assert.equal(state.get('a'), 3);
    });

    it('goes back to what was written last', async () => {
      const state = await memento();
      const first = state.update('a', 2);
      await pair.settled();
      writes[0]?.();
      await first;
      const [second, third] = [state.update('a', 3), state.update('new', 4)];
      await pair.settled();
      writes[1]?.(true);
      writes[2]?.(true);
      await assert.rejects(second);
      await assert.rejects(third);
      assert.equal(state.get('a'), 2);
      assert.deepEqual(state.keys(), ['a']);
    });

    it('goes back to nothing once its removal has been written', async () => {
      const state = await memento();
      const removal = state.update('a', undefined);
      await pair.settled();
      writes[0]?.();
      await removal;
      const second = state.update('a', 2);
      await pair.settled();
      writes[1]?.(true);
      await assert.rejects(second);
      assert.deepEqual(state.keys(), []);
    });
  });

  it('is read for the plugin itself, and written in as few pieces as it takes', async () => {
    const seen: unknown[] = [];
    pair.core.onRequest(ReadStateRequest.type, ({ plugin }) => {
      seen.push(plugin);
      return {};
    });
    pair.core.onRequest(StageStateRequest.type, ({ plugin, piece }) => {
      seen.push([plugin, piece.length]);
      return null;
    });
    pair.core.onRequest(UpdateStateRequest.type, ({ plugin, key, value, profile }) => {
      seen.push([plugin, key, value?.length, profile]);
      return null;
    });
    pair.listen();
    const { scope } = pair.plugin('mine');
    const state = pair.services.storage.createMemento(scope);
    await state.load();
    await state.memento.update('two', 'x'.repeat(2 * MAX_PIECE_CHARACTERS - 2));
    assert.deepEqual(seen, [
      'mine',
      ['mine', MAX_PIECE_CHARACTERS],
      ['mine', 'two', MAX_PIECE_CHARACTERS, undefined],
    ]);
  });
});

describe('the profile', () => {
  let pair: HostPair;
  /** The unanswered reads of what is stored for a profile. */
  let reads: { answer(state: ProfileState): void; fail(): void }[];
  let updates: UpdateStateParams[];

  beforeEach(() => {
    pair = new HostPair();
    reads = [];
    updates = [];
    pair.core.onRequest(
      ReadProfileStateRequest.type,
      () =>
        new Promise<ProfileState>((answer, reject) => {
          reads.push({ answer, fail: () => reject(new BulkheadError(ErrorCodes.storageFailed, 'no disk')) });
        }),
    );
    pair.core.onRequest(UpdateStateRequest.type, (params) => {
      updates.push(params);
      return null;
    });
    pair.listen();
  });
  afterEach(() => pair.dispose());

  async function become(profile: string): Promise<void> {
    pair.core.sendNotification(ProfileNotification.type, { profile });
    await pair.settled();
    await pair.settled();
  }

  async function answer(index: number, state: ProfileState): Promise<void> {
    reads[index]?.answer(state);
    await pair.settled();
    await pair.settled();
  }

  /** A plugin that has read its state for the first profile. */
  async function plugin(id: string, profile: string) {
    const made = pair.plugin(id);
    const state = pair.services.profile.createMemento(made.scope);
    const loaded = state.load();
    await pair.settled();
    await answer(reads.length - 1, { profile, values: { a: `"${profile}"` } });
    await loaded;
    const seen: unknown[] = [];
    made.api.env.onDidChangeProfile((name) => seen.push(name));
    return { ...made, memento: state.memento, seen };
  }

  it('is the default one, and at once the first one of the core, without an event', async () => {
    const { api } = pair.plugin('early');
    const seen: string[] = [];
    api.env.onDidChangeProfile((name) => seen.push(name));
    assert.equal(api.env.profile, 'default');
    await become('home');
    assert.equal(api.env.profile, 'home');
    assert.deepEqual([seen, reads], [[], []]);
  });

  it('is the new one once its values have been read', async () => {
    await become('home');
    const { api, memento, seen } = await plugin('mine', 'home');
    await become('work');
    assert.equal(api.env.profile, 'home');
    assert.deepEqual(seen, []);
    await answer(1, { profile: 'work', values: { a: '"work"' } });
    assert.equal(api.env.profile, 'work');
    assert.deepEqual(seen, ['work']);
    assert.equal(memento.get('a'), 'work');
  });

  it('is not one that was replaced while its values were read', async () => {
    await become('home');
    const { api, seen } = await plugin('mine', 'home');
    await become('work');
    await become('travel');
    await answer(1, { profile: 'work', values: {} });
    assert.equal(api.env.profile, 'home');
    await answer(2, { profile: 'travel', values: {} });
    assert.deepEqual(seen, ['travel']);
  });

  it('does not change if it is the same again', async () => {
    await become('home');
    const { api, seen } = await plugin('mine', 'home');
    await become('work');
    await become('home');
    await answer(1, { profile: 'home', values: {} });
    await answer(2, { profile: 'home', values: {} });
    assert.equal(api.env.profile, 'home');
    assert.deepEqual(seen, []);
  });

  it('changes although the values of a plugin cannot be read, which is reported', async () => {
    await become('home');
    const { api } = await plugin('mine', 'home');
    await become('work');
    reads[1]?.fail();
    for (let turn = 0; turn < 3; turn++) await pair.settled();
    assert.equal(api.env.profile, 'work');
    assert.deepEqual(pair.reported, [
      'the plugin "mine" failed: reading what is stored for the profile "work": no disk',
    ]);
  });

  it('is not read for a plugin that has ended', async () => {
    await become('home');
    const { scope } = await plugin('mine', 'home');
    const other = await plugin('other', 'home');
    scope.dispose();
    await become('work');
    assert.equal(reads.length, 3);
    await answer(2, { profile: 'work', values: {} });
    assert.deepEqual(other.seen, ['work']);
  });

  it('goes with each write: that which was read last', async () => {
    await become('home');
    const state = pair.services.profile.createMemento(pair.plugin('mine').scope);
    await state.memento.update('a', 1);
    const loaded = state.load();
    await pair.settled();
    await answer(0, { profile: 'work', values: {} });
    await loaded;
    await state.memento.update('a', undefined);
    assert.deepEqual(updates, [
      { plugin: 'mine', profile: 'home', key: 'a', value: '1' },
      { plugin: 'mine', profile: 'work', key: 'a', value: null },
    ]);
  });
});

describe('the settings of a plugin', () => {
  let pair: HostPair;

  beforeEach(() => {
    pair = new HostPair();
    pair.listen();
  });
  afterEach(() => pair.dispose());

  async function configure(
    settings: Record<string, Record<string, string | null>>,
    origins: PluginSettingsParams['origins'] = {},
    secrets: PluginSettingsParams['secrets'] = {},
  ): Promise<void> {
    pair.core.sendNotification(PluginSettingsNotification.type, { settings, origins, secrets });
    await pair.settled();
  }

  it('change without an event when they are seen first, or as they were', async () => {
    const { api } = pair.plugin('mine');
    let events = 0;
    api.configuration.onDidChange(() => events++);
    await configure({ other: { mood: 'good' } });
    await configure({ other: { mood: 'good' }, mine: { mood: 'good' } });
    await configure({ other: { mood: 'good' }, mine: { mood: 'good' } });
    assert.equal(events, 0);
    assert.equal(api.configuration.get('mood'), 'good');
    await configure({ mine: { mood: null } });
    assert.equal(events, 1);
    assert.equal(api.configuration.get('mood'), undefined);
  });

  it('have a value of the caller where there is none, and say where theirs comes from', async () => {
    const { configuration } = pair.plugin('mine').api;
    const origins = { mine: { mood: { default: 'good', configured: 'bad' }, tone: {} } };
    await configure({ mine: { mood: 'on air', tone: null } }, origins);
    assert.equal(configuration.get('mood', 'x'), 'on air');
    assert.equal(configuration.get('tone', 'x'), 'x');
    assert.deepEqual(configuration.inspect('mood'), {
      ...{ key: 'mood', value: 'on air', defaultValue: 'good', configuredValue: 'bad' },
    });
    assert.deepEqual(configuration.inspect('tone'), { key: 'tone' });
    for (const call of [() => configuration.inspect('other'), () => configuration.get('other', 1)])
      assert.throws(call, { code: 'plugin.invalid', message: 'the plugin "mine" has no setting "other"' });
  });

  it('are changed by the plugin, which has them then', async () => {
    const { scope, api } = pair.plugin('mine');
    await configure({ mine: { mood: 'good' } });
    const asked: unknown[] = [];
    pair.core.onRequest(UpdateSettingRequest.type, (params) => {
      asked.push(params);
      const settings = { mine: { mood: params.value } };
      pair.core.sendNotification(PluginSettingsNotification.type, { settings, origins: {}, secrets: {} });
      return null;
    });
    const heard: unknown[] = [];
    api.configuration.onDidChange(() => heard.push(api.configuration.get('mood')));
    await api.configuration.update('mood', 'bad');
    assert.deepEqual([api.configuration.get('mood'), heard], ['bad', ['bad']]);
    await api.configuration.update('mood', undefined);
    assert.deepEqual(asked, [
      { plugin: 'mine', key: 'mood', value: 'bad' },
      { plugin: 'mine', key: 'mood', value: null },
    ]);
    await assert.rejects(api.configuration.update('other', 1), { code: 'plugin.invalid' });
    scope.dispose();
    await assert.rejects(api.configuration.update('mood', 'x'), /no longer active/);
  });

  it('have no value where they are secrets, and say what to read instead', async () => {
    const { configuration } = pair.plugin('mine').api;
    await configure({ mine: { mood: 'good' } }, {}, { mine: ['key'] });
    const isSecret = { code: 'plugin.invalid', remedy: 'Read it by context.secrets.get("key").' };
    assert.throws(() => configuration.get('key'), isSecret);
    await assert.rejects(configuration.update('key', 'x'), isSecret);
  });

  it('are unknown before the core has sent them, with how to declare one', () => {
    const { api } = pair.plugin('mine');
    assert.throws(() => api.configuration.get('mood'), {
      code: 'plugin.invalid',
      where: 'mine',
      message: 'the plugin "mine" has no setting "mood"',
      remedy: 'Declare it in contributes.configuration.properties of its package.json.',
    });
    assert.throws(() => api.configuration.get('toString'), { code: 'plugin.invalid' });
  });
});
