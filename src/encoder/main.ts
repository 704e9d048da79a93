import { runPartProcess } from '../process-host/process-main.js';
import { EncoderPart } from './encoder-part.js';

runPartProcess(new EncoderPart());
