//! The contract of [`SiteStore`].

use std::collections::BTreeSet;
use std::sync::Arc;

use rethread_model::{AccountId, CommentId, Digest, Origin, PageId, Scope, SiteId, Vendor, page_id};

use super::fixture::{at, fresh_account, job_id};
use crate::{Answer, Ask, ErrorKind, Site, SiteCopy, SiteState, SiteStore, Telling};

const DOMAIN: &str = "https://blog.example";

/// Runs the contract.
pub async fn sites(store: Arc<dyn SiteStore>) {
    let store = &*store;
    a_site_asks_until_it_is_answered(store).await;
    what_was_not_shown_is_not_answered(store).await;
    a_site_that_nobody_answers_is_forgotten(store).await;
    so_many_ask_and_no_more(store).await;
    a_link_belongs_to_its_account_and_ends_for_good(store).await;
    one_sync_begins_at_a_time(store).await;
    what_a_site_is_told_stands_in_order(store).await;
    copies_are_known_by_the_ids_of_the_site(store).await;
}

fn site_id() -> SiteId {
    let mut random = [0; 10];
    getrandom::fill(&mut random).expect("randomness");
    SiteId::new(at(0), &random)
}

/// A token that nobody used before.
fn token() -> Digest {
    Digest::of(site_id().to_string().as_bytes())
}

fn ask(token: Digest) -> Ask {
    Ask {
        id: site_id(),
        token,
        domain: DOMAIN.to_owned(),
        without_sync: false,
        at: at(0),
        expires_at: at(60),
        most: u32::MAX,
    }
}

fn answer(account: &AccountId, accepts: bool) -> Answer {
    let job = accepts.then(|| job_id(1));
    Answer { account: account.clone(), by: "ann".to_owned(), domain: DOMAIN.to_owned(), accepts, job, at: at(1) }
}

async fn linked(store: &dyn SiteStore, account: &AccountId) -> (Digest, Site) {
    let token = token();
    store.ask(&ask(token)).await.expect("a site");
    let site = store.answer(&token, &answer(account, true)).await.expect("an answer").expect("it asks");
    (token, site)
}

async fn a_site_asks_until_it_is_answered(store: &dyn SiteStore) {
    let (account, token) = (fresh_account(), token());
    assert_eq!(store.find(&token).await.expect("an answer"), None);
    let first = store.ask(&ask(token)).await.expect("a site");
    assert!(first.is_asking(at(59)) && !first.is_asking(at(60)) && first.linked_account().is_none());
    let moved = Ask { domain: "https://new.example".to_owned(), without_sync: true, at: at(5), ..ask(token) };
    let again = store.ask(&moved).await.expect("a site");
    assert_eq!((again.id, again.asked_at, again.expires_at), (first.id, first.asked_at, first.expires_at));
    assert_eq!((again.domain.as_str(), again.without_sync), ("https://new.example", true));
    assert_eq!(store.ask(&ask(token)).await.expect("a site"), first);

    let site = store.answer(&token, &answer(&account, true)).await.expect("an answer").expect("it asks");
    assert_eq!((site.state, site.linked_account()), (SiteState::Linked, Some(&account)));
    assert_eq!((site.answered_by.as_deref(), site.answered_at), (Some("ann"), Some(at(1))));
    assert_eq!(site.origin(), Origin::new("blog.example"));
    assert_eq!(store.find(&token).await.expect("an answer"), Some(site.clone()));
    assert_eq!(store.ask(&moved).await.expect("a site"), site, "an answer stands");
    assert_eq!(store.answer(&token, &answer(&fresh_account(), true)).await.expect("an answer"), None, "once");
    assert_eq!(store.sites(&account).await.expect("sites"), [site]);
}

