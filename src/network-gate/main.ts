import { runPartProcess } from '../process-host/process-main.js';
import { networkGatePart } from './network-gate-part.js';

runPartProcess(networkGatePart);
