/** Native RocksDB with a database open beside the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { expect } from 'vitest';
import { command } from '../native/programs.js';
import { until } from '../support/until.js';

/** Opens it natively, and keeps it open while `work` runs. */
export async function whileNative(
  folder: string,
  work: (driver: ChildProcess & { pid: number }) => Promise<void>,
): Promise<void> {
  const [program, ...args] = command('driver', ['write', folder]);
  const driver = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = new Promise((resolve) => driver.on('close', resolve));
  try {
    driver.stdin.write('open\nput default 6e6174697665 31\n');
    await until(() => expect(fs.readFileSync('/proc/locks', 'utf8')).toContain(` ${driver.pid} `));
    await work(driver as ChildProcess & { pid: number });
  } finally {
    driver.stdin.destroy();
    driver.kill('SIGKILL');
    await ended;
  }
}
