/**
 * Core tests that cannot run behind a worker, by the titles that lead to them (`> *`: all below), and why. One that no test has
 * fails the run.
 */
export const NOT_THROUGH_A_WORKER: Readonly<Record<string, string>> = {};
