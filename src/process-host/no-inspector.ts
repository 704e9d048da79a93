/**
 * Keeps Node from opening its inspector, through which any process of the same user could run code in this one: a plugin in
 * ours. Without a listener Node does so on SIGUSR1.
 */
export function refuseInspector(): void {
  process.on('SIGUSR1', () => {});
}
