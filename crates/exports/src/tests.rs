//! import(export(x)) is x, as far as [`holds`](super::holds) states that the format holds it.

mod documents;
mod generator;
mod losses;
mod names;
mod partly;
mod read;
mod round_trip;
mod safety;
mod seen;

use rethread_model::{ExportFormat, ExportTally, Exported, Timestamp};

use super::Writer;

/// The export file of these items, and its tally.
fn export(format: ExportFormat, items: &[Exported]) -> (Vec<u8>, ExportTally) {
    export_with(format, items, |writer, pass, item| {
        writer.needs_comments(pass) || !matches!(item, Exported::Comment(_))
    })
}

/// An export in whose passes only those items come for which `comes` returns `true`.
fn export_with(
    format: ExportFormat,
    items: &[Exported],
    comes: impl Fn(&Writer, u32, &Exported) -> bool,
) -> (Vec<u8>, ExportTally) {
    let mut writer = Writer::new(format, Timestamp::from_second(1_600_000_000).unwrap());
    let mut out = Vec::new();
    writer.begin(&mut out);
    for pass in 0..writer.passes() {
        for item in items {
            if comes(&writer, pass, item) {
                writer.write(pass, item, &mut out);
            }
        }
        writer.end_pass(pass, &mut out);
    }
    (out, writer.tally().clone())
}
