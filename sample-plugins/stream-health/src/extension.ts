import { join } from 'node:path';
import {
  type BroadcastStats,
  broadcast,
  commands,
  type ExtensionContext,
  env,
  l10n,
  window,
} from '@bulkhead/extension-api';
import { HealthMonitor } from './health.js';
import { Recording } from './recording.js';
import { report } from './report.js';
import { ReportFolder } from './report-folder.js';

/** Writes the report of a broadcast that is still running when the plugin ends. */
let finish: (() => Promise<unknown>) | undefined;

export function activate(context: ExtensionContext): void {
  const status = window.createStatusItem('health');
  const folder = new ReportFolder(join(context.storagePath, 'reports'));
  let monitor = new HealthMonitor(l10n.t);
  let recording: Recording | undefined;
  let reportPath: string | undefined;
  let ending: Promise<void> | undefined;

  const begin = () => {
    monitor = new HealthMonitor(l10n.t);
    recording = undefined;
    reportPath = undefined;
    ending = undefined;
  };
  const watch = (stats: BroadcastStats) => {
    if (broadcast.state !== 'live' && broadcast.state !== 'reconnecting') return;
    const findings = broadcast.state === 'live' ? monitor.update(stats) : [];
    const now = Date.now();
    recording ??= new Recording(now - broadcast.status.uptimeMs);
    recording.add(now, stats, findings);
    for (const { severity, message } of findings) {
      context.log.info(message);
      if (severity === 'warning') void window.showWarningMessage(message);
      else void window.showInformationMessage(message);
    }
    const { verdict, problems } = monitor.report();
    const shown =
      verdict === 'good' ? l10n.t('good') : verdict === 'poor' ? l10n.t('poor') : l10n.t('unknown');
    status.text = [shown, ...problems].join('; ');
  };
  const write = async () => {
    if (recording === undefined) throw new Error(l10n.t('There is no broadcast to report on.'));
    const texts = { t: l10n.t, language: env.language };
    reportPath = await folder.write(recording.startedAtMs, report(recording, broadcast.markers, texts));
    return reportPath;
  };
  const end = async () => {
    status.text = '';
    context.log.info('the broadcast has ended: %j', monitor.report());
    if (recording === undefined) return;
    try {
      void window.showInformationMessage(l10n.t('A report on the broadcast is in {0}', await write()));
    } catch (error) {
      void window.showWarningMessage(
        l10n.t('The report on the broadcast was not written: {0}', (error as Error).message),
      );
    }
  };
  finish = () =>
    ending ?? (broadcast.state === 'idle' || recording === undefined ? Promise.resolve() : write());

  context.subscriptions.push(
    status,
    broadcast.onDidStart(() => {
      begin();
      context.log.info('watching the broadcast');
    }),
    broadcast.onDidUpdateStats(watch),
    broadcast.onDidStop(() => {
      ending = end();
    }),
    commands.registerCommand('stream-health.report', () => ({ ...monitor.report(), reportPath })),
    commands.registerCommand('stream-health.writeReport', write),
  );
}

export async function deactivate(): Promise<void> {
  await finish?.();
}
