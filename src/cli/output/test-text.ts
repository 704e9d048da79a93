import { BulkheadError } from '../../protocol/errors.js';
import { bold, dim, green, red, type Styled, styled, yellow } from '../terminal/styled.js';
import type { TestedOutput, TestedServer } from './test-result.js';

const MARKS = { good: green('✓'), tight: yellow('!'), unsteady: yellow('!'), 'too-slow': red('✗') };

/** What a test has found of an output, line by line. */
export function testLines({ id, servers, problems, notPublished }: TestedOutput): Styled[] {
  const isBackedUp = servers.length > 1;
  return [
    bold(id),
    ...servers.flatMap((server) => serverLines(server, isBackedUp)),
    ...problems.map((problem) => styled`  ${red('✗')} ${problem}`),
    ...(notPublished === undefined ? [] : [dim(`  Not measured: ${notPublished}.`)]),
  ];
}

function serverLines({ role, url, reached, upload, error }: TestedServer, isBackedUp: boolean): Styled[] {
  const name = isBackedUp ? `${role} ${url}` : url;
  const steps =
    reached === undefined
      ? []
      : [
          ...(reached.nameMs === undefined ? [] : [`name ${reached.nameMs}`]),
          `connection ${reached.tcpMs}`,
          ...(reached.tlsMs === undefined ? [] : [`TLS ${reached.tlsMs}`]),
          `handshake ${reached.handshakeMs}`,
          `application ${reached.connectMs} ms`,
        ];
  return [
    ...(reached === undefined
      ? []
      : [styled`  ${green('✓')} ${name}: reached in ${reached.totalMs} ms (${steps.join(', ')})`]),
    ...(upload === undefined
      ? []
      : [styled`  ${MARKS[upload.verdict]} ${name}: ${upload.message}${acknowledged(upload)}`]),
    ...(error === undefined
      ? []
      : [styled`  ${red('✗')} ${name}: ${BulkheadError.fromData(error).sentence}`]),
  ];
}

function acknowledged({ ackDelayMs }: NonNullable<TestedServer['upload']>): string {
  return ackDelayMs === undefined ? '' : ` It acknowledges after ${Math.round(ackDelayMs)} ms.`;
}
