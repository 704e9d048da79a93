import { setTimeout as delay } from 'node:timers/promises';
import { commands, configuration, type ExtensionContext, l10n, window } from '@bulkhead/extension-api';
import { faults } from './faults.js';
import { flood, shout } from './floods.js';

export async function activate(context: ExtensionContext): Promise<void> {
  const seconds = configuration.get<number>('activationSeconds') ?? 0;
  if (seconds > 0) await delay(seconds * 1000);
  const status = window.createStatusItem('fault');
  status.text = l10n.t('all is well');

  const register = (name: string, fault: (seconds?: number) => unknown) =>
    commands.registerCommand(`fault-lab.${name}`, (seconds?: number) => {
      context.log.warn('fault: %s', name);
      return fault(seconds);
    });
  context.subscriptions.push(
    status,
    ...Object.entries(faults).map(([name, fault]) => register(name, fault)),
    register('flood', flood),
    register('shout', (seconds) => shout(context, seconds)),
  );
}
