import { EncryptedFileSystem } from 'rocksdb-wasm';
import { fileSystemSuite } from './file-system-suite.js';
import { FILE_SYSTEMS, type WithFileSystem } from './helpers.js';

const keys = { main: new Uint8Array(32).fill(7) };

for (const [name, withFileSystem] of Object.entries(FILE_SYSTEMS)) {
  const encrypted: WithFileSystem = (run) =>
    withFileSystem((inner, folder) => run(new EncryptedFileSystem(inner, { keys }), folder));
  fileSystemSuite(`EncryptedFileSystem over ${name}`, encrypted);
}
