import { setTimeout as delay } from 'node:timers/promises';
import type { Publisher } from '../../test/support/publisher.js';
import type { FrameSize, PublisherSetup, PublishTarget } from '../support/publishers/publisher-kind.js';

/** What happens to the publisher; times in ms. */
export type Step =
  /** SIGKILL; another one is started after `afterMs`. */
  | { readonly kind: 'kill'; readonly afterMs: number }
  /** SIGSTOP for `forMs`; then it goes on, or is killed and another one started. */
  | { readonly kind: 'freeze'; readonly forMs: number; readonly afterwards: 'goes on' | 'is killed' }
  /** SIGSTOP; another one is started after `afterMs`, and the first is killed only after `forMs` more. */
  | { readonly kind: 'replace'; readonly afterMs: number; readonly forMs: number }
  /** SIGTERM; another one is started with frames of another size. */
  | { readonly kind: 'resize'; readonly size: FrameSize };

const SMALLER: FrameSize = { width: 960, height: 540 };
const LARGER: FrameSize = { width: 1280, height: 720 };
/** Someone who notices at once, and someone who does not, ms. */
const AT_ONCE = 500;
const LATER = 6000;
const kill = (afterMs: number): Step => ({ kind: 'kill', afterMs });

/** Ten kills, five freezes, two of them longer than a server waits that drops a silent publisher after 5 s, and two changes of the frame size. */
export const SCHEDULE: readonly Step[] = [
  kill(AT_ONCE),
  kill(LATER),
  { kind: 'freeze', forMs: 1000, afterwards: 'goes on' },
  kill(AT_ONCE),
  { kind: 'resize', size: SMALLER },
  kill(LATER),
  { kind: 'freeze', forMs: 3000, afterwards: 'goes on' },
  kill(AT_ONCE),
  { kind: 'freeze', forMs: 8000, afterwards: 'goes on' },
  kill(LATER),
  { kind: 'resize', size: LARGER },
  kill(AT_ONCE),
  { kind: 'freeze', forMs: 8000, afterwards: 'is killed' },
  kill(LATER),
  { kind: 'replace', afterMs: 2000, forMs: 4000 },
  kill(AT_ONCE),
  kill(LATER),
];

/** From a publisher's start to the next step, ms: OBS needs 2 to 3 s of it until it publishes. */
const REST_MS = 8000;

export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'kill':
      return `kill -9, started again after ${step.afterMs / 1000} s`;
    case 'freeze':
      return `SIGSTOP for ${step.forMs / 1000} s, then it ${step.afterwards}`;
    case 'replace':
      return `SIGSTOP, another one after ${step.afterMs / 1000} s, the first killed after ${step.forMs / 1000} s more`;
    case 'resize':
      return `restarted with ${step.size.width}×${step.size.height}`;
  }
}

export interface ScheduleObserver {
  /** The first publisher has had time to go on air. */
  began(): void;
  /** @param beganAtMs `performance.now()` */
  done(step: Step, beganAtMs: number): void;
  /** All is done; the last publisher is still there. */
  ended(): Promise<void>;
}

/** Starts a publisher and does to it what the steps say, at the same times whatever comes of it. */
export async function runSchedule(
  setup: PublisherSetup,
  target: PublishTarget,
  steps: readonly Step[],
  observer: ScheduleObserver,
): Promise<void> {
  let size = LARGER;
  const started: Publisher[] = [];
  const start = async () => {
    const publisher = await setup.start({ ...target, size });
    started.push(publisher);
    return publisher;
  };
  try {
    let current = await start();
    await delay(REST_MS);
    observer.began();
    for (const step of steps) {
      const beganAtMs = performance.now();
      if (step.kind === 'resize') size = step.size;
      current = await runStep(step, current, start);
      await delay(REST_MS);
      observer.done(step, beganAtMs);
    }
    await observer.ended();
  } finally {
    await Promise.all(started.map((publisher) => publisher.kill()));
  }
}

/** @returns the publisher that is there afterwards */
async function runStep(
  step: Step,
  publisher: Publisher,
  start: () => Promise<Publisher>,
): Promise<Publisher> {
  switch (step.kind) {
    case 'kill':
      await publisher.kill();
      await delay(step.afterMs);
      return start();
    case 'freeze':
      process.kill(publisher.pid, 'SIGSTOP');
      await delay(step.forMs);
      if (step.afterwards === 'goes on') {
        process.kill(publisher.pid, 'SIGCONT');
        return publisher;
      }
      await publisher.kill();
      return start();
    case 'replace': {
      process.kill(publisher.pid, 'SIGSTOP');
      await delay(step.afterMs);
      const next = await start();
      await delay(step.forMs);
      await publisher.kill();
      return next;
    }
    case 'resize':
      process.kill(publisher.pid, 'SIGTERM');
      await delay(AT_ONCE);
      await publisher.kill();
      return start();
  }
}
