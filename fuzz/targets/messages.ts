import { once } from 'node:events';
import { checkValue } from '../../src/base/check-value.js';
import * as z from '../../src/base/zod.js';
import { BroadcastConfigSchema } from '../../src/config/schema.js';
import { ControlService } from '../../src/core/control/control-service.js';
import { Notices } from '../../src/core/streamer/notices.js';
import { Questions } from '../../src/core/streamer/questions.js';
import {
  EncoderStartedSchema,
  ExitedSchema,
  LiveServerStartedSchema,
  ProgressSchema,
} from '../../src/core/stubs/part-messages.js';
import { firstMistake } from '../../src/protocol/bounded.js';
import { TO_CORE_LIMITS } from '../../src/protocol/channel-limits.js';
import type { ChangedPlugin } from '../../src/protocol/plugin-management.js';
import { encodeFrame } from '../../src/rpc/frame.js';
import { findExcess } from '../../src/rpc/message-limits.js';
import { readLine } from '../../src/rpc/read-line.js';
import { RpcConnection } from '../../src/rpc/rpc-connection.js';
import { fakeKeys } from '../../test/support/fake-keys.js';
import { fakeOutputs } from '../../test/support/fake-outputs.js';
import { noRecording } from '../../test/support/fake-recordings.js';
import { fakeRecords } from '../../test/support/fake-records.js';
import { noReplay } from '../../test/support/fake-replays.js';
import { fakeAudio, fakeOverlays, fakeScenes, fakeSources } from '../../test/support/fake-scenes.js';
import { fakeSettings } from '../../test/support/fake-settings.js';
import { IDLE_STATUS } from '../../test/support/idle-status.js';
import { sample } from '../json.js';
import type { Random } from '../random.js';
import type { Target } from '../target.js';
import { DEEP, jsonSeeds, jsonTarget, mutateJson, WIDE } from './json-target.js';
import { hostSession, recordServed, type Served, SILENT, sampleMessage } from './plugin-channel.js';
import { turns, Wire } from './wire.js';

/** Inputs that one connection takes: its limits are those of a rate, and a new one is let do as much again. */
const INPUTS_PER_CONNECTION = 100;

interface Opened {
  readonly wire: Wire;
  readonly dispose: () => void;
}

/** Hands inputs to one connection after the other. */
class Connections {
  private current: Opened | undefined;
  private inputs = 0;

  constructor(private readonly open: () => Opened) {}

  async take(bytes: Buffer): Promise<void> {
    this.inputs += 1;
    if (this.current === undefined || this.current.wire.destroyed || this.inputs > INPUTS_PER_CONNECTION) {
      this.dispose();
      this.inputs = 0;
      this.current = this.open();
      await turns(1);
    }
    this.current.wire.feed(bytes);
    await turns(bytes.length > 4096 ? 20 : 1);
  }

  dispose(): void {
    this.current?.dispose();
    this.current = undefined;
  }
}

const openHost = (): Opened => {
  const wire = new Wire();
  const connection = new RpcConnection(wire, { peer: 'p', receive: TO_CORE_LIMITS });
  const session = hostSession(connection);
  connection.listen();
  return {
    wire,
    dispose: () => {
      session.dispose();
      connection.dispose();
    },
  };
};

function controlService(): ControlService {
  const changed = async (): Promise<ChangedPlugin> => ({
    plugin: {
      ...{ id: 'p', version: '1.0.0', state: 'running', source: 'library', path: '/p' },
      ...{ asked: [], optional: [], granted: [], storageMb: 1 },
    },
  });
  return new ControlService(
    {
      status: () => IDLE_STATUS,
      start: async () => IDLE_STATUS,
      reconfigure: async () => ({ applied: [], needsRestart: [] }),
      stop: async () => IDLE_STATUS,
      setEncoder: async () => BroadcastConfigSchema.parse({}),
      report: async () => null,
    },
    { subscribe: () => ({ status: IDLE_STATUS, subscription: { dispose: () => {} } }) },
    { execute: async (_command, args) => args, describe: () => [] },
    {
      list: async () => ({ plugins: [], isolation: '', enforcesScopes: true, library: '', kept: [] }),
      install: changed,
      setEnabled: changed,
      setPermission: changed,
      remove: changed,
      restart: changed,
      rollback: changed,
    },
    fakeRecords(),
    fakeOutputs(),
    noRecording(),
    noReplay(),
    fakeScenes(),
    fakeSources(),
    fakeAudio(),
    fakeOverlays(),
    fakeSettings(),
    fakeKeys(),
    { follow: () => ({ dispose: () => {} }) },
    { serve: () => ({ dispose: () => {} }) },
    new Notices(),
    new Questions(),
    SILENT,
  );
}

