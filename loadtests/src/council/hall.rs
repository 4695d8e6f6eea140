//! Everybody who takes part in a test, wherever their delegates run.

use crate::agent::{Remote, RemoteError};
use crate::company::{Company, CompanyError, MAILBOX, Order, Setting, Told};
use crate::convene::BearerToken;
use crate::delegate::server::Server;
use crate::language::Language;
use lika::protocol::ServerMessage;
use tokio::sync::mpsc;

/// Messages to the chair's page not taken in yet: a burst of events of a council.
const TO_THE_CHAIR: usize = 4096;

/// Other machines that lend delegates.
#[derive(Clone, Debug)]
pub struct Agents {
    /// Where they are, `host:port`.
    pub addresses: Vec<String>,
    /// The secret they share with this machine.
    pub token: BearerToken,
}

/// What is told from somewhere.
#[derive(Debug)]
pub(super) struct Happening {
    /// Which company, from 0; the first is this machine's own.
    pub(super) company: usize,
    /// What, or why there will be no more.
    pub(super) told: Result<Told, String>,
}

/// All companies.
pub(super) struct Hall {
    companies: Vec<mpsc::Sender<Order>>,
    /// Where the agents are; the first is that of company 1.
    addresses: Vec<String>,
    pub(super) happenings: mpsc::Receiver<Happening>,
    pub(super) chair: mpsc::Receiver<ServerMessage>,
}

impl Hall {
    /// This machine's own company, and the agents'. The chair is always on this machine, and so is everybody where there
    /// are no agents.
    ///
    /// # Errors
    /// When a company or an agent cannot be used.
    pub(super) async fn open(setting: &Setting, server: &Server, agents: Option<&Agents>) -> Result<Self, HallError> {
        let (tell, happenings) = mpsc::channel(MAILBOX);
        let (to_chair, chair) = mpsc::channel(TO_THE_CHAIR);
        let (own, mut own_told) = mpsc::channel(MAILBOX);
        let company = Company::new(setting.clone(), server.clone(), own, Some(to_chair))?;
        let (order, orders) = mpsc::channel(MAILBOX);
        tokio::spawn(company.run(orders));
        let to_hall = tell.clone();
        tokio::spawn(async move {
            while let Some(told) = own_told.recv().await {
                let happening = Happening {
                    company: 0,
                    told: Ok(told),
                };
                if to_hall.send(happening).await.is_err() {
                    return;
                }
            }
            let ended = Err("its delegates ended".to_owned());
            // Where the test is over nobody listens.
            let _ = to_hall
                .send(Happening {
                    company: 0,
                    told: ended,
                })
                .await;
        });
        let mut companies = vec![order];
        if let Some(agents) = agents {
            for address in &agents.addresses {
                let remote = Remote::connect(address, &agents.token, setting).await?;
                let company = companies.len();
                companies.push(remote.work(tell.clone(), move |told| Happening { company, told }));
            }
        }
        Ok(Self {
            companies,
            addresses: agents.map(|agents| agents.addresses.clone()).unwrap_or_default(),
            happenings,
            chair,
        })
    }

    /// A company's machine, for people.
    pub(super) fn name(&self, company: usize, language: Language) -> String {
        let agent = company.checked_sub(1).and_then(|agent| self.addresses.get(agent));
        agent
            .cloned()
            .unwrap_or_else(|| language.of("den här maskinen", "this machine").to_owned())
    }

    /// An order to whoever it concerns.
    pub(super) async fn order(&self, order: Order) {
        let company = self.company_of(order.number());
        if let Some(orders) = self.companies.get(company) {
            // A company that has gone tells it by itself.
            let _ = orders.send(order).await;
        }
    }

    fn company_of(&self, number: usize) -> usize {
        match self.companies.len() - 1 {
            0 => 0,
            _ if number == 1 => 0,
            agents => 1 + number % agents,
        }
    }
}

/// Why not everybody can be there.
#[derive(Debug, thiserror::Error)]
pub enum HallError {
    /// This machine's own delegates.
    #[error(transparent)]
    Company(#[from] CompanyError),
    /// An agent's.
    #[error(transparent)]
    Remote(#[from] RemoteError),
}
