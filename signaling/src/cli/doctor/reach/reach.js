// Tries to reach the server's relay by UDP alone and by TCP alone: real ICE and DTLS, no camera, no microphone.

/** How long a way may take, in milliseconds: ICE gives up after less on a way that is closed. */
const PATIENCE = 15_000;

const WORDS = {
  trying: ['provas …', 'being tried …'],
  through: ['når fram', 'comes through'],
  closed: ['når inte fram', 'does not come through'],
  off: ['erbjuds inte av servern', 'is not offered by the server'],
  failed: ['kunde inte provas: servern svarar inte', 'could not be tried: the server does not answer'],
};

const base = location.pathname.replace(/\/$/, '');

function show(way, words, kind) {
  const line = document.getElementById(way);
  const [sv, en] = WORDS[words];
  line.querySelector('.sv').textContent = sv;
  line.querySelector('.en').textContent = en;
  if (kind) line.className = kind;
}

async function post(path, body, type) {
  const answer = await fetch(`${base}/${path}`, { method: 'POST', body, headers: { 'Content-Type': type } });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

/** The answer with the candidates of one transport alone. */
function only(way, sdp) {
  const foreign = (line) => line.startsWith('a=candidate:') && line.split(' ')[2]?.toLowerCase() !== way;
  return sdp
    .split('\r\n')
    .filter((line) => !foreign(line))
    .join('\r\n');
}

function connected(connection) {
  return new Promise((resolve) => {
    const end = setTimeout(() => resolve(false), PATIENCE);
    const look = () => {
      const state = connection.connectionState;
      if (state !== 'connected' && state !== 'failed') return;
      clearTimeout(end);
      resolve(state === 'connected');
    };
    connection.addEventListener('connectionstatechange', look);
    look();
  });
}

async function attempt(way) {
  show(way, 'trying');
  const connection = new RTCPeerConnection();
  try {
    connection.addTransceiver('audio', { direction: 'recvonly' });
    connection.addTransceiver('video', { direction: 'recvonly' });
    await connection.setLocalDescription();
    const { peer, sdp } = await post('offer', connection.localDescription.sdp, 'application/sdp');
    const answer = only(way, sdp);
    const offered = answer.includes('a=candidate:');
    const began = performance.now();
    let through = false;
    if (offered) {
      await connection.setRemoteDescription({ type: 'answer', sdp: answer });
      through = await connected(connection);
    }
    const milliseconds = Math.round(performance.now() - began);
    const told = JSON.stringify({ peer, way, connected: through, milliseconds });
    const believed = await post('attempt', told, 'application/json');
    show(way, offered ? (believed ? 'through' : 'closed') : 'off', believed ? 'good' : 'bad');
  } catch (error) {
    console.error(error);
    show(way, 'failed', 'bad');
  } finally {
    connection.close();
  }
}

await attempt('udp');
await attempt('tcp');
document.getElementById('end').hidden = false;