const openClient = (): Opened => {
  const service = controlService();
  const wire = new Wire();
  service.serve(wire, 'a client');
  return { wire, dispose: () => service.dispose() };
};

const hostMessages = recordServed(() => openHost().dispose());
const controlMessages = recordServed(() => openClient().dispose());

/** Bodies of frames, so that the lengths in front of them are right. */
function bodies(name: string, served: readonly Served[], open: () => Opened): Target {
  const connections = new Connections(open);
  return jsonTarget({
    name,
    seeds: [...jsonSeeds(served.map(sampleMessage)), ...DEEP, ...WIDE],
    maxBytes: TO_CORE_LIMITS.maxBytes,
    run: (input) => connections.take(encodeFrame(input.toString('latin1'))),
    dispose: () => connections.dispose(),
  });
}

/** Bytes as a plugin may write them on its channel, frames cut and joined anywhere. */
function frames(): Target {
  const connections = new Connections(openHost);
  const messages = jsonSeeds(hostMessages.map(sampleMessage));
  return {
    name: 'frames',
    seeds: [
      ...messages.map((body) => encodeFrame(body.toString())),
      Buffer.concat(messages.map((body) => encodeFrame(body.toString()))),
      encodeFrame(`[${messages.map(String).join(',')}]`),
    ],
    run: (input) => connections.take(input),
    dispose: () => connections.dispose(),
  };
}

/** Every schema of what reaches the core, on values that have passed the bounds of messages. */
function schemas(): Target {
  const all: readonly z.ZodType[] = [
    ...[...hostMessages, ...controlMessages].map(({ schema }) => schema),
    ...[ProgressSchema, ExitedSchema, EncoderStartedSchema, LiveServerStartedSchema, BroadcastConfigSchema],
  ];
  const seeds = all.flatMap((schema, index) =>
    jsonSeeds([sample(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))]).map((json) =>
      Buffer.concat([Buffer.from([index]), json]),
    ),
  );
  return {
    name: 'schemas',
    seeds,
    maxBytes: TO_CORE_LIMITS.maxBytes,
    mutate: (input: Buffer, random: Random) => {
      const json = mutateJson(input.subarray(1), random);
      return json === undefined
        ? undefined
        : Buffer.concat([Buffer.from([random.once(10) ? random.below(all.length) : (input[0] ?? 0)]), json]);
    },
    run: (input) => {
      if (findExcess(input, 1, input.length, TO_CORE_LIMITS) !== undefined) return;
      let value: unknown;
      try {
        value = JSON.parse(input.toString('utf8', 1));
      } catch {
        return;
      }
      const schema = all[(input[0] ?? 0) % all.length] as z.ZodType;
      const result = checkValue(schema, value);
      if (!result.success) firstMistake(result.error);
    },
  };
}

const greeting: Target = {
  name: 'control-greeting',
  seeds: [Buffer.from(`${'a'.repeat(64)}\n`), Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(400, 0x61)],
  maxBytes: 4096,
  run: async (input) => {
    const wire = new Wire();
    const line = readLine(wire, 1000);
    const at = (input[0] ?? 0) % (input.length + 1);
    wire.feed(input.subarray(0, at));
    wire.feed(input.subarray(at));
    wire.push(null);
    const shown = await line;
    if (shown !== undefined && Buffer.byteLength(shown, 'latin1') > 256)
      throw new Error('a line is too long');
    wire.destroy();
    await once(wire, 'close');
  },
};

export const messageTargets: readonly Target[] = [
  frames(),
  bodies('plugin-messages', hostMessages, openHost),
  bodies('control-messages', controlMessages, openClient),
  schemas(),
  greeting,
];
