//! Congestion control towards one receiver: how much its line carries, from what it reports of each packet's arrival
//! (transport-wide feedback, draft-holmer-rmcat-transport-wide-cc-extensions-01), after Google congestion control
//! (draft-ietf-rmcat-gcc-02): a rate from growing delay, a limit from loss, probes when there may be room. Pure: time
//! is passed in.

mod budget;
mod estimator;
mod groups;
mod loss;
mod probe;
mod queue;
mod rate;
mod sent;
mod throughput;
mod trend;

#[cfg(test)]
mod link;

pub use budget::Budget;
pub use estimator::Estimator;

/// What the queue on the path does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Usage {
    /// It neither grows nor shrinks.
    #[default]
    Normal,
    /// It grows: more is sent than the path carries.
    Over,
    /// It drains.
    Under,
}
