import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/** Where a PostgreSQL is, and how sure to be of it. */
export interface PostgresAddress {
  /** Without parameters: the drivers read some of them, each others, and pass over the rest. */
  readonly url: string;
  /** False: in clear text. */
  readonly tls: ConnectionOptions | false;
}

/** A connection URL that says something which would not be so. */
export class PostgresAddressError extends Error {
  override readonly name = 'PostgresAddressError';
}

/** The authorities Node.js knows, those of NODE_EXTRA_CA_CERTS among them; as libpq calls the system's. */
const systemAuthorities = 'system';

const understood = new Set(['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslpassword']);

/**
 * Reads a connection URL; `sslmode` and the files beside it mean what they mean to libpq
 * (https://www.postgresql.org/docs/current/libpq-ssl.html), but no mode falls back to clear text and none is the default.
 * @throws PostgresAddressError for anything in it that would not be honoured: nobody must believe in a protection
 *   that is not there
 */
export function readPostgresAddress(databaseUrl: string): PostgresAddress {
  const address = new URL(databaseUrl);
  const parameters = Object.fromEntries(address.searchParams);
  const others = Object.keys(parameters).filter((name) => !understood.has(name));
  if (others.length > 0) {
    throw new PostgresAddressError(
      `says ${others.join(', ')}, which is not understood (only ${[...understood].join(', ')})`,
    );
  }
  address.search = '';
  return { url: address.href, tls: tlsOf(address.hostname.replace(/^\[|\]$/g, ''), parameters) };
}

function tlsOf(host: string, parameters: Readonly<Record<string, string | undefined>>): ConnectionOptions | false {
  const { sslmode: mode = 'disable', sslrootcert, sslcert, sslkey, sslpassword } = parameters;
  if (mode === 'disable') {
    const useless = Object.keys(parameters).filter((name) => name !== 'sslmode');
    if (useless.length === 0) return false;
    throw new PostgresAddressError(`says ${useless.join(', ')} and connects in clear text (sslmode)`);
  }
  if (!sslcert !== !sslkey) throw new PostgresAddressError('says one of sslcert and sslkey without the other');
  const common: ConnectionOptions = {
    // The name in the certificate; for an address nothing else would tell what to compare it with.
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ...(sslrootcert && sslrootcert !== systemAuthorities && { ca: contentOf('sslrootcert', sslrootcert) }),
    ...(sslcert && { cert: contentOf('sslcert', sslcert) }),
    ...(sslkey && { key: contentOf('sslkey', sslkey) }),
    ...(sslpassword && { passphrase: sslpassword }),
  };
  const anyName: ConnectionOptions = { ...common, checkServerIdentity: () => undefined };
  switch (mode) {
    case 'require':
      // As with libpq, whoever names an authority wants it asked.
      return sslrootcert ? anyName : { ...common, rejectUnauthorized: false };
    case 'verify-ca':
      // Of the authorities everybody knows, anybody gets a certificate for some name.
      if (common.ca) return anyName;
      throw new PostgresAddressError('says sslmode=verify-ca without sslrootcert, the file of the authority');
    case 'verify-full':
      return common;
    case 'allow':
    case 'prefer':
      throw new PostgresAddressError(`says sslmode=${mode}, which would fall back to clear text unseen`);
    default:
      throw new PostgresAddressError(`says sslmode=${mode}, which is none`);
  }
}

function contentOf(parameter: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new PostgresAddressError(`names a file for ${parameter} that can't be read`);
  }
}
