//! The contract suite: what every SQL engine must do, one function per law, given a store without data.
//!
//! An engine's tests call [`site_contract!`](crate::site_contract) and
//! [`platform_contract!`](crate::platform_contract), which make one test of each law. A law panics when it is broken.
#![expect(clippy::unwrap_used, reason = "a law that cannot go on is broken; the panic is the verdict")]

pub mod bylines;
pub mod collections;
pub mod cron;
pub mod entries;
pub mod identity;
pub mod jobs;
pub mod keyset;
mod make;
pub mod media;
pub mod operations;
pub mod plugins;
pub mod registry;
pub mod revisions;
pub mod search;
pub mod taxonomies;
pub mod transactions;

pub use make::Make;

/// One test per law. `$fresh` gives a store and something to keep until the test ends.
#[doc(hidden)]
#[macro_export]
macro_rules! laws {
    ($fresh:expr; $($module:ident::{$($law:ident),+ $(,)?}),+ $(,)?) => {$(
        mod $module {
            use super::*;
            $(
                #[tokio::test]
                async fn $law() {
                    let (store, _keep) = $fresh.await;
                    $crate::contract::$module::$law(store).await;
                }
            )+
        }
    )+};
}

/// Makes a test of every law of a site's store: `site_contract!(fresh_site());`, where `fresh_site()` is a future of
/// an `Arc<dyn SiteStore>` and something to keep until the test ends.
#[macro_export]
macro_rules! site_contract {
    ($fresh:expr) => {
        $crate::laws! { $fresh;
            transactions::{
                dropping_a_transaction_undoes_it, a_transaction_sees_its_own_changes_and_others_do_not,
                a_reader_sees_one_state_throughout, a_reader_cannot_write, writers_wait_for_each_other,
                a_conflict_leaves_the_transaction_usable, a_nul_in_a_text_is_refused, a_store_answers_a_ping,
            },
            collections::{
                a_collection_reads_back_with_its_fields, a_taken_name_is_a_conflict,
                a_reserved_field_name_is_refused, a_field_may_be_named_like_a_keyword,
                undoing_a_new_collection_leaves_no_table,
            },
            entries::{
                every_kind_of_field_reads_back, absent_values_stay_absent, a_value_of_another_type_is_refused,
                a_taken_slug_is_a_slug_conflict, a_taken_unique_value_is_a_conflict,
                an_update_of_an_old_version_is_a_conflict, of_concurrent_updates_exactly_one_wins,
                a_trashed_entry_is_found_only_where_asked_for, a_slug_is_found_with_and_without_locale,
                taken_slugs_are_the_base_and_its_numbers, deleting_takes_everything_of_the_entry_along,
                terms_stay_while_a_translation_has_them, locations_are_published_entries_in_id_order,
            },
            keyset::{
                walking_pages_gives_every_row_once_under_inserts, windows_and_pages_agree,
                every_filter_narrows, conditions_on_fields_narrow, a_cursor_of_another_order_is_refused,
            },
            revisions::{revisions_are_listed_newest_first, pruning_spares_the_newest_the_live_and_the_draft},
            taxonomies::{
                a_taxonomy_that_exists_is_left_alone, terms_read_back_and_change, a_taken_term_slug_is_a_slug_conflict,
                setting_terms_replaces_those_of_one_taxonomy, counts_are_of_published_entries,
                terms_are_found_in_every_locale,
            },
            bylines::{bylines_read_back, a_taken_byline_slug_is_a_slug_conflict, credits_are_replaced_in_order},
            media::{media_reads_back_and_changes, media_pages_are_newest_first_without_gaps},
            search::{
                every_word_must_match_and_the_last_is_a_prefix, a_title_weighs_more_and_matches_are_marked,
                indexing_again_replaces_and_removing_forgets, hostile_questions_and_texts_are_harmless,
                a_count_stops_at_a_thousand,
            },
            identity::{
                users_read_back_and_an_address_is_unique, tokens_belong_to_their_user, expired_sessions_are_forgotten,
                seo_is_replaced,
            },
            plugins::{
                plugin_states_are_put_and_listed, recorded_calls_are_kept_listed_and_forgotten,
                violations_are_listed_and_counted, wishes_for_plugins_are_kept_and_decided,
            },
            cron::{
                a_task_is_scheduled_anew_under_its_name, due_tasks_are_claimed_one_per_plugin_and_oldest_first,
                no_task_is_claimed_twice_concurrently, a_run_that_never_came_back_is_claimed_again,
                a_task_that_is_done_is_forgotten, scheduling_anew_during_a_run_wins,
                the_next_instant_is_of_the_plugins_asked_for,
            },
            operations::{
                options_are_set_and_forgotten, an_option_prefix_is_no_pattern, the_audit_log_is_newest_first,
                the_import_map_remembers,
            },
            jobs::{
                a_waiting_duplicate_is_not_added, jobs_are_claimed_in_order_and_once, no_job_is_claimed_twice_concurrently,
                an_expired_lease_is_claimed_again, a_claim_is_held_for_longer, a_failed_job_waits_or_dies, a_job_that_never_comes_back_dies,
                a_retry_gives_way_to_a_waiting_duplicate, the_next_instant_is_the_earliest,
            },
        }
    };
}

/// As [`site_contract!`](crate::site_contract), for an `Arc<dyn PlatformStore>`.
#[macro_export]
macro_rules! platform_contract {
    ($fresh:expr) => {
        $crate::laws! { $fresh;
            registry::{
                publishers_are_found_by_address_and_token, a_plugin_id_belongs_to_one_publisher,
                a_version_is_published_once, only_listings_with_a_public_release_are_listed,
                the_latest_release_is_the_last_published, a_site_counts_once, dropping_a_platform_transaction_undoes_it,
            },
        }
    };
}
