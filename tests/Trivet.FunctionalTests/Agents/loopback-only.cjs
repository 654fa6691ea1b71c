// Loaded before an agent's own code: every host but this machine is unknown, and asking for one is noted.
const dns = require('node:dns');
const fs = require('node:fs');

const isLocal = (host) => !host || host === 'localhost' || host === '::1' || host.startsWith('127.');

function refuse(host) {
  if (process.env.STRANGERS) fs.appendFileSync(process.env.STRANGERS, host + '\n');
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND', hostname: host });
}

const { lookup } = dns;
dns.lookup = (host, ...rest) => {
  if (isLocal(host)) return lookup(host, ...rest);
  const error = refuse(host);
  process.nextTick(() => rest.at(-1)(error));
};

const lookupPromise = dns.promises.lookup;
dns.promises.lookup = (host, ...rest) => (isLocal(host) ? lookupPromise(host, ...rest) : Promise.reject(refuse(host)));
