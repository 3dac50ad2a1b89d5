import { Refusal } from '#contracts';

/**
 * The text of an uploaded file: in the encoding its media type names, else in the one its first bytes mark, else UTF-8.
 * Bytes that mean nothing in it are refused with their line, never replaced: a mangled name would be mailed.
 * @throws Refusal `unsupported_media_type` for an encoding nobody knows, `invalid_request` for other bytes
 */
export function readText(file: Uint8Array, contentType: string): string {
  const named = /;\s*charset="?([\w.:-]+)"?/i.exec(contentType)?.[1] ?? markedEncoding(file);
  if (!named && file.subarray(0, file.indexOf(0x0a) + 1).includes(0))
    throw unreadable('The file looks like UTF-16 without its mark');
  const decoder = decoderOf(named ?? 'utf-8');
  try {
    return decoder.decode(file);
  } catch {
    throw unreadable(`Line ${firstBadLine(file, decoder.encoding)} is not ${decoder.encoding}`);
  }
}

function unreadable(why: string): Refusal {
  const message = `${why}. Save the file as “CSV UTF-8”, or name its encoding in the content type: text/csv; charset=windows-1252`;
  return new Refusal('invalid_request', { errors: [{ pointer: '', message }] });
}

function decoderOf(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new Refusal('unsupported_media_type');
  }
}

/** Spreadsheets mark UTF-16, and UTF-8 at times; the decoder drops the mark. */
function markedEncoding([first, second]: Uint8Array): string | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return null;
}

/** Decoded leniently, what cannot be read shows as the replacement character. */
function firstBadLine(file: Uint8Array, encoding: string): number {
  const text = new TextDecoder(encoding).decode(file);
  return text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
}
