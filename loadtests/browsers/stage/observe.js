// Runs in every page before the page's own code: makes its peer connections observable, and lets a test do what a
// tampered page or a broken camera does. Changes nothing by itself.

export function observe() {
  const connections = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class RTCPeerConnection extends Original {
    constructor(...args) {
      super(...args);
      connections.push(this);
    }
  };

  let conversation = null; // with the server
  const Socket = window.WebSocket;
  window.WebSocket = class WebSocket extends Socket {
    constructor(...args) {
      super(...args);
      conversation = this;
    }
  };

  const living = () => connections.filter((c) => c.connectionState !== 'closed').at(-1);

  async function stats(type) {
    const connection = living();
    if (!connection) return [];
    return [...(await connection.getStats()).values()].filter((entry) => entry.type === type);
  }

  async function sender(kind) {
    const found = living()
      ?.getSenders()
      .filter((s) => s.track?.kind === kind);
    if (!found?.length) throw new Error(`the page sends no ${kind}`);
    return found[0];
  }

  /** A picture made by the test: `paint` draws it; a rate of 0 sends the first frame only. */
  function painted(paint, rate) {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
    const pen = canvas.getContext('2d');
    const track = canvas.captureStream(rate).getVideoTracks()[0];
    const draw = () => paint(pen, canvas);
    draw();
    if (rate > 0) setInterval(draw, 1000 / rate);
    return track;
  }

  let camera = null; // the real one, while another picture is sent

  window.observed = {
    /** Every stream the browser receives, with its mid. */
    async incoming(kind) {
      return (await stats('inbound-rtp'))
        .filter((entry) => entry.kind === kind)
        .map((entry) => ({
          mid: entry.mid,
          frames: entry.framesDecoded ?? 0,
          width: entry.frameWidth ?? 0,
          height: entry.frameHeight ?? 0,
          energy: entry.totalAudioEnergy ?? 0,
          packets: entry.packetsReceived ?? 0,
        }));
    },

    /** The layers the browser sends. */
    async outgoing() {
      return (await stats('outbound-rtp'))
        .filter((entry) => entry.kind === 'video')
        .map((entry) => ({ rid: entry.rid, width: entry.frameWidth ?? 0, frames: entry.framesEncoded ?? 0 }));
    },

    async transport() {
      const [transport] = await stats('transport');
      return transport && { dtls: transport.dtlsState, srtp: transport.srtpCipher, tls: transport.tlsVersion };
    },

    /** Which person's element plays which received stream, as the page has put them on the screen. */
    playing() {
      const mids = new Map((living()?.getTransceivers() ?? []).map((t) => [t.receiver.track.id, t.mid]));
      return [...document.querySelectorAll('video, audio')].flatMap((element) => {
        const person = Number(element.closest('[data-participant]')?.dataset.participant);
        return (element.srcObject?.getTracks() ?? [])
          .filter((track) => person && !element.paused && mids.has(track.id))
          .map((track) => ({ person, kind: track.kind, mid: mids.get(track.id) }));
      });
    },

    connectionState: () => living()?.connectionState ?? 'none',

    async sendPicture(which) {
      const video = await sender('video');
      if (which === 'camera') {
        if (camera) await video.replaceTrack(camera);
        camera = null;
        return;
      }
      camera ??= video.track;
      const black = (pen, { width, height }) => pen.fillRect(0, 0, width, height);
      const bars = (pen, { width }) => {
        pen.fillStyle = '#9cf';
        pen.fillRect(width / 4, 20, width / 2, 100);
      };
      await video.replaceTrack(which === 'covered' ? painted(black, 10) : painted(bars, 0));
    },

    /** What a tampered page would do: send a loud tone whatever the meeting says. */
    async sendTone() {
      const audio = new AudioContext();
      const tone = audio.createOscillator();
      const out = audio.createMediaStreamDestination();
      tone.connect(out);
      tone.start();
      await audio.resume();
      const sound = await sender('audio');
      const [track] = out.stream.getAudioTracks();
      await sound.replaceTrack(track);
      track.enabled = true;
      return audio.state;
    },

    /** What a broken or hostile page might send; nothing here is a message. */
    sendNonsense() {
      for (const text of ['', 'hello', '{"type":"no such"}', '[1,2', `"${'x'.repeat(1_000_000)}"`])
        conversation.send(text);
      conversation.send(new Uint8Array([0, 1, 255]));
    },
  };
}
