// Loaded into the core: appends to the file in HOSTILE_PROBE, once a second, the longest time within that second in which the event loop
// did not turn, as wall clock and as CPU time of the main thread (ms): no callback took longer. Beside it, how much of the wall clock of
// that turn was the garbage collector's.
const { appendFileSync, openSync, readSync } = require('node:fs');
const { PerformanceObserver } = require('node:perf_hooks');

const file = process.env.HOSTILE_PROBE;
if (file !== undefined && /core\.cjs$/.test(process.argv[1] ?? '')) {
  const schedstat = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  const text = Buffer.alloc(64);
  /** What the main thread has run so far, ms. */
  const threadMs = () => {
    const length = readSync(schedstat, text, 0, text.length, 0);
    return Number(text.toString('latin1', 0, length).split(' ')[0]) / 1e6;
  };
  let wallMs = 0;
  let cpuMs = 0;
  let from = 0;
  let until = 0;
  let collections = [];
  new PerformanceObserver((list) => {
    collections.push(...list.getEntries());
  }).observe({ entryTypes: ['gc'] });
  let atMs = performance.now();
  let usedMs = threadMs();
  const restart = () => {
    atMs = performance.now();
    usedMs = threadMs();
  };
  setInterval(() => {
    wallMs = Math.max(wallMs, performance.now() - atMs);
    const turnMs = threadMs() - usedMs;
    if (turnMs > cpuMs) {
      cpuMs = turnMs;
      from = atMs;
      until = performance.now();
    }
    restart();
  }, 1).unref();
  setInterval(() => {
    const { rss } = process.memoryUsage();
    const gcMs = collections
      .filter(({ startTime }) => startTime >= from && startTime <= until)
      .reduce((sum, { duration }) => sum + duration, 0);
    collections = [];
    appendFileSync(file, `${JSON.stringify({ pid: process.pid, wallMs, cpuMs, gcMs, rssMb: rss / 1e6 })}\n`);
    wallMs = 0;
    cpuMs = 0;
    restart();
  }, 1000).unref();
}
