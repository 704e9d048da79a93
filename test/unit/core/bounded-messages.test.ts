import assert from 'node:assert/strict';
import sinon from 'sinon';
import type * as z from 'zod';
import { ControlService } from '../../../src/core/control/control-service.js';
import { HostSession } from '../../../src/core/extension-hosts/hosts/host-session.js';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { MainThreadNamespace } from '../../../src/core/main-thread/main-thread-namespace.js';
import { Notices } from '../../../src/core/streamer/notices.js';
import { Questions } from '../../../src/core/streamer/questions.js';
import { CheckedChannel } from '../../../src/rpc/checked-channel.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { EVERYTHING_HOLDS, fakeKeys } from '../../support/fake-keys.js';
import { noRecording } from '../../support/fake-recordings.js';
import { fakeRecords } from '../../support/fake-records.js';
import { noReplay } from '../../support/fake-replays.js';
import { fakeAudio, fakeOverlays, fakeScenes, fakeSources } from '../../support/fake-scenes.js';
import { fakeSettings } from '../../support/fake-settings.js';
import { IDLE_STATUS } from '../../support/idle-status.js';
import { NO_LAUNCHERS, pluginHosting } from '../../support/plugin-hosting.js';
import { SILENT_LOG } from '../../support/silent-log.js';

interface Definition {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Unbounded parts of a schema, as paths: lists, records and strings without a bound that is checked first. */
function unbounded(schema: z.ZodType, path = ''): string[] {
  const definition = schema._zod.def as unknown as Definition;
  const within = (key: string, at = path) => unbounded(definition[key] as z.ZodType, at);
  switch (definition.type) {
    case 'object':
      return Object.entries(definition['shape'] as Record<string, z.ZodType>).flatMap(([name, field]) =>
        unbounded(field, `${path}.${name}`),
      );
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return within('innerType');
    case 'union':
      return (definition['options'] as z.ZodType[]).flatMap((option) => unbounded(option, path));
    case 'pipe': {
      const first = definition['in'] as z.ZodType;
      const next = definition['out'] as z.ZodType;
      const firstType = (first._zod.def as unknown as Definition).type;
      const nextType = (next._zod.def as unknown as Definition).type;
      // A string that is shortened may have any length before.
      if (firstType === 'string' && nextType === 'transform') return [];
      // `bounded`, or `boundedTree`.
      if (firstType !== 'transform' && firstType !== 'custom')
        return [...unbounded(first, path), ...unbounded(next, path)];
      const inner = (next._zod.def as unknown as Definition)[nextType === 'array' ? 'element' : 'valueType'];
      return inner === undefined ? [] : unbounded(inner as z.ZodType, `${path}[]`);
    }
    case 'string':
      return (schema as z.ZodString).maxLength === null ? [`${path}: text`] : [];
    case 'array':
      return [`${path}: list`];
    case 'record':
    case 'map':
    case 'set':
      return [`${path}: ${definition.type}`];
    case 'any':
    case 'unknown':
    case 'number':
    case 'int':
    case 'boolean':
    case 'null':
    case 'enum':
    case 'literal':
    case 'transform':
    case 'custom':
      return [];
    default:
      return [`${path}: ${definition.type}, of which this test knows nothing`];
  }
}

describe('what the core accepts from other processes', () => {
  let taken: { readonly method: string; readonly schema: z.ZodType }[];

  beforeEach(() => {
    taken = [];
    const { serve, receive } = CheckedChannel.prototype;
    const note = (register: typeof serve | typeof receive) =>
      function (this: CheckedChannel, ...args: unknown[]) {
        const [{ method }, schema] = args as [{ method: string }, z.ZodType];
        taken.push({ method, schema });
        return (register as (...all: unknown[]) => unknown).apply(this, args);
      };
    sinon.replace(CheckedChannel.prototype, 'serve', note(serve) as typeof serve);
    sinon.replace(CheckedChannel.prototype, 'receive', note(receive) as typeof receive);
  });

  afterEach(() => sinon.restore());

  const nothing = () => ({ dispose() {} });

  it('is bounded before it is validated, from a plugin', () => {
    const [near, far] = createInMemoryPair();
    const connection = new RpcConnection(near, { peer: 'host' });
    const container = pluginHosting({ launchers: NO_LAUNCHERS, folder: 'nowhere' });
    const namespaces = container.getAll<MainThreadNamespace>(MainThreadNamespace);
    const session = new HostSession(connection, [], SILENT_LOG, namespaces);
    assert.ok(taken.length > 15, `${taken.length} messages`);
    assert.deepEqual(
      taken.flatMap(({ method, schema }) => unbounded(schema, method)),
      [],
    );
    session.dispose();
    container.unbindAll();
    connection.dispose();
    far.destroy();
  });

  it('is bounded before it is validated, from a client of the control API', () => {
    const [near, far] = createInMemoryPair();
    const none = async () => {
      throw new Error('nothing is asked for');
    };
    const service = new ControlService(
      {
        start: none,
        reconfigure: none,
        stop: none,
        report: none,
        setEncoder: none,
        status: () => IDLE_STATUS,
      },
      { subscribe: () => ({ status: IDLE_STATUS, subscription: { dispose: () => {} } }) },
      new CommandRegistry(EVERYTHING_HOLDS),
      {
        list: none,
        install: none,
        setEnabled: none,
        setPermission: none,
        remove: none,
        restart: none,
        rollback: none,
      },
      fakeRecords(),
      {
        list: none,
        add: none,
        set: none,
        remove: none,
        stop: none,
        start: none,
        reset: none,
        cutDelay: none,
      },
      noRecording(),
      noReplay(),
      fakeScenes(),
      fakeSources(),
      fakeAudio(),
      fakeOverlays(),
      fakeSettings(),
      fakeKeys(),
      { follow: () => ({ dispose: () => {} }) },
      { serve: nothing },
      new Notices(),
      new Questions(),
      SILENT_LOG,
    );
    service.serve(near, 'client');
    assert.ok(taken.length > 10, `${taken.length} messages`);
    assert.deepEqual(
      taken.flatMap(({ method, schema }) => unbounded(schema, method)),
      [],
    );
    service.dispose();
    far.destroy();
  });
});
