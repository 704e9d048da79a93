import { runPartProcess } from '../process-host/process-main.js';
import { relayPart } from './relay-part.js';

runPartProcess(relayPart);
