"""An encoder made of GStreamer's webrtcbin: publishes a test picture and a tone through WHIP (RFC 9725).

Reads the door ("https://…/whip<tab>token") from standard input, since a command line can be read by everybody on the
machine. Says `certificate` with its DTLS certificate (PEM in base64), `srtp` with the cipher that was agreed on, and `connected`;
leaves when standard input ends, and says `left` with the status of the answer.
"""

import base64
import ssl
import sys
import threading
import urllib.request
from urllib.parse import urljoin

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

PIPELINE = """
  webrtcbin name=peer bundle-policy=max-bundle
  audiotestsrc is-live=true wave=sine freq=440 ! audioconvert ! opusenc ! rtpopuspay pt=111 ! peer.
  videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=15/1 ! videoconvert
    ! vp8enc deadline=1 keyframe-max-dist=60 target-bitrate=150000 ! rtpvp8pay pt=96 picture-id-mode=15-bit ! peer.
"""

# What dtlsdec means by its numbers (GstDtlsSrtpCipher, GstDtlsSrtpAuth).
CIPHERS = {1: "aes-128-icm"}
HASHES = {1: "hmac-sha1-32", 2: "hmac-sha1-80"}


class Encoder:
    def __init__(self, door: str):
        self.url, self.token = door.strip().split("\t")
        self.session = None
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.parse_launch(PIPELINE)
        self.peer = self.pipeline.get_by_name("peer")
        self.peer.connect("on-negotiation-needed", self.offer)
        self.peer.connect("notify::ice-gathering-state", self.gathered)
        self.peer.connect("notify::connection-state", self.connection_changed)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", self.failed)

    def run(self) -> None:
        self.pipeline.set_state(Gst.State.PLAYING)
        threading.Thread(target=self.leave_at_end_of_input, daemon=True).start()
        self.loop.run()
        if self.session:
            with self.ask("DELETE", self.session) as response:
                say("left", str(response.status))
        self.pipeline.set_state(Gst.State.NULL)

    def leave_at_end_of_input(self) -> None:
        sys.stdin.read()
        GLib.idle_add(self.loop.quit)

    def offer(self, _peer) -> None:
        for section in range(2):
            transceiver = self.peer.emit("get-transceiver", section)
            transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
        self.peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offered))

    def offered(self, promise) -> None:
        reply = promise.get_reply()  # owns the offer
        self.peer.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def gathered(self, _peer, _property) -> None:
        if self.peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            GLib.idle_add(self.enter)

    def enter(self) -> None:
        description = self.peer.get_property("local-description")
        with self.ask("POST", self.url, description.sdp.as_text()) as response:
            self.session = urljoin(self.url, response.headers["Location"])
            body = response.read()
        _, sdp = GstSdp.SDPMessage.new_from_text(body.decode())
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        self.peer.emit("set-remote-description", answer, Gst.Promise.new())

    def ask(self, method: str, url: str, offer: str = ""):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/sdp"}
        request = urllib.request.Request(url, offer.encode(), headers, method=method)
        # The server of a test signs its own certificate.
        return urllib.request.urlopen(request, context=ssl._create_unverified_context())

    def connection_changed(self, _peer, _property) -> None:
        if self.peer.get_property("connection-state") == GstWebRTC.WebRTCPeerConnectionState.CONNECTED:
            dtls = self.dtls()
            say("certificate", base64.b64encode(dtls.get_property("pem").encode()).decode())
            say("srtp", CIPHERS[dtls.get_property("srtp-cipher")] + " " + HASHES[dtls.get_property("srtp-auth")])
            say("connected")

    def dtls(self) -> Gst.Element:
        elements = self.pipeline.iterate_recurse()
        while True:
            _, element = elements.next()
            if element.get_factory() and element.get_factory().get_name() == "dtlsdec":
                return element

    def failed(self, _bus, message) -> None:
        say("failed", str(message.parse_error()))
        self.loop.quit()


def say(*words: str) -> None:
    print(*words, sep="\t", flush=True)


Gst.init(None)
Encoder(sys.stdin.readline()).run()
