//! The relay as a process of its own on one core, and the benchmark's handle on it.

use super::BenchError;
use super::floor::{self, Load};
use super::machine;
use super::wire::{Request, Response};
use lika_sfu::worker::{Worker, WorkerConfig};
use lika_sfu::{Audience, Command, PeerId, Reception, RoomId};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ROOM: RoomId = RoomId(1);

/// The process, seen from the benchmark. Dropping it ends the process: its input closes.
pub(super) struct Relay {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// Where it listens.
    pub(super) address: SocketAddr,
}

/// What the process has used.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    pub(super) cpu: Duration,
    pub(super) resident_bytes: u64,
    /// Datagrams that reached it.
    pub(super) received: u64,
}

impl Relay {
    /// Starts this program again as the relay, on `core`.
    pub(super) fn start(core: usize) -> Result<Self, BenchError> {
        let program = std::env::current_exe().map_err(BenchError::Start)?;
        let mut process = std::process::Command::new(program)
            .args(["bench-relay", "--core", &core.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(BenchError::Start)?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(BenchError::Gone);
        };
        let address = SocketAddr::new(LOOPBACK, 0);
        let mut relay = Self {
            process,
            input: Some(input),
            output: BufReader::new(output),
            address,
        };
        match relay.read()? {
            Response::Ready { address } => relay.address = address,
            other => return Err(unexpected(other)),
        }
        Ok(relay)
    }

    pub(super) fn join(&mut self, peer: u64, offer: String, speaks: bool) -> Result<String, BenchError> {
        match self.ask(&Request::Join { peer, offer, speaks })? {
            Response::Joined { peer: joined, sdp } if joined == peer => Ok(sdp),
            other => Err(unexpected(other)),
        }
    }

    pub(super) fn leave(&mut self, peer: u64) -> Result<(), BenchError> {
        self.write(&Request::Leave { peer })
    }

    pub(super) fn usage(&mut self) -> Result<Usage, BenchError> {
        match self.ask(&Request::Usage)? {
            Response::Usage {
                cpu_ns,
                resident_bytes,
                received,
            } => Ok(Usage {
                cpu: Duration::from_nanos(cpu_ns),
                resident_bytes,
                received,
            }),
            other => Err(unexpected(other)),
        }
    }

    /// CPU nanoseconds a packet costs at least on the relay's core.
    pub(super) fn floor(&mut self, load: Load, drain_core: usize) -> Result<f64, BenchError> {
        let Load {
            receivers,
            packet_bytes,
            run,
            every,
        } = load;
        match self.ask(&Request::Floor {
            receivers,
            packet_bytes,
            run,
            every_us: u64::try_from(every.as_micros()).unwrap_or(u64::MAX),
            drain_core,
        })? {
            Response::Floor { ns_per_packet } => Ok(ns_per_packet),
            other => Err(unexpected(other)),
        }
    }

    fn ask(&mut self, request: &Request) -> Result<Response, BenchError> {
        self.write(request)?;
        self.read()
    }

    fn write(&mut self, request: &Request) -> Result<(), BenchError> {
        let mut line = serde_json::to_string(request).map_err(|error| BenchError::Talk(error.to_string()))?;
        line.push('\n');
        let input = self.input.as_mut().ok_or(BenchError::Gone)?;
        input.write_all(line.as_bytes()).map_err(|_| BenchError::Gone)
    }

    fn read(&mut self) -> Result<Response, BenchError> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(0) | Err(_) => Err(BenchError::Gone),
            Ok(_) => serde_json::from_str(&line).map_err(|error| BenchError::Talk(error.to_string())),
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.process.wait();
    }
}

fn unexpected(response: Response) -> BenchError {
    match response {
        Response::Refused { reason, .. } | Response::Failed { reason } => BenchError::Relay(reason),
        other => BenchError::Talk(format!("{other:?}")),
    }
}

