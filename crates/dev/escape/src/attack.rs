//! An attack as its file states it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

/// A hostile plugin, what is done to it, and what must come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// What it tries, one sentence.
    pub about: String,
    /// Members of the manifest that differ from a plugin that asks for nothing.
    #[serde(default)]
    pub manifest: Map<String, Value>,
    /// Whether the manifest is a `plugin.json` (A4) rather than a bundle's.
    #[serde(default)]
    pub plugin_json: bool,
    /// A component of `fixtures/native` that runs instead of a module.
    pub component: Option<String>,
    /// Part of the refusal of its release; then nothing is installed.
    pub release_refused: Option<String>,
    /// What is done to it, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// The codes on record afterwards, exactly these.
    #[serde(default)]
    pub violations: Vec<String>,
    /// The request lines that arrived at `outside.test`, exactly these.
    #[serde(default)]
    pub outside: Vec<String>,
    /// Lines the plugin's log has at the most.
    pub log_lines_at_most: Option<usize>,
    /// Family and name.
    #[serde(skip)]
    pub name: String,
    /// The module, or the component.
    #[serde(skip)]
    pub code: Vec<u8>,
}

/// Something that is done to the attacker.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// Somebody saves a new post.
    Save {
        /// The code of the refusal: the plugin's where it is a plugin's, else the answer's own.
        refused: Option<String>,
        /// Part of the reason.
        reason: Option<String>,
        /// Fields of the stored post.
        #[serde(default)]
        stored: Map<String, Value>,
        /// Members of the stored post beside its fields.
        #[serde(default)]
        item: Map<String, Value>,
    },
    /// Somebody calls a route.
    Route {
        /// Its name, as it stands in the address.
        name: String,
        /// `GET` where nothing is said.
        method: Option<String>,
        /// The body.
        input: Option<Value>,
        /// How often; once where nothing is said.
        times: Option<u32>,
        /// Whether nobody is signed in.
        #[serde(default)]
        anonymous: bool,
        /// The status; 200 where nothing is said.
        status: Option<u16>,
        /// The statuses it may have, where there are several.
        #[serde(default)]
        status_in: Vec<u16>,
        /// `error.code`.
        code: Option<String>,
        /// `data`, exactly.
        data: Option<Value>,
        /// Headers of the answer; an empty one must be absent.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Parts of the body.
        #[serde(default)]
        has: Vec<String>,
        /// What must not be in the body.
        #[serde(default)]
        lacks: Vec<String>,
        /// Longest body.
        bytes_at_most: Option<usize>,
    },
    /// Somebody reads the home page.
    Page {
        /// Parts of it.
        #[serde(default)]
        has: Vec<String>,
        /// What must not be in it.
        #[serde(default)]
        lacks: Vec<String>,
        /// Longest body.
        bytes_at_most: Option<usize>,
    },
}

/// Every attack below a folder, in order of name.
///
/// # Panics
/// When one cannot be read.
#[must_use]
pub fn find_attacks(folder: &Path) -> Vec<Attack> {
    let mut files = Vec::new();
    for family in entries(folder).iter().filter(|path| path.is_dir()) {
        files.extend(
            entries(family)
                .into_iter()
                .filter(|path| path.extension().is_some_and(|end| end == "js" || end == "toml")),
        );
    }
    files.iter().map(|path| read(path)).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = listed.map(|entry| entry.expect("a folder can be read").path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> Attack {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let part = |path: Option<&Path>| {
        path.and_then(Path::file_stem).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let name = format!("{}::{}", part(path.parent()), part(Some(path)));
    let parsed = match path.extension().is_some_and(|end| end == "toml") {
        true => parse_native(&text),
        false => parse(&text),
    };
    match parsed {
        Ok(attack) => Attack { name, ..attack },
        Err(problem) => panic!("{}: {problem}", path.display()),
    }
}

/// Reads the statement of an attack by a component.
fn parse_native(text: &str) -> Result<Attack, String> {
    let attack: Attack = toml::from_str(text).map_err(|error| error.to_string())?;
    let name = attack.component.as_deref().ok_or("no component is named")?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/native").join(name);
    let code = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Attack { code, ..attack })
}

/// Reads the comment a file begins with; the module is the whole file.
fn parse(text: &str) -> Result<Attack, String> {
    let comment = text.strip_prefix("/*").and_then(|rest| rest.split_once("*/"));
    let (header, _) = comment.ok_or("the file does not begin with a comment")?;
    let attack: Attack = toml::from_str(header).map_err(|error| error.to_string())?;
    Ok(Attack { code: text.as_bytes().to_vec(), ..attack })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_its_statement_and_its_module() {
        let text =
            "/*\nabout = \"Nothing.\"\n[[steps]]\ndo = \"save\"\nrefused = \"X\"\n*/\nexport default {};\n";
        let attack = parse(text).unwrap();
        assert_eq!(attack.about, "Nothing.");
        assert!(matches!(&attack.steps[..], [Step::Save { refused: Some(code), .. }] if code == "X"));
        assert_eq!(attack.code, text.as_bytes());
    }

    #[test]
    fn what_nobody_would_check_is_an_error() {
        assert!(parse("export default {};").is_err());
        assert!(parse("/*\nabout = \"A.\"\nviolation = []\n*/").unwrap_err().contains("violation"));
    }
}
