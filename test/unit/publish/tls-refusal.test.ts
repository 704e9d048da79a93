import assert from 'node:assert/strict';
import { TlsHandshakeError } from '../../../src/core/publish/rtmp/open-socket.js';
import { tlsProblem } from '../../../src/core/publish/rtmp/tls-refusal.js';

const SERVER = 'live.example:443';

describe('why there is no TLS with a server', () => {
  const messageOf = (code: string, error: object = new Error(code), connecting = true) =>
    tlsProblem(error, code, SERVER, connecting)?.message;

  it('has a message for each cause', () => {
    for (const [code, message] of [
      ['CERT_HAS_EXPIRED', `the certificate of ${SERVER} has expired`],
      ['CERT_NOT_YET_VALID', `the certificate of ${SERVER} is not valid yet`],
      ['ERR_TLS_CERT_ALTNAME_INVALID', `the certificate of ${SERVER} is for another host`],
      [
        'SELF_SIGNED_CERT_IN_CHAIN',
        `the certificate of ${SERVER} cannot be trusted (SELF_SIGNED_CERT_IN_CHAIN)`,
      ],
      [
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        `the certificate of ${SERVER} cannot be trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`,
      ],
      [
        'ERR_SSL_UNSUPPORTED_PROTOCOL',
        `${SERVER} supports no secure version of TLS (ERR_SSL_UNSUPPORTED_PROTOCOL)`,
      ],
      [
        'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
        `${SERVER} refused the TLS handshake (ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE)`,
      ],
      [
        'ERR_SSL_WRONG_VERSION_NUMBER',
        `${SERVER} does not speak TLS as expected (ERR_SSL_WRONG_VERSION_NUMBER)`,
      ],
    ] as const) {
      assert.equal(messageOf(code), message);
    }
  });

  it('is a client without a certificate also after the handshake, as TLS 1.3 has it', () => {
    const code = 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED';
    assert.equal(messageOf(code, new Error(), false), `${SERVER} asks for a client certificate (${code})`);
    assert.equal(messageOf('ERR_SSL_WRONG_VERSION_NUMBER', new Error(), false), undefined);
  });

  it('is retried if the server may only hang', () => {
    for (const [reason, message] of [
      ['silent', /and does not respond to the TLS handshake$/],
      ['closed', /and closed the connection during the TLS handshake$/],
    ] as const) {
      const problem = tlsProblem(new TlsHandshakeError(reason), '', SERVER, true);
      assert.equal(problem?.code, 'output.unreachable');
      assert.match(problem.message, message);
    }
  });

  it('is not a TLS problem if the network fails', () => {
    for (const code of ['ECONNREFUSED', 'ETIMEDOUT', 'ENETUNREACH', ''])
      assert.equal(messageOf(code), undefined);
  });

  it('shows nothing of what is in a certificate: it may hold the stream key', () => {
    const error = Object.assign(new Error('Zq7fK2'), {
      reason: 'Zq7fK2',
      cert: { subjectaltname: 'DNS:zq7fk2.example' },
    });
    const problem = tlsProblem(error, 'ERR_TLS_CERT_ALTNAME_INVALID', SERVER, true);
    assert.doesNotMatch(JSON.stringify(problem), /zq7fk2/i);
  });
});
