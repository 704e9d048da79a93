import { runPartProcess } from '../process-host/process-main.js';
import { encoderPart } from './encoder-part.js';

runPartProcess(encoderPart);
