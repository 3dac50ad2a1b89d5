/** A mail server that takes everything, keeps nothing, and says over its channel who got a mail. */
import { SMTPServer } from 'smtp-server';

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  disableReverseLookup: true,
  onData(stream, session, done) {
    stream.once('end', () => {
      process.send?.(session.envelope.rcptTo.map(({ address }) => address));
      done();
    });
    stream.resume();
  },
});
server.on('error', () => {});
server.listen(Number(process.env['PORT']), '127.0.0.1', () => process.send?.('ready'));
