import { execFileSync } from 'node:child_process';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Writes `NAME.key` and `NAME.pem`, self-signed, for names such as `DNS:localhost`. */
export function makeCertificate(folder: string, name: string, names: string): void {
  const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${names}`];
  openssl(
    folder,
    'req',
    '-x509',
    ...KEY,
    '-days',
    '2',
    ...subject,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
  );
}

/** The same for `localhost`, expired yesterday; signed by the certificate `issuer`. */
export function makeExpiredCertificate(folder: string, name: string, issuer: string): void {
  const request = ['-subj', '/CN=localhost', '-keyout', `${name}.key`, '-out', `${name}.csr`];
  openssl(folder, 'req', '-new', ...KEY, ...request);
  const signed = ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-CAcreateserial', '-days', '-1'];
  openssl(folder, 'x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`);
}

function openssl(cwd: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd, stdio: 'ignore' });
}
