// The called process: serves the contender that its argument names on descriptor 3, until that closes.
import { Socket } from 'node:net';
import { contenders } from './contenders/index.js';

const contender = contenders.find(({ name }) => name === process.argv[2]);
if (contender === undefined) throw new Error(`No contender is called ${process.argv[2]}.`);
contender.serve(new Socket({ fd: 3, readable: true, writable: true }));
