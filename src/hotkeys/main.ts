import { runPartProcess } from '../process-host/process-main.js';
import { HotkeysModule } from './hotkeys-module.js';

runPartProcess(new HotkeysModule());
