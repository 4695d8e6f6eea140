//! The media relay of Lika: an answerer-only, ICE-lite, selectively forwarding unit. It knows packets, rooms and who
//! may be heard and seen by whom; it knows no council, HTTP or database.

pub mod allocation;
pub mod audience;
pub mod command;
pub mod congestion;
pub mod dtls;
pub mod event;
pub mod feedback;
pub mod forward;
pub mod ice;
pub mod ids;
pub mod limits;
pub mod receive;
pub mod relay;
pub mod rtcp;
pub mod rtp;
pub mod sample;
pub mod sdp;
pub mod srtp;
pub mod worker;

pub use audience::{Audience, Circles};
pub use command::{Answer, Command, JoinError, Layer, Priority, Reception, Reply};
pub use event::{Disconnection, Event, SrtpProfile};
pub use ids::{PeerId, RoomId, SlotIndex};
pub use rtp::PictureCodec;
