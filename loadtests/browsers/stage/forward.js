// Forwards TCP from one address of this host to the same port on its loopback: Firefox listens for its driver on
// loopback only, and the driver is on another host. Arguments: the address and the port.

import { connect, createServer } from 'node:net';

const [address, port] = process.argv.slice(2);

createServer((outside) => {
  const inside = connect(Number(port), '127.0.0.1');
  outside.pipe(inside).pipe(outside);
  outside.on('error', () => inside.destroy());
  inside.on('error', () => outside.destroy());
}).listen(Number(port), address, () => console.log('listening'));
