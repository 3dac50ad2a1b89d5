/** The oldest Node.js the built service runs on: `argon2` of node:crypto came with it. Package.json says the same. */
export const oldestNode = '24.7.0';

/** What is wrong with this version of Node.js, as a sentence with the next step; null where nothing is. */
export function complaintAboutNode(version: string): string | null {
  const [needed, found] = [oldestNode, version].map((text) => text.split('.').map(Number));
  const [major = 0, minor = 0] = found ?? [];
  const [neededMajor = 0, neededMinor = 0] = needed ?? [];
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return null;
  return `Countersign needs Node.js ${oldestNode} or newer; this is ${version}. Install a newer one, or start it with npm (npm start), which brings its own.`;
}

/** Called before the program itself is imported: an older Node.js already fails at linking it, and names no reason. */
export function requireNode(): void {
  const complaint = complaintAboutNode(process.versions.node);
  if (complaint === null) return;
  process.stderr.write(`${complaint}\n`);
  process.exit(1);
}
