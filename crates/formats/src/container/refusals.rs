//! Refuses uploads because of how they are packed or encoded.

use rethread_model::JobError;
use rethread_vendors::refusal;

/// The refusal of an archive whose checksum does not match, or whose data cannot be unpacked.
pub(crate) fn damaged_archive() -> JobError {
    let message = "The archive's checksum does not match what is in it: bytes of it were changed on the way, and nobody can \
                   say which. Nothing was imported. Download the export again and upload it as it comes. If there is no \
                   other copy, import it with the option to salvage (--salvage), which reads what can be read and marks \
                   every comment of it.";
    refusal("damaged_archive", message, None)
}

/// The refusal of an encoding that no exporter writes.
pub(super) fn utf32() -> JobError {
    let message = "The file is encoded as UTF-32, which exports never are. Save it as UTF-8 and upload it again.";
    refusal("unsupported_encoding", message, Some(0))
}

/// The refusal of an upload that unpacks to far more than an export would.
pub(super) fn bomb() -> JobError {
    let message = "The file unpacks to far more than any export would, so it was not read. If it is a real export, unpack \
                   it and upload the unpacked file, or ask the operators to raise the limit.";
    refusal("bomb", message, None)
}
