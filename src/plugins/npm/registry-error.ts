import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

const CHECK_REGISTRY = 'Check the network, and the registry that npm is set up for: npm config get registry.';

/** `registry.failed`. @param where The registry's address, or the package. */
export function registryFailed(where: string, message: string, remedy = CHECK_REGISTRY): BulkheadError {
  return new BulkheadError(ErrorCodes.registryFailed, message, { where, remedy });
}
