//! What happens to every request on its way in, and to every answer on its way out.

mod csrf;
mod frame;
mod headers;
mod idempotency;
mod pressure;
mod problems;
mod request_id;
mod wrote;

pub(crate) use csrf::refuse_forgeries;
pub(crate) use frame::frame;
pub(crate) use headers::API_REFERENCE_POLICY;
pub(crate) use idempotency::{NotRepeated, once};
pub(crate) use pressure::{Gate, in_time, while_there_is_room};
pub(crate) use request_id::RequestId;
pub(crate) use wrote::{NoteIt, counted};
