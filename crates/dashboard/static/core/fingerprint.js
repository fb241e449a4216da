// Recognises a file. Browsers do not let a page keep a file across a reload, so the admin chooses
// it again. Only the identical file may resume its upload.

const SAMPLE = 64 * 1024;

/** The fingerprint of a file: name, size, time and a hash of both ends. */
export async function fingerprint(file) {
  const ends = [file.slice(0, SAMPLE), file.slice(Math.max(0, file.size - SAMPLE))];
  let hash = 0x811c9dc5;
  for (const end of ends) {
    for (const byte of new Uint8Array(await end.arrayBuffer())) {
      // FNV-1a distinguishes files but is not a security measure: `crypto.subtle` is missing on
      // plain HTTP.
      hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    }
  }
  return [file.name, file.size, file.lastModified, hash.toString(16)].join(":");
}
