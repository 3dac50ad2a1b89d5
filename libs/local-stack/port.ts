import { createServer, type Server } from 'node:net';
import { LocalStackError } from './local-stack-error.ts';

/** A port that was asked for belongs to another program; names the variable that moves it. */
export class PortTakenError extends LocalStackError {
  override readonly name = 'PortTakenError';

  constructor(
    readonly port: number,
    readonly variable: string,
  ) {
    super(`Port ${port} is taken by another program. Stop that program, or set ${variable} to a free port.`);
  }
}

const listen = (server: Server, port: number, host?: string) =>
  new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      // A machine without IPv6 has no wildcard address of that family: nobody can hold the port there.
      else if (error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL') resolve(true);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => resolve(true));
  });

const close = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()));

async function canListen(port: number, host?: string): Promise<boolean> {
  const server = createServer();
  const free = await listen(server, port, host);
  if (server.listening) await close(server);
  return free;
}

/** Whether a server on loopback as well as one on every address could start on the port now. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port));
}

/** @throws PortTakenError naming the variable that moves the port. */
export async function assertPortFree(port: number, variable: string): Promise<void> {
  if (!(await isPortFree(port))) throw new PortTakenError(port, variable);
}

/** The preferred port where it is free, else any free one on loopback. */
export async function findFreePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isPortFree(preferred))) return preferred;
  const server = createServer();
  await listen(server, 0, '127.0.0.1');
  const address = server.address();
  await close(server);
  if (address === null || typeof address === 'string') throw new Error('The system gave no free port.');
  return address.port;
}
