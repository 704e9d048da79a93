// The core's side of plugins, in a process of its own so that its memory can be measured: `core.js apart|together COUNT`.
import { setFlagsFromString } from 'node:v8';

// As in the core: before anything else is loaded, for V8 does not take back what its young generation has grown to by then.
setFlagsFromString('--semi-space-growth-factor=1');
await import('./measured-core.js');
