import { fileURLToPath } from 'node:url';
import { runPartProcess } from '../process-host/process-main.js';
import { LiveServerModule } from './live-server-module.js';

runPartProcess(new LiveServerModule(fileURLToPath(new URL('../page/', import.meta.url))));
