/** Accounts of a shop, backed up now and then; the two newest backups are kept. */
import { BackupEngine } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const ACCOUNTS = 300;
const KEPT = 2;

interface Shop {
  readonly db: Database;
  backups: number;
}

function backup(shop: Shop, world: World): void {
  const backups = BackupEngine.openSync(world.path('backups'), { engine: world.engine });
  backups.createNewBackup(shop.db, { flushBeforeBackup: true });
  backups.purgeOldBackups(KEPT);
  shop.backups++;
}

export default program({
  everyMs: 60,

  setup(world): Shop {
    return { db: world.open('accounts'), backups: 0 };
  },

  operation(shop, world) {
    const { random } = world;
    for (let i = 0; i < 8; i++) {
      const account = `account/${random.below(ACCOUNTS)}`;
      const balance = Number(shop.db.get(account) ?? 0);
      shop.db.put(account, String(balance + random.below(20)));
    }
    const newest = shop.db.iterator({ reverse: true, limit: 12 });
    try {
      for (const [, balance] of newest) if (Number(balance) < 0) throw new Error('negative');
    } finally {
      newest.free();
    }
    if (world.chance('backup', 1 / 130)) backup(shop, world);
  },

  teardown({ db }) {
    db.close();
  },
});
