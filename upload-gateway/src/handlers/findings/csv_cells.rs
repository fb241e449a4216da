//! Text in CSV cells that is safe for spreadsheets.

use std::borrow::Cow;

/// Characters that make a spreadsheet treat a cell as a formula (OWASP, "CSV Injection").
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Makes a spreadsheet display `text` as text: content of an export file must never run as
/// a formula.
pub(crate) fn safe_cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA_STARTS) || text.starts_with('\n') {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_text_stays() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(safe_cell(formula), format!("'{formula}"));
        }
        for text in ["", "5000000001", "a=b", "'quoted"] {
            assert_eq!(safe_cell(text), text);
        }
    }
}
