import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Emitter } from '../../../src/base/event.js';
import type { BroadcastEnd } from '../../../src/core/broadcast/broadcast.js';
import { ReportFiles } from '../../../src/core/show/report-files.js';
import { Reports } from '../../../src/core/show/reports.js';
import type { ExtensionHostStatus } from '../../../src/protocol/status/extension-host-status.js';
import type { BroadcastState } from '../../../src/protocol/status/status.js';
import { IDLE_STATUS } from '../../support/idle-status.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const END: BroadcastEnd = {
  ...{ startedAtMs: Date.UTC(2026, 10, 30, 20), durationMs: 5000 },
  ...{ outputs: [], recordings: [], timeline: IDLE_STATUS.timeline, recorderRestarts: 1 },
};

describe('Reports', () => {
  let folder: TempDir;
  let state: Emitter<BroadcastState>;
  let end: Emitter<BroadcastEnd>;
  let reports: Reports;
  let warnings: string[];
  let encoderRestarts: number;
  let hosts: ExtensionHostStatus[];

  const begin = (files = new ReportFiles(folder.path)) => {
    const { encoder } = IDLE_STATUS;
    const status = () => ({ ...IDLE_STATUS, encoder: { ...encoder, restarts: encoderRestarts } });
    const log = { info: () => {}, warn: (message: string) => void warnings.push(message) };
    reports = new Reports(
      { version: '1.2.3' },
      { status, onDidChangeState: state.event, onWillEnd: end.event },
      { status: () => hosts },
      files,
      log,
    );
  };

  beforeEach(() => {
    folder = tempDir('reports');
    state = new Emitter();
    end = new Emitter();
    warnings = [];
    encoderRestarts = 4;
    hosts = [];
    begin();
  });

  afterEach(() => {
    reports.dispose();
    state.dispose();
    end.dispose();
    folder.dispose();
  });

  it('has none before a broadcast has ended', async () => {
    assert.equal(await reports.last(), null);
  });

  it('counts what was restarted in this broadcast', async () => {
    const host = { pid: 1, plugins: ['me.a'], restarts: 2, state: 'running', isolated: true } as const;
    hosts = [host];
    state.fire('starting');
    encoderRestarts = 7;
    hosts = [
      { ...host, restarts: 3 },
      { ...host, plugins: ['me.b'], restarts: 1 },
    ];
    end.fire(END);
    const kept = await reports.last();
    assert.deepEqual(kept?.report.parts, [
      { part: 'encoder', restarts: 3 },
      { part: 'plugins', plugins: ['me.a'], restarts: 1 },
      { part: 'plugins', plugins: ['me.b'], restarts: 1 },
      { part: 'recorder', restarts: 1 },
    ]);
  });

  it('keeps it in a file of its own', async () => {
    end.fire(END);
    const kept = await reports.last();
    assert.equal(kept?.file, join(folder.path, 'broadcast-2026-11-30T20-00-00.000Z.json'));
    assert.deepEqual(JSON.parse(readFileSync(kept?.file ?? '', 'utf8')), kept?.report);
  });

  it('keeps the newest hundred', async () => {
    for (let i = 0; i < 120; i++)
      writeFileSync(
        join(folder.path, `broadcast-2025-01-01T00-00-00.${String(i).padStart(3, '0')}Z.json`),
        '',
      );
    const file = await new ReportFiles(folder.path).write({ version: '1', ...END, endedAtMs: 0, parts: [] });
    while (readdirSync(folder.path).length > 100) await new Promise(setImmediate);
    assert.ok(existsSync(file));
  });

  it('has the report all the same where it cannot be written', async () => {
    reports.dispose();
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    begin(new ReportFiles(file));
    end.fire(END);
    const kept = await reports.last();
    assert.equal(kept?.report.durationMs, 5000);
    assert.equal(kept?.file, undefined);
    assert.match(warnings.join(), /the report of the broadcast cannot be kept/);
  });
});