async fn what_was_not_shown_is_not_answered(store: &dyn SiteStore) {
    let (account, token) = (fresh_account(), token());
    store.ask(&ask(token)).await.expect("a site");
    let other = Answer { domain: "https://evil.example".to_owned(), ..answer(&account, true) };
    assert_eq!(store.answer(&token, &other).await.expect("an answer"), None);
    let late = Answer { at: at(60), ..answer(&account, true) };
    assert_eq!(store.answer(&token, &late).await.expect("an answer"), None);
    let refused = store.answer(&token, &answer(&account, false)).await.expect("an answer").expect("it asks");
    assert_eq!((refused.state, refused.linked_account(), refused.job), (SiteState::Refused, None, None));
    assert_eq!(store.answer(&token, &answer(&account, true)).await.expect("an answer"), None);
    assert_eq!(store.sites(&account).await.expect("sites"), [], "it is no site of the account");
}

async fn a_site_that_nobody_answers_is_forgotten(store: &dyn SiteStore) {
    let (asked, refused) = (token(), token());
    let first = store.ask(&ask(asked)).await.expect("a site");
    store.ask(&ask(refused)).await.expect("a site");
    store.answer(&refused, &answer(&fresh_account(), false)).await.expect("an answer").expect("it asks");
    let (_, kept) = linked(store, &fresh_account()).await;
    let later = |token| Ask { at: at(60), expires_at: at(120), ..ask(token) };
    let anew = store.ask(&later(asked)).await.expect("a site");
    assert!(anew.id != first.id && anew.is_asking(at(119)));
    assert!(store.ask(&later(refused)).await.expect("a site").is_asking(at(60)), "it may ask again");
    assert_eq!(store.sites(kept.linked_account().expect("linked")).await.expect("sites").len(), 1);
}

async fn so_many_ask_and_no_more(store: &dyn SiteStore) {
    let none = Ask { most: 0, ..ask(token()) };
    let refused = store.ask(&none).await.map_err(|error| error.kind());
    assert_eq!(refused, Err(ErrorKind::Conflict));
    assert_eq!(store.find(&none.token).await.expect("an answer"), None);
}

async fn a_link_belongs_to_its_account_and_ends_for_good(store: &dyn SiteStore) {
    let (account, stranger) = (fresh_account(), fresh_account());
    let (token, site) = linked(store, &account).await;
    let (_, newer) = linked(store, &account).await;
    let ids: BTreeSet<SiteId> = store.sites(&account).await.expect("sites").iter().map(|site| site.id).collect();
    assert_eq!(ids, BTreeSet::from([site.id, newer.id]));
    assert_eq!(store.sites(&stranger).await.expect("sites"), []);
    assert_eq!(store.revoke(&stranger, site.id, at(5)).await.expect("an answer"), None);
    store.heard(site.id, at(2)).await.expect("noted");
    store.heard(site.id, at(61)).await.expect("noted");
    assert_eq!(store.find(&token).await.expect("an answer").expect("linked").heard_at, Some(at(2)), "to the minute");
    for second in [5, 9] {
        let revoked = store.revoke(&account, site.id, at(second)).await.expect("an answer").expect("it was linked");
        assert_eq!((revoked.state, revoked.revoked_at), (SiteState::Revoked, Some(at(5))));
        assert_eq!(revoked.linked_account(), None);
    }
    assert_eq!(store.ask(&ask(token)).await.expect("a site").state, SiteState::Revoked);
    assert_eq!(store.answer(&token, &answer(&account, true)).await.expect("an answer"), None);
}

async fn one_sync_begins_at_a_time(store: &dyn SiteStore) {
    let account = fresh_account();
    let (token, site) = linked(store, &account).await;
    let (first, second) = (job_id(2), job_id(3));
    assert!(store.begin_sync(&account, site.id, site.job, first).await.expect("an answer"));
    assert!(!store.begin_sync(&account, site.id, site.job, second).await.expect("an answer"));
    assert!(!store.begin_sync(&fresh_account(), site.id, Some(first), second).await.expect("an answer"));
    assert_eq!(store.find(&token).await.expect("an answer").expect("linked").job, Some(first));
    store.revoke(&account, site.id, at(5)).await.expect("an answer");
    assert!(!store.begin_sync(&account, site.id, Some(first), second).await.expect("an answer"));
}

