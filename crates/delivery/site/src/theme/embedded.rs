//! The default theme, compiled in.

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../../../../themes/default/", $name)))),+]
    };
}

/// Every file of `themes/default`, by its path there.
pub(super) const FILES: &[(&str, &[u8])] = files![
    "assets/favicon.svg",
    "assets/style.css",
    "templates/archive.html",
    "templates/base.html",
    "templates/error.html",
    "templates/home.html",
    "templates/not-found.html",
    "templates/page.html",
    "templates/partials/pagination.html",
    "templates/partials/post-list.html",
    "templates/partials/search-form.html",
    "templates/partials/topics.html",
    "templates/post.html",
    "templates/search.html",
];

/// The bytes of one file.
pub(super) fn file(path: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|(name, _)| *name == path).map(|(_, bytes)| *bytes)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn every_file_of_the_default_theme_is_compiled_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../themes/default");
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for item in std::fs::read_dir(folder).unwrap() {
                let path = item.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"));
                }
            }
        }
        found.sort();
        let listed: Vec<&str> = super::FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(found, listed);
    }
}