/// The process itself: serves requests until its input ends.
///
/// # Errors
/// When the streams break; every other failure is told over them.
pub fn serve(core: usize) -> io::Result<()> {
    let (tell, told) = mpsc::channel::<Response>();
    let writing = std::thread::spawn(move || write_all(&told));
    machine::pin(core)?;
    let config = WorkerConfig {
        bind: SocketAddr::new(LOOPBACK, 0),
        public_ips: vec![LOOPBACK],
        tcp_port: None,
        core: Some(core),
        number: 0,
        h264: true,
    };
    match Worker::spawn(&config, |_event| {}) {
        Ok(worker) => {
            let _ = tell.send(Response::Ready {
                address: worker.local_addr(),
            });
            for line in io::stdin().lock().lines() {
                obey(&worker, &line?, &tell);
            }
        }
        Err(error) => drop(tell.send(Response::Failed {
            reason: error.to_string(),
        })),
    }
    drop(tell);
    writing.join().unwrap_or(Ok(()))
}

fn write_all(told: &mpsc::Receiver<Response>) -> io::Result<()> {
    for response in told {
        let line = serde_json::to_string(&response)?;
        writeln!(io::stdout(), "{line}")?;
    }
    Ok(())
}

fn obey(worker: &Worker, line: &str, tell: &mpsc::Sender<Response>) {
    let answer = match serde_json::from_str(line) {
        Ok(Request::Join { peer, offer, speaks }) => return join(worker, peer, offer, speaks, tell),
        Ok(Request::Leave { peer }) => match worker.send(Command::Leave { peer: PeerId(peer) }) {
            Ok(()) => return,
            Err(error) => Response::Failed {
                reason: error.to_string(),
            },
        },
        Ok(Request::Usage) => return usage(worker, tell),
        Ok(Request::Floor {
            receivers,
            packet_bytes,
            run,
            every_us,
            drain_core,
        }) => {
            match floor::measure(
                Load {
                    receivers,
                    packet_bytes,
                    run,
                    every: Duration::from_micros(every_us),
                },
                drain_core,
            ) {
                Ok(ns_per_packet) => Response::Floor { ns_per_packet },
                Err(error) => Response::Failed {
                    reason: error.to_string(),
                },
            }
        }
        Err(error) => Response::Failed {
            reason: error.to_string(),
        },
    };
    // Nobody reads any more: the benchmark is over.
    let _ = tell.send(answer);
}

fn join(worker: &Worker, peer: u64, offer: String, speaks: bool, tell: &mpsc::Sender<Response>) {
    let audience = if speaks {
        Audience::SPEAKING
    } else {
        Audience::LISTENING
    };
    let told = tell.clone();
    let reply = Box::new(move |answer: Result<lika_sfu::Answer, lika_sfu::JoinError>| {
        let response = match answer {
            Ok(answer) => Response::Joined { peer, sdp: answer.sdp },
            Err(error) => Response::Refused {
                peer,
                reason: error.to_string(),
            },
        };
        let _ = told.send(response);
    });
    let command = Command::Join {
        room: ROOM,
        peer: PeerId(peer),
        offer,
        audience,
        reception: Reception::Everyone,
        reply,
    };
    if let Err(error) = worker.send(command) {
        let _ = tell.send(Response::Refused {
            peer,
            reason: error.to_string(),
        });
    }
}

fn usage(worker: &Worker, tell: &mpsc::Sender<Response>) {
    let told = tell.clone();
    let asked = worker.count(move |counters| {
        let _ = told.send(usage_with(counters.received));
    });
    if let Err(error) = asked {
        let _ = tell.send(Response::Failed {
            reason: error.to_string(),
        });
    }
}

fn usage_with(received: u64) -> Response {
    match machine::resident_bytes() {
        Ok(resident_bytes) => Response::Usage {
            cpu_ns: u64::try_from(machine::process_cpu().as_nanos()).unwrap_or(u64::MAX),
            resident_bytes,
            received,
        },
        Err(error) => Response::Failed {
            reason: error.to_string(),
        },
    }
}
