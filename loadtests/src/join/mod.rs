//! `lika-loadtests join`: simulated delegates attend a meeting, and faults are injected by lines on standard input.

mod console;
mod invitations;
mod telling;

pub use console::{BadLine, Change, Line};
pub use invitations::InvitationsError;

use crate::delegate::conduct::Conduct;
use crate::delegate::connection::Plan;
use crate::delegate::server::{Server, ServerError, Trust};
use crate::delegate::witness::Beside;
use crate::delegate::{Delegate, News};
use crate::impair::{Impairment, Link};
use crate::media::{MediaError, Wardrobe};
use lika_sfu::Layer;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use telling::Teller;
use thiserror::Error;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::{mpsc, watch};

/// Receive slots a delegate offers at first, so that an ordinary board needs no second connection.
const FIRST_SLOTS: u16 = 20;
/// News waiting to be printed.
const NEWS: usize = 256;

/// What `join` is told on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct JoinArgs {
    /// The server, https://host:port
    #[arg(long, value_name = "URL")]
    pub server: String,
    /// A delegate's personal invitation link; repeat for more delegates. Other users of the machine can see it: prefer
    /// a file
    #[arg(long = "invitation", value_name = "LINK")]
    pub invitations: Vec<String>,
    /// A file with one invitation a line; - reads standard input up to an empty line
    #[arg(long, value_name = "FILE")]
    pub invitations_file: Option<PathBuf>,
    /// Accept any certificate: for tests on the same machine
    #[arg(long, conflicts_with = "ca")]
    pub insecure: bool,
    /// Accept certificates signed by this authority (PEM), or this very certificate
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Simulcast layers sent by each delegate; 1 sends a single picture of 320x180
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=3))]
    pub layers: u8,
    /// The address for the media sockets; otherwise that of the way to the server
    #[arg(long, value_name = "IP")]
    pub bind: Option<IpAddr>,
    /// Tell changes of state as lines of JSON
    #[arg(long)]
    pub json: bool,
}

/// Why nobody could attend.
#[derive(Debug, Error)]
pub enum JoinError {
    /// The server.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The invitations.
    #[error(transparent)]
    Invitations(#[from] InvitationsError),
    /// The pictures and voices.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// No address for the media.
    #[error("no way to {0} is known; check the address, or give --bind IP")]
    NoWay(String),
    /// Delegates that could not attend.
    #[error("{0} of the delegates could not attend; see above")]
    NotAttended(usize),
}

/// One delegate's switches.
struct Switches {
    path: watch::Sender<Impairment>,
    conduct: watch::Sender<Conduct>,
}

/// Runs until everybody has left, the input says `quit`, or the program is interrupted.
///
/// # Errors
/// When the arguments cannot be used, or when a delegate ended before it was asked to.
pub async fn join(args: JoinArgs) -> Result<(), JoinError> {
    let trust = Trust::chosen(args.ca.as_deref(), args.insecure);
    let server = Server::new(&args.server, &trust)?;
    let invitations = invitations::gather(&args.invitations, args.invitations_file.as_deref())?;
    let wardrobe = Arc::new(Wardrobe::open()?);
    let bind = args
        .bind
        .or_else(|| server.local_address())
        .ok_or_else(|| JoinError::NoWay(args.server.clone()))?;
    let layers = layers(args.layers);
    let (news, told) = mpsc::channel(NEWS);
    let send = |(number, invitation)| {
        let (switches, path, conduct) = switches();
        let link = Link::new(path);
        let plan = Plan {
            layers: layers.clone(),
            slots: FIRST_SLOTS,
            bind,
            link: link.clone(),
            full_pictures: false,
        };
        let (server, wardrobe, news) = (server.clone(), Arc::clone(&wardrobe), news.clone());
        let delegate = Delegate {
            number,
            server,
            plan,
            wardrobe,
            conduct,
            link,
            news,
            beside: Beside::default(),
        };
        tokio::spawn(delegate.attend(invitation));
        switches
    };
    let delegates: Vec<Switches> = (1..).zip(invitations).map(send).collect();
    drop(news);
    operate(&delegates, told, Teller::new(args.json)).await
}

/// Tells the news and obeys the lines.
async fn operate(
    delegates: &[Switches],
    mut news: mpsc::Receiver<(usize, News)>,
    mut teller: Teller,
) -> Result<(), JoinError> {
    let mut lines = Some(BufReader::new(tokio::io::stdin()).lines());
    let mut ended_early = 0;
    loop {
        tokio::select! {
            told = news.recv() => match told {
                Some((number, news)) => {
                    let asked = delegates.get(number - 1).is_some_and(|d| d.conduct.borrow().leaves);
                    ended_early += usize::from(matches!(news, News::Left(_)) && !asked);
                    teller.tell(number, &news);
                }
                None => break,
            },
            line = next_line(&mut lines) => obey(delegates, &line, &mut teller),
            _ = tokio::signal::ctrl_c() => send_home(delegates),
        }
    }
    if ended_early == 0 {
        Ok(())
    } else {
        Err(JoinError::NotAttended(ended_early))
    }
}

fn obey(delegates: &[Switches], line: &str, teller: &mut Teller) {
    match line.parse() {
        Ok(Line::Quit) => send_home(delegates),
        Ok(Line::Of(number, change)) => match delegates.get(number.wrapping_sub(1)) {
            Some(delegate) => {
                let (path, conduct) = change.apply(*delegate.path.borrow(), *delegate.conduct.borrow());
                delegate.path.send_replace(path);
                delegate.conduct.send_replace(conduct);
                teller.changed(number, change);
            }
            None => teller.complain(&format!("there are delegates 1 to {}, no {number}", delegates.len())),
        },
        Err(error) => teller.complain(&error.to_string()),
    }
}

fn send_home(delegates: &[Switches]) {
    for delegate in delegates {
        delegate.conduct.send_modify(|conduct| conduct.leaves = true);
    }
}

/// The next line; never, once the input has ended, so that delegates may run without a terminal.
async fn next_line(lines: &mut Option<tokio::io::Lines<BufReader<tokio::io::Stdin>>>) -> String {
    if let Some(input) = lines {
        if let Ok(Some(line)) = input.next_line().await {
            return line;
        }
        *lines = None;
    }
    std::future::pending().await
}

fn switches() -> (Switches, watch::Receiver<Impairment>, watch::Receiver<Conduct>) {
    let (path, path_seen) = watch::channel(Impairment::None);
    let (conduct, conduct_seen) = watch::channel(Conduct::WELL);
    (Switches { path, conduct }, path_seen, conduct_seen)
}

fn layers(count: u8) -> Vec<Layer> {
    match count {
        1 => vec![Layer::Mid],
        2 => vec![Layer::Low, Layer::Mid],
        _ => vec![Layer::Low, Layer::Mid, Layer::High],
    }
}
