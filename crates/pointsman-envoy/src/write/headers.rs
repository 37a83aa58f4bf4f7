//! Header operations.

use pointsman_manifest::Value;
use pointsman_route::ir::{AppendAction, HeaderOp, HeaderOps};

use super::{Message, when};

impl Message {
    /// The four fields that every level of header operations has.
    pub(super) fn header_ops(self, ops: &HeaderOps) -> Self {
        self.list("requestHeadersToAdd", &ops.request, header_value_option)
            .texts("requestHeadersToRemove", &ops.request_remove)
            .list("responseHeadersToAdd", &ops.response, header_value_option)
            .texts("responseHeadersToRemove", &ops.response_remove)
    }
}

fn header_value_option(op: &HeaderOp) -> Value {
    let action = match op.append {
        AppendAction::AppendOrAdd => "",
        AppendAction::AddIfAbsent => "ADD_IF_ABSENT",
        AppendAction::OverwriteOrAdd => "OVERWRITE_IF_EXISTS_OR_ADD",
        AppendAction::OverwriteIfExists => "OVERWRITE_IF_EXISTS",
    };
    let header = Message::new().with("key", op.name.as_str()).text("value", &op.value).done();
    Message::new()
        .with("header", header)
        .text("appendAction", action)
        .flag("keepEmptyValue", when(op.keep_empty))
        .done()
}
