import { broadcast, commands, type ExtensionContext, window } from '@bulkhead/extension-api';
import { HealthMonitor } from './health.js';

export function activate(context: ExtensionContext): void {
  let monitor = new HealthMonitor();
  const status = window.createStatusItem('health');

  context.subscriptions.push(
    status,
    broadcast.onDidStart(() => {
      monitor = new HealthMonitor();
      context.log.info('watching the broadcast');
    }),
    broadcast.onDidUpdateStats((stats) => {
      if (broadcast.state !== 'live') return;
      for (const { severity, message } of monitor.update(stats)) {
        context.log.info(message);
        if (severity === 'warning') window.showWarningMessage(message);
        else window.showInformationMessage(message);
      }
      const { verdict, problems } = monitor.report();
      status.text = [verdict, ...problems].join('; ');
    }),
    broadcast.onDidStop(() => {
      status.text = '';
      context.log.info('the broadcast has ended: %j', monitor.report());
    }),
    commands.registerCommand('stream-health.report', () => monitor.report()),
  );
}
