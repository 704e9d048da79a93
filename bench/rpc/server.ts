// The called process: serves the contender that its argument names on descriptor 3, and tells its CPU time when asked.
import { Socket } from 'node:net';
import { findContender } from './contenders/index.js';

findContender(process.argv[2]).serve(new Socket({ fd: 3, readable: true, writable: true }));
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => process.exit());
