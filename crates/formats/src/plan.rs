//! Reads an upload once and cuts it into slices.

mod output;
mod pass;
mod slicer;
mod window;

use std::collections::BTreeSet;

use rethread_model::{FileFacts, ImportOptions, JobError, Reason, SliceSource, Vendor};
use rethread_vendors::evidence::count;
use rethread_vendors::{DocumentSites, Surveyor, format_of, refusal};

use self::pass::Pass;
use self::slicer::{Join, Slicer};
use self::window::{Breakage, Window};
use crate::container::{self, Documents, FoundPeople, Packing};
use crate::detect::{Detected, PREFIX_BYTES, detect, names_an_export};
use crate::error::PlanError;
use crate::input::{Limits, ReadSeek};
use crate::newest::Newest;
use crate::sites::Sites;

pub use self::output::{Plan, SliceSink};

/// A packed file that was cut off before this size cannot be identified.
const RECOGNISABLE_BYTES: usize = 1024;

/// Plans an import. `size_bytes` is the size of the upload. The limits bound the memory in use.
///
/// A plain upload is sliced by byte range; the slices of a compressed one go to `sink`. Planning is
/// deterministic: the same upload, options and limits give the same plan.
pub fn plan(
    upload: &mut dyn ReadSeek,
    size_bytes: u64,
    options: &ImportOptions,
    limits: &Limits,
    sink: &mut dyn SliceSink,
) -> Result<Plan, PlanError> {
    let packing = container::sniff(upload)?;
    let mut documents = Documents::open(upload, packing, size_bytes, options.vendor, limits)?;
    let several = documents.count() > 1;
    let FoundPeople { people, is_altered: are_people_altered } = documents.people()?;
    if are_people_altered {
        accept_altered(options)?;
    }
    let mut slicer = Slicer::new(sink, limits);
    let mut survey: Option<(Vendor, Box<dyn Surveyor>)> = None;
    let mut defect = None;
    let mut parts = 0;
    let mut all_sites = Vec::new();
    let mut newest = Vec::new();
    let mut first_refusal = None;
    let mut encodings = BTreeSet::new();
    for place in 0..documents.count() {
        let encoding = documents.encoding(place)?;
        let mut document = documents.document(place, encoding)?;
        let mut window = Window::default();
        window.fill_to(&mut document, PREFIX_BYTES)?;
        let detected = match recognise(&window, parts, options) {
            Ok(detected) => detected,
            // A zip may hold other files, such as a note, beside the export.
            Err(error) if several && matches!(error.code.as_str(), "not_an_export" | "empty") => {
                let says_more = names_an_export(&error) && !first_refusal.as_ref().is_some_and(names_an_export);
                if first_refusal.is_none() || says_more {
                    first_refusal = Some(error);
                }
                continue;
            }
            Err(error) => return Err(PlanError::Refused(error)),
        };
        if window.breakage() == Some(Breakage::Altered) {
            accept_altered(options)?;
        }
        // All documents of an upload must be of one vendor.
        let surveyor = match &mut survey {
            None => &mut survey.insert((detected.vendor, format_of(detected.vendor).surveyor())).1,
            Some((vendor, surveyor)) if *vendor == detected.vendor => surveyor,
            Some((vendor, _)) => return Err(PlanError::Refused(mixed(*vendor, detected.vendor))),
        };
        if people.speaks_of(detected.vendor) {
            slicer.join(Join { people: &people, vendor: detected.vendor, options });
        }
        encodings.extend(encoding.map(encoding_rs::Encoding::name));
        // Slices of converted text are not byte ranges of the upload.
        let source = if encoding.is_some() { SliceSource::Own } else { packing.slice_source() };
        let threads_only_lead = format_of(detected.vendor).threads_only_lead();
        slicer.begin_document(parts, source, threads_only_lead, detected.findings);
        window.drop_front(detected.start);
        if detected.is_empty {
            all_sites.push(DocumentSites::default());
            newest.push(None);
            slicer.end_document(window.end());
            parts += 1;
            continue;
        }
        let format = format_of(detected.vendor);
        let pass = Pass {
            framer: format.framer(None),
            surveyor: surveyor.as_mut(),
            slicer: &mut slicer,
            limits,
            is_packed: packing != Packing::Plain,
            newest: Newest::until(limits.received_at),
        };
        let ending = pass.run(&mut window, &mut document)?;
        if ending.is_altered {
            accept_altered(options)?;
            slicer.mark_unverified(Some(parts));
        }
        if let Some(offset) = document.replaced_at() {
            slicer.find(offset, Reason::InvalidEncoding);
        }
        all_sites.push(surveyor.end_of_document());
        newest.push(ending.newest_comment_at);
        slicer.end_document(if ending.defect.is_none() { window.end() } else { window.offset() });
        defect = defect.or(ending.defect);
        parts += 1;
    }
    let Some((vendor, mut surveyor)) = survey else {
        let nothing = || refusal("empty", "There is no file in the upload.", None);
        return Err(PlanError::Refused(first_refusal.unwrap_or_else(nothing)));
    };
    slicer.set_heads(&surveyor.file_head(), &surveyor.slice_heads());
    let survey = surveyor.finish().map_err(PlanError::Refused)?;
    let sites = Sites::of(&all_sites, vendor, options).map_err(PlanError::Refused)?;
    slicer.set_sites(&all_sites, &sites, &newest);
    let joined = match people.count() {
        number if people.speaks_of(vendor) => format!(", e-mail addresses of {} beside it", count(number, "user")),
        _ => String::new(),
    };
    let evidence = evidence_of(survey.evidence, parts, &joined, sites.counts.len());
    if are_people_altered {
        slicer.mark_unverified(None);
    }
    let evidence = encodings.into_iter().fold(evidence, |evidence, name| evidence + ", read as " + name);
    let origin = sites.main();
    let origins = if sites.counts.len() > 1 { sites.counts } else { Vec::new() };
    let facts =
        FileFacts { vendor, origin, origins, site_needed: sites.needed.is_some(), earlier_pages: None, evidence };
    Ok(Plan { site_needed: sites.needed, ..slicer.finish(facts, survey.findings, defect) })
}

