import type { Log } from '../../src/core/log/log.js';

export const SILENT_LOG: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
