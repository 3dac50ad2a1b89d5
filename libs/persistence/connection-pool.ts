import { Socket } from 'node:net';

/** What the driver's pool tells and lends; as much of it as is needed here. */
export interface PooledConnection {
  on(event: 'end', listener: () => void): unknown;
  release: (error?: Error) => void;
}

export interface ConnectionPool {
  on(event: 'connect' | 'acquire', listener: (connection: PooledConnection) => void): unknown;
  on(event: 'release', listener: (error: unknown, connection: PooledConnection) => void): unknown;
}

/**
 * Takes lent connections back that nobody else would return. The query builder returns one after `commit` or `rollback`
 * has worked, so one that broke in between would be missing from the pool for ever, and ten such are all there are.
 * One that is lent for longer than `longestMilliseconds` is ended: whoever waits for it gets an error.
 */
export function takeBack(pool: ConnectionPool, longestMilliseconds: number): void {
  const lent = new Map<PooledConnection, NodeJS.Timeout>();
  const end = (connection: PooledConnection, reason: string): void => {
    if (!lent.has(connection)) return;
    connection.release(new Error(reason));
    // The borrower may return it, too, and the pool would take that for a mistake.
    connection.release = () => {};
  };
  pool.on('acquire', (connection) => {
    const deadline = setTimeout(
      () => end(connection, 'Connection terminated: the transaction took too long'),
      longestMilliseconds,
    );
    lent.set(connection, deadline.unref());
  });
  pool.on('release', (_error, connection) => {
    clearTimeout(lent.get(connection));
    lent.delete(connection);
  });
  pool.on('connect', (connection) => connection.on('end', () => end(connection, 'Connection terminated')));
}

/** A socket that ends itself when nothing goes or comes for so long: nobody else notices a network that swallows all. */
export function socketThatHears(silenceMilliseconds: number): Socket {
  const socket = new Socket();
  socket.setTimeout(silenceMilliseconds, () => {
    socket.destroy(Object.assign(new Error('Connection terminated: the server is silent'), { code: 'ETIMEDOUT' }));
  });
  return socket;
}
