//! What the marketplace asks of a manifest beyond being valid (plugin contract §1.8).

use crate::{Manifest, ManifestErrors, ManifestIssue};

const MAX_ID: usize = 64;
const MAX_NAME: usize = 100;
const MAX_DESCRIPTION: usize = 200;

impl Manifest {
    /// Whether the marketplace lists it: a stricter id, exactly `major.minor.patch`, short texts, and nothing
    /// it does not know: a site may be older than a plugin, the author's mistake is told here.
    ///
    /// # Errors
    /// Every rule it breaks; `file` is the manifest's name in the bundle.
    pub fn check_for_marketplace(&self, file: &str) -> Result<(), ManifestErrors> {
        let mut issues = Vec::new();
        let mut report = |path: &str, message: String| {
            let (file, path) = (file.to_owned(), path.to_owned());
            issues.push(ManifestIssue { file, line: 1, column: 1, path, message });
        };
        let id = self.id.as_str();
        if id.contains('_') || id.len() > MAX_ID {
            report(
                "id",
                format!(
                    "\"{id}\": in the marketplace an id has no underscore and at most {MAX_ID} characters"
                ),
            );
        }
        if !self.version.pre.is_empty() {
            let version = &self.version;
            report(
                "version",
                format!("\"{version}\": the marketplace takes major.minor.patch only, without prerelease"),
            );
        }
        for (path, text, most) in
            [("name", &self.name, MAX_NAME), ("description", &self.description, MAX_DESCRIPTION)]
        {
            let length = text.as_ref().map_or(0, |text| text.chars().count());
            if length > most {
                report(path, format!("has {length} characters; the marketplace shows at most {most}"));
            }
        }
        issues.extend(self.unsupported.issues.iter().cloned());
        if issues.is_empty() { Ok(()) } else { Err(ManifestErrors::new(issues)) }
    }
}

#[cfg(test)]
mod tests {
    use emdash_types::PluginId;

    use super::*;
    use crate::ManifestForm;

    #[test]
    fn the_marketplace_is_stricter_than_a_site() {
        let manifest = |id: &str, version: &str| {
            Manifest::new(ManifestForm::Bundle, PluginId::parse(id).unwrap(), version.parse().unwrap())
        };
        assert!(manifest("audit-log", "1.2.3").check_for_marketplace("manifest.json").is_ok());
        let mut bad = manifest("audit_log", "1.2.3-beta.1");
        bad.description = Some("x".repeat(201));
        let errors = bad.check_for_marketplace("manifest.json").unwrap_err();
        let paths: Vec<_> = errors.issues().iter().map(|issue| issue.path.as_str()).collect();
        assert_eq!(paths, ["id", "version", "description"]);
    }
}
