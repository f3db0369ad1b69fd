// What clients do: send lines, ask for the newest ones, and now and then export. They are not perfect: one line in
// 400 is cut off in the middle, and one export in three is not read to its end.

const SERVICES = ['api', 'auth', 'billing', 'mail'];
const LINES = 20;

/** Sends `rounds` rounds of requests, one after another; the same for the same numbers. */
export async function load(url, { from = 0, rounds, onRound = () => {} }) {
  for (let round = from; round < from + rounds; round++) {
    const service = SERVICES[round % SERVICES.length];
    await send(`${url}/logs/${service}`, 'POST', linesOf(round));
    await send(`${url}/logs/${service}?limit=${LINES}`, 'GET');
    if (round % 25 === 0) await exportAll(url, round % 3 !== 0);
    await onRound(round);
  }
}

function linesOf(round) {
  const lines = [];
  for (let i = 0; i < LINES; i++) {
    const number = round * LINES + i;
    const text = `request ${number} took ${(number * 7919) % 500} ms`;
    const line = JSON.stringify({ number, level: number % 50 === 0 ? 'warn' : 'info', text });
    lines.push(number % 400 === 399 ? line.slice(0, -10) : line);
  }
  return lines.join('\n');
}

async function exportAll(url, toTheEnd) {
  const number = await (await send(`${url}/exports`, 'POST')).text();
  for (;;) {
    const page = await send(`${url}/exports/${number}`, 'GET');
    await page.text();
    if (page.status === 204 || !toTheEnd) return;
  }
}

/** An answer of 500 is the client's own fault: it sent what is no JSON. */
async function send(url, method, body) {
  const response = await fetch(url, { method, body });
  if (url.includes('/exports')) return response;
  await response.arrayBuffer();
  return response;
}
