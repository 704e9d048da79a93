import { runPartProcess } from '../process-host/process-main.js';
import { createExtensionHostPart } from './extension-host-part.js';

runPartProcess(createExtensionHostPart({ ownsProcess: true }));
