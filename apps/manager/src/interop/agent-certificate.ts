/**
 * The certificate of an agent for those who verify by certificates, such as Prometheus. It is what a
 * guest has said: it counts if it is of the key by which the manager knows that guest, and has the
 * form that agents give it. One that could sign others would speak for guests that are not its own.
 */
import { X509Certificate } from 'node:crypto';
import { pinOf } from '../pull/dial-tls.ts';

/** All have this one: `server_name` of a Prometheus. */
const NAME = 'DNS:innkeeper-agent';

/** As PEM; undefined where it is none that counts. */
export const readAgentCertificate = (told: string, tlsPin: string): string | undefined => {
  try {
    const certificate = new X509Certificate(Buffer.from(told, 'base64url'));
    const isAgents = !certificate.ca && certificate.subjectAltName === NAME;
    const pin = pinOf(certificate)?.toString('base64url');
    return isAgents && pin === tlsPin ? certificate.toString() : undefined;
  } catch {
    return undefined;
  }
};
