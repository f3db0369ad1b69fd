/** A column family for the jobs of each project, with a cursor at what is due. Projects end. */
import type { ColumnFamily, DBIterator } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const PROJECTS = 6;

interface Project {
  readonly name: string;
  readonly jobs: ColumnFamily<'utf8', 'utf8'>;
  readonly due: DBIterator<string, string>;
  added: number;
}

interface Scheduler {
  readonly db: Database;
  readonly projects: Map<number, Project>;
  started: number;
}

function start(scheduler: Scheduler, place: number): Project {
  const { db } = scheduler;
  const name = `project-${scheduler.started++}`;
  const jobs = db.createColumnFamily<'utf8', 'utf8'>(name, { writeBufferSize: 64 * 1024 });
  const due = db.iterator<'utf8', 'utf8'>({ columnFamily: jobs, tailing: true });
  const project = { name, jobs, due, added: 0 };
  scheduler.projects.set(place, project);
  return project;
}

function end({ db, projects }: Scheduler, place: number): void {
  const project = projects.get(place);
  if (project === undefined) return;
  db.dropColumnFamily(project.jobs);
  projects.delete(place);
}

function schedule(scheduler: Scheduler, place: number, { random }: World): void {
  const project = scheduler.projects.get(place) ?? start(scheduler, place);
  const { db } = scheduler;
  for (let i = 0; i < 8; i++) {
    const job = `job/${String(project.added++ % 60).padStart(4, '0')}`;
    db.put(job, `step ${random.below(10)}`, { columnFamily: project.jobs });
  }
  project.due.seekToStart();
  for (const [job] of project.due.nextMany(4)) db.get(job, { columnFamily: project.jobs });
}

export default program({
  everyMs: 80,

  setup(world): Scheduler {
    return { db: world.open('jobs'), projects: new Map(), started: 0 };
  },

  operation(scheduler, world) {
    const place = world.random.below(PROJECTS);
    schedule(scheduler, place, world);
    if (world.chance('project ends', 1 / 120)) end(scheduler, place);
  },

  settle({ db, projects }) {
    // A test's projects are ended in the order that one should.
    for (const { due, jobs } of projects.values()) {
      due.free();
      db.dropColumnFamily(jobs);
      jobs.free();
    }
    projects.clear();
  },

  teardown({ db }) {
    db.close();
  },
});
