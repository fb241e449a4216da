//! What stands between tags, and where it may stand.

use quick_xml::events::BytesDecl;

use super::{At, LONGEST_COMMENT, LONGEST_TAG, StrictFramer, rules};
use crate::framing::Step;

impl StrictFramer {
    /// Checks that text is allowed here: inside the root.
    pub(super) fn inside(&self, here: usize) -> Result<Option<Step>, At> {
        if self.elements.depth() == 0 { Err(here) } else { Ok(None) }
    }

    pub(super) fn text(&self, characters: &str, here: usize) -> Result<Option<Step>, At> {
        if self.elements.depth() == 0
            && let Some(found) = characters.find(|c| !rules::is_space(c))
        {
            return Err(here + found);
        }
        rules::section_end(characters).map_or(Ok(None), |found| Err(here + found))
    }

    pub(super) fn reference(&self, name: &str, here: usize) -> Result<Option<Step>, At> {
        self.inside(here)?;
        rules::character(name).map_or(Err(here), |_| Ok(None))
    }

    pub(super) fn comment(&self, here: usize, after: usize) -> Result<Option<Step>, At> {
        let is_long = after - here > LONGEST_COMMENT && (self.record.is_none() || self.is_passing_over);
        if is_long { Err(here) } else { Ok(None) }
    }

    pub(super) fn instruction(target: &str, here: usize, after: usize) -> Result<Option<Step>, At> {
        let is_legal = rules::is_name(target) && !target.eq_ignore_ascii_case("xml") && after - here <= LONGEST_TAG;
        if is_legal { Ok(None) } else { Err(here) }
    }

    pub(super) fn declaration(&self, declaration: &BytesDecl<'_>, here: usize) -> Result<Option<Step>, At> {
        let is_first = self.is_at_start && here == 0 && !self.is_slice;
        if is_first && declaration.version().is_ok() { Ok(None) } else { Err(here) }
    }
}
