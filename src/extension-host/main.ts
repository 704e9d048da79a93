import { runPartProcess } from '../process-host/process-main.js';
import { keepConsoleLevels } from './console-levels.js';
import { createExtensionHostPart } from './extension-host-part.js';

keepConsoleLevels();
runPartProcess(createExtensionHostPart({ ownsProcess: true }));
