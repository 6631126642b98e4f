//! Laws that hold for every input.

use emdash_manifest::{
    AccessDiff, AuthoringManifest, Capability, Hook, HookDeclaration, HostPattern, Manifest, ManifestForm,
    RouteDeclaration,
};
use emdash_types::PluginId;
use proptest::prelude::*;
use semver::Version;

prop_compose! {
    fn any_manifest()(
        id in "[a-z][a-z0-9_-]{0,20}",
        version in (0..100_u64, 0..100_u64, 0..100_u64),
        capabilities in proptest::sample::subsequence(Capability::ALL, 0..=Capability::ALL.len()),
        hosts in proptest::collection::btree_set("(\\*\\.)?[a-z]{1,5}\\.(com|net)", 0..5),
        hooks in proptest::sample::subsequence(Hook::ALL, 0..=Hook::ALL.len()),
        timing in (-50..200_i32, 1..30_000_u64),
        routes in proptest::collection::btree_map("[a-z]{1,6}(/[a-z]{1,4})?", any::<bool>(), 0..6),
    ) -> Manifest {
        let hook = |hook: Hook| HookDeclaration {
            priority: f64::from(timing.0),
            timeout: std::time::Duration::from_millis(timing.1),
            exclusive: hook == Hook::EmailDeliver,
            ..HookDeclaration::new(hook, hook.name())
        };
        let version = Version::new(version.0, version.1, version.2);
        Manifest {
            capabilities: capabilities.into_iter().collect(),
            allowed_hosts: hosts.iter().map(|host| HostPattern::parse(host).unwrap()).collect(),
            hooks: hooks.into_iter().map(hook).collect(),
            routes: routes.into_iter().map(|(name, public)| RouteDeclaration { public, ..RouteDeclaration::new(name) }).collect(),
            ..Manifest::new(ManifestForm::Bundle, PluginId::parse(&id).unwrap(), version)
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_it_was(manifest in any_manifest()) {
        let read = Manifest::read(manifest.to_bundle_json().as_bytes(), "manifest.json").unwrap();
        prop_assert_eq!(read, manifest);
    }

    #[test]
    fn equal_manifests_differ_in_nothing(manifest in any_manifest()) {
        let diff = AccessDiff::between(&manifest, &manifest);
        prop_assert!(diff.is_empty());
        prop_assert!(!diff.is_escalation());
    }

    #[test]
    fn a_difference_without_escalation_one_way_only_takes_away(old in any_manifest(), new in any_manifest()) {
        let there = AccessDiff::between(&old, &new);
        if !there.is_escalation() {
            prop_assert!(new.capabilities.iter().all(|capability| old.capabilities.contains(capability)));
            prop_assert!(new.routes.iter().all(|route| !route.public || old.route(&route.name).is_some_and(|old| old.public)));
        }
    }

    #[test]
    fn readers_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "[\\[\\]{}:,\"a-z0-9\\\\ \n.-]{0,200}") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            for file in Manifest::FILE_NAMES {
                let _ = Manifest::read(bytes, file);
            }
            let _ = AuthoringManifest::read(bytes, "emdash-plugin.jsonc");
        }
    }
}
