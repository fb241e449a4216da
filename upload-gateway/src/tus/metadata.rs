//! `Upload-Metadata`: the options of the import, under the parameter names of `POST /imports`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::headers::{UPLOAD_METADATA, refused};
use crate::extract::{CreateImportRequest, Params};
use crate::problem::Problem;

/// Names that public clients use for the file name.
const FILE_NAMES: [&str; 2] = ["filename", "name"];
/// Other keys that clients send; they are ignored.
const IDLE: [&str; 3] = ["filetype", "type", "relativePath"];

/// Parses `key base64,key base64,…`. A key without a value has an empty one; an empty header counts
/// as absent.
pub(super) fn wanted(metadata: &str) -> Result<CreateImportRequest, Problem> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let is_empty = metadata.trim().is_empty();
    for pair in metadata.split(',').map(str::trim).filter(|_| !is_empty) {
        if pair.is_empty() {
            return Err(refused(&UPLOAD_METADATA, "holds a pair without a key"));
        }
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let value = value.ok_or_else(|| refused(&UPLOAD_METADATA, "holds a value that is not text in base64"))?;
        pairs.push((key.to_owned(), value));
    }
    let is_named = pairs.iter().any(|(key, _)| key == "file_name");
    let name = FILE_NAMES.iter().find_map(|name| pairs.iter().position(|(key, _)| key == name));
    if let Some(name) = name.filter(|_| !is_named) {
        "file_name".clone_into(&mut pairs[name].0);
    }
    pairs.retain(|(key, _)| !FILE_NAMES.contains(&key.as_str()) && !IDLE.contains(&key.as_str()));
    CreateImportRequest::from_params(pairs.into_iter().collect::<Params>())
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use rethread_model::Vendor;

    use super::*;

    #[test]
    fn the_parameters_of_an_import_are_the_metadata_of_an_upload() {
        let given = wanted("vendor ZGlzcXVz,dry_run dHJ1ZQ==, file_name ZXhwb3J0LnhtbA==,include ,scheme").unwrap();
        assert_eq!(given.options.vendor, Some(Vendor::Disqus));
        assert!(given.options.dry_run);
        assert_eq!(given.file_name.as_deref(), Some("export.xml"));
        assert_eq!(wanted("").unwrap().file_name, None);
    }

    #[test]
    fn what_public_clients_tell_is_understood() {
        let given = wanted("filename ZXhwb3J0LnhtbA==,filetype dGV4dC94bWw=").unwrap();
        assert_eq!(given.file_name.as_deref(), Some("export.xml"));
        let given = wanted("relativePath bnVsbA==,name YS54bWw=,type dGV4dC94bWw=,filename Yi54bWw=").unwrap();
        assert_eq!(given.file_name.as_deref(), Some("b.xml"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (metadata, name) in [
            ("vendor bXlzcGFjZQ==", "vendor"),
            ("vender ZGlzcXVz", "vender"),
            ("vendor ZGlzcXVz,vendor ZGlzcXVz", "vendor"),
            ("vendor disqus", "upload-metadata"),
            ("file_name /w==", "upload-metadata"),
            ("vendor ZGlzcXVz,,scheme", "upload-metadata"),
        ] {
            let problem = wanted(metadata).unwrap_err();
            assert_eq!(problem.status(), StatusCode::BAD_REQUEST, "{metadata}");
            assert!(format!("{problem:?}").contains(&format!("parameter: Some(\"{name}\")")), "{problem:?}");
        }
    }
}