fn copy(account: &AccountId, number: u32, page: PageId) -> SiteCopy {
    let source_id = number.to_string();
    let scope = Scope { account: account.clone(), vendor: Vendor::Disqus, origin: Origin::new("forum") };
    SiteCopy {
        comment: scope.comment_id(&source_id),
        vendor: Vendor::Disqus,
        origin: "forum".to_owned(),
        source_id,
        page,
        post: "7".to_owned(),
        telling: Telling::New,
        version: Digest::of(b"first"),
    }
}

async fn what_a_site_is_told_stands_in_order(store: &dyn SiteStore) {
    let account = fresh_account();
    let (_, site) = linked(store, &account).await;
    let (here, there) = (page_id(&account, "here"), page_id(&account, "there"));
    let copies: Vec<SiteCopy> = (0..150).map(|number| copy(&account, number, here)).collect();
    store.tell(site.id, &copies, at(10)).await.expect("told");
    let first = store.told(site.id, 0, 100).await.expect("a list");
    assert_eq!(first.iter().map(|told| &told.copy).collect::<Vec<_>>(), copies[..100].iter().collect::<Vec<_>>());
    assert_eq!(first[0].at_ms, at(10).as_millisecond());
    // Whoever goes on from the second of the last one gets further.
    let second = first[99].at_ms / 1000 * 1000;
    let next = store.told(site.id, second, 100).await.expect("a list");
    assert!(next.last().expect("more").at_ms > first[99].at_ms, "{second}");

    let gone = SiteCopy { telling: Telling::Deleted, page: there, ..copies[3].clone() };
    store.tell(site.id, std::slice::from_ref(&gone), at(0)).await.expect("told");
    let last = store.told(site.id, next.last().expect("more").at_ms, 100).await.expect("a list");
    assert_eq!(
        last.iter().map(|told| &told.copy).collect::<Vec<_>>(),
        [&gone],
        "after all others, and instead of the first"
    );
    assert_eq!(store.copies(site.id, here).await.expect("copies").len(), 149);
    assert_eq!(store.copies(site.id, there).await.expect("copies").len(), 1);
    assert_eq!(store.told_pages(site.id, None, 10).await.expect("pages"), [here], "what is gone is on none");
    assert_eq!(store.told_pages(site.id, Some(here), 10).await.expect("pages"), []);
    let (_, other) = linked(store, &account).await;
    assert_eq!(store.told(other.id, 0, 100).await.expect("a list"), []);

    assert_eq!(store.look(site.id).await.expect("an answer"), None);
    store.set_look(site.id, "{}").await.expect("noted");
    assert_eq!(store.look(site.id).await.expect("an answer").as_deref(), Some("{}"));
    assert_eq!(store.look(other.id).await.expect("an answer"), None);
}

async fn copies_are_known_by_the_ids_of_the_site(store: &dyn SiteStore) {
    let account = fresh_account();
    let (_, site) = linked(store, &account).await;
    let (one, other) = (copy(&account, 1, page_id(&account, "a")), copy(&account, 2, page_id(&account, "a")));
    store.tell(site.id, &[one.clone(), other], at(1)).await.expect("told");
    let unknown: CommentId = copy(&fresh_account(), 9, one.page).comment;
    let ids = [(one.comment, "500".to_owned()), (unknown, "501".to_owned())];
    for _ in 0..2 {
        store.adopt(&account, site.id, &site.origin(), &ids).await.expect("noted");
    }
    let asked: BTreeSet<String> = ["7:500", "7:501", "8:500"].map(str::to_owned).into();
    let adopted = store.adopted(&account, &site.origin(), &asked).await.expect("an answer");
    assert_eq!(adopted, BTreeSet::from(["7:500".to_owned()]));
    assert_eq!(store.adopted(&fresh_account(), &site.origin(), &asked).await.expect("an answer"), BTreeSet::new());
    let elsewhere = Origin::new("other.example");
    assert_eq!(store.adopted(&account, &elsewhere, &asked).await.expect("an answer"), BTreeSet::new());
}