/// The evidence as a sentence for people; `joined` names what was found beside the export.
fn evidence_of(found: String, parts: u32, joined: &str, sites: usize) -> String {
    let evidence = match parts {
        1 => found + joined,
        _ => format!("{found}, in {} of the zip{joined}", count(u64::from(parts), "file")),
    };
    if sites > 1 { format!("{evidence}, of {sites} sites") } else { evidence }
}

/// Recognises the document at the start of the window.
fn recognise(window: &Window, part: u32, options: &ImportOptions) -> Result<Detected, JobError> {
    let prefix = window.bytes();
    detect(&prefix[..prefix.len().min(PREFIX_BYTES)], part, options.vendor).map_err(|error| {
        let is_unknown = matches!(error.code.as_str(), "not_an_export" | "empty");
        match window.breakage() {
            Some(Breakage::Altered) if is_unknown => container::damaged_archive(),
            Some(Breakage::Cut) if is_unknown && prefix.len() < RECOGNISABLE_BYTES => {
                let message =
                    "The file was cut off right after its beginning. Download the export again and upload it whole.";
                refusal("truncated", message, Some(window.end()))
            }
            _ => error,
        }
    })
}

/// Refuses an altered archive unless the admin asked to salvage it.
fn accept_altered(options: &ImportOptions) -> Result<(), PlanError> {
    if options.salvage { Ok(()) } else { Err(PlanError::Refused(container::damaged_archive())) }
}

fn mixed(one: Vendor, other: Vendor) -> JobError {
    let message = format!(
        "The zip holds exports of {} and of {}. Unpack it and upload them one by one.",
        one.name(),
        other.name()
    );
    refusal("other_vendor", message, None)
}

#[cfg(test)]
mod tests;
