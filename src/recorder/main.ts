import { runPartProcess } from '../process-host/process-main.js';
import { RecorderPart } from './recorder-part.js';

runPartProcess(new RecorderPart());
