import type { Socket } from 'node:net';
import { createBirpc } from 'birpc';
import type { Contender, Payload } from '../contender.js';
import { readBodies, writeBody } from './frames.js';

interface EchoFunctions extends Record<string, unknown> {
  echo(payload: Payload): Payload;
}

/** birpc's transport is its user's: JSON in the same frames as the others. */
function channel(socket: Socket) {
  return {
    post: (data: Buffer) => writeBody(socket, data),
    on: (take: (data: Buffer) => void) => readBodies(socket, take),
    serialize: (data: unknown) => Buffer.from(JSON.stringify(data)),
    deserialize: (data: Buffer) => JSON.parse(data.toString('utf8')),
  };
}

export const birpc: Contender = {
  name: 'birpc',
  serve: (socket) => {
    createBirpc<Record<string, never>, EchoFunctions>({ echo: (payload) => payload }, channel(socket));
  },
  connect: (socket) => {
    const remote = createBirpc<EchoFunctions>({}, channel(socket));
    return (payload) => remote.echo(payload);
  },
};
