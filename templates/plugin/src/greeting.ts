/** What to say when a broadcast goes live. `count` is its number, from 1. */
export function greetingFor(count: number, greeting: string): string {
  return count === 1 ? `${greeting} It is your first broadcast.` : `${greeting} Broadcast number ${count}.`;
}
