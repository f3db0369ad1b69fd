/** Serves images, as large values in blob files, without a copy until the answer is written. */
import { type Database, program } from '../world.js';

const IMAGES = 60;
const IMAGE_BYTES = 1500;
const REQUESTS = 6;

interface Answer {
  readonly status: number;
  readonly tag?: string;
  readonly body?: Uint8Array;
}

interface Gallery {
  readonly db: Database;
  readonly tags: Map<string, string>;
  uploads: number;
}

function upload(gallery: Gallery, name: string): void {
  const version = String(gallery.uploads++);
  gallery.db.put(name, version.padEnd(IMAGE_BYTES, '.'));
  gallery.tags.set(name, version);
}

function serve({ db, tags }: Gallery, name: string, ifNoneMatch: string | undefined): Answer {
  const image = db.getPinned(name);
  if (image === undefined) return { status: 404 };
  const tag = tags.get(name) ?? '';
  if (tag === ifNoneMatch) return { status: 304, tag };
  const body = image.copy();
  image.free();
  return { status: 200, tag, body };
}

export default program({
  everyMs: 8,

  setup(world): Gallery {
    const blobs = { enableBlobFiles: true, minBlobSize: 1024n };
    const gallery = {
      db: world.open('images', blobs),
      tags: new Map<string, string>(),
      uploads: 0,
    };
    for (let i = 0; i < IMAGES; i++) upload(gallery, `image-${i}`);
    return gallery;
  },

  operation(gallery, world) {
    const { random } = world;
    if (world.chance('upload', 1 / 4)) upload(gallery, `image-${random.below(IMAGES)}`);
    for (let i = 0; i < REQUESTS; i++) {
      const name = `image-${random.skewed(IMAGES + 2)}`;
      const seen = world.chance('seen before', 1 / 40) ? gallery.tags.get(name) : undefined;
      serve(gallery, name, seen);
    }
  },

  teardown({ db }) {
    db.close();
  },
});
