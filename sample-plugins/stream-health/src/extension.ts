import { broadcast, commands, type ExtensionContext, window } from '@bulkhead/extension-api';
import { HealthMonitor } from './health.js';

export function activate(context: ExtensionContext): void {
  let monitor = new HealthMonitor();

  context.subscriptions.push(
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
    }),
    broadcast.onDidStop(() => context.log.info('the broadcast has ended: %j', monitor.report())),
    commands.registerCommand('stream-health.report', () => monitor.report()),
  );
}
