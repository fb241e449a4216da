//! The contract of [`SiteStore`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rethread_model::{AccountId, CommentId, Digest, Origin, PageId, Scope, SiteId, Vendor, page_id};
use rethread_stores::{
    CopyEvent, ErrorKind, KeptCopy, LinkDecision, LinkRequest, Site, SiteCopy, SiteState, SiteStore,
};

use super::fixture::{at, fresh_account, job_id};

const DOMAIN: &str = "https://blog.example";

/// Runs the contract.
pub async fn sites(store: Arc<dyn SiteStore>) {
    let store = &*store;
    a_site_asks_until_it_is_answered(store).await;
    what_was_not_shown_is_not_answered(store).await;
    a_site_that_nobody_answers_is_forgotten(store).await;
    so_many_ask_and_no_more(store).await;
    a_link_belongs_to_its_account_and_ends_for_good(store).await;
    a_site_is_linked_once_and_keeps_what_it_was_told(store).await;
    a_revoked_site_is_linked_again_as_the_same(store).await;
    one_sync_begins_at_a_time(store).await;
    what_a_site_is_told_stands_in_order(store).await;
    copies_are_known_by_the_ids_of_the_site(store).await;
    what_a_site_says_it_has_is_not_new_to_it(store).await;
}

fn site_id() -> SiteId {
    let mut random = [0; 10];
    getrandom::fill(&mut random).expect("randomness");
    SiteId::new(at(0), &random)
}

/// A fresh token.
fn token() -> Digest {
    Digest::of(site_id().to_string().as_bytes())
}

fn ask(token: Digest) -> LinkRequest {
    LinkRequest {
        id: site_id(),
        token,
        domain: DOMAIN.to_owned(),
        without_sync: false,
        at: at(0),
        expires_at: at(60),
        most: u32::MAX,
    }
}

fn answer(account: &AccountId, accepts: bool) -> LinkDecision {
    let job = accepts.then(|| job_id(1));
    LinkDecision { account: account.clone(), by: "ann".to_owned(), domain: DOMAIN.to_owned(), accepts, job, at: at(1) }
}

async fn linked(store: &dyn SiteStore, account: &AccountId) -> (Digest, Site) {
    linked_as(store, account, DOMAIN).await
}

async fn linked_as(store: &dyn SiteStore, account: &AccountId, domain: &str) -> (Digest, Site) {
    let token = token();
    store.ask(&LinkRequest { domain: domain.to_owned(), ..ask(token) }).await.expect("a site");
    let answer = LinkDecision { domain: domain.to_owned(), ..answer(account, true) };
    let site = store.answer(&token, &answer).await.expect("an answer").expect("it asks");
    (token, site)
}

async fn a_site_asks_until_it_is_answered(store: &dyn SiteStore) {
    let (account, token) = (fresh_account(), token());
    assert_eq!(store.find(&token).await.expect("an answer"), None);
    let first = store.ask(&ask(token)).await.expect("a site");
    assert!(first.is_asking(at(59)) && !first.is_asking(at(60)) && first.linked_account().is_none());
    let moved = LinkRequest { domain: "https://new.example".to_owned(), without_sync: true, at: at(5), ..ask(token) };
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
    let other = LinkDecision { domain: "https://evil.example".to_owned(), ..answer(&account, true) };
    assert_eq!(store.answer(&token, &other).await.expect("an answer"), None);
    let late = LinkDecision { at: at(60), ..answer(&account, true) };
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
    let later = |token| LinkRequest { at: at(60), expires_at: at(120), ..ask(token) };
    let anew = store.ask(&later(asked)).await.expect("a site");
    assert!(anew.id != first.id && anew.is_asking(at(119)));
    assert!(store.ask(&later(refused)).await.expect("a site").is_asking(at(60)), "it may ask again");
    assert_eq!(store.sites(kept.linked_account().expect("linked")).await.expect("sites").len(), 1);
}

async fn so_many_ask_and_no_more(store: &dyn SiteStore) {
    let none = LinkRequest { most: 0, ..ask(token()) };
    let refused = store.ask(&none).await.map_err(|error| error.kind());
    assert_eq!(refused, Err(ErrorKind::Conflict));
    assert_eq!(store.find(&none.token).await.expect("an answer"), None);
}

async fn a_link_belongs_to_its_account_and_ends_for_good(store: &dyn SiteStore) {
    let (account, stranger) = (fresh_account(), fresh_account());
    let (token, site) = linked(store, &account).await;
    let (_, newer) = linked_as(store, &account, "https://other.example").await;
    let ids: BTreeSet<SiteId> = store.sites(&account).await.expect("sites").iter().map(|site| site.id).collect();
    assert_eq!(ids, BTreeSet::from([site.id, newer.id]));
    assert_eq!(store.sites(&stranger).await.expect("sites"), []);
    assert_eq!(store.revoke(&stranger, site.id, at(5)).await.expect("an answer"), None);
    store.touch(site.id, at(2)).await.expect("noted");
    store.touch(site.id, at(61)).await.expect("noted");
    assert_eq!(store.find(&token).await.expect("an answer").expect("linked").heard_at, Some(at(2)), "to the minute");
    for second in [5, 9] {
        let revoked = store.revoke(&account, site.id, at(second)).await.expect("an answer").expect("it was linked");
        assert_eq!((revoked.state, revoked.revoked_at), (SiteState::Revoked, Some(at(5))));
        assert_eq!(revoked.linked_account(), None);
    }
    assert_eq!(store.ask(&ask(token)).await.expect("a site").state, SiteState::Revoked);
    assert_eq!(store.answer(&token, &answer(&account, true)).await.expect("an answer"), None);
}

/// The plugin creates a new token when it is activated again, and asks as the same site.
async fn a_site_is_linked_once_and_keeps_what_it_was_told(store: &dyn SiteStore) {
    let (account, stranger) = (fresh_account(), fresh_account());
    let (old, site) = linked(store, &account).await;
    let told = copy(&account, 1, page_id(&account, "here"));
    store.tell(site.id, std::slice::from_ref(&told), at(3)).await.expect("told");
    store.touch(site.id, at(4)).await.expect("noted");
    let (_, elsewhere) = linked(store, &stranger).await;
    let (_, other) = linked_as(store, &account, "https://other.example").await;

    let new = token();
    let asking =
        LinkRequest { domain: "http://www.blog.example/".to_owned(), without_sync: true, at: at(9), ..ask(new) };
    store.ask(&asking).await.expect("a site");
    let accepts = LinkDecision {
        domain: asking.domain.clone(),
        by: "ben".to_owned(),
        job: None,
        at: at(10),
        ..answer(&account, true)
    };
    let again = store.answer(&new, &accepts).await.expect("an answer").expect("it asks");
    assert_eq!((again.id, again.state, again.job), (site.id, SiteState::Linked, site.job));
    assert_eq!((again.domain, again.without_sync, again.heard_at), (asking.domain, true, None));
    assert_eq!((again.answered_by.as_deref(), again.answered_at), (Some("ben"), Some(at(10))));
    let sites: BTreeSet<SiteId> = store.sites(&account).await.expect("sites").iter().map(|site| site.id).collect();
    assert_eq!(sites, BTreeSet::from([site.id, other.id]), "one site is one link");
    assert_eq!(store.told(site.id, 0, 10).await.expect("a list")[0].copy, told, "what it was told stays");
    assert_eq!(store.sites(&stranger).await.expect("sites")[0].id, elsewhere.id, "another account has its own");

    let dead = store.find(&old).await.expect("an answer").expect("it is remembered");
    assert_eq!((dead.state, dead.linked_account()), (SiteState::Replaced, None));
    assert_eq!(store.ask(&ask(old)).await.expect("a site").state, SiteState::Replaced);
    assert_eq!(store.answer(&old, &answer(&account, true)).await.expect("an answer"), None);
    assert_eq!(store.revoke(&account, dead.id, at(11)).await.expect("an answer"), None);
    // And so on: each replaced token stays invalid.
    let (third, same) = linked(store, &account).await;
    assert_eq!(same.id, site.id);
    for token in [old, new] {
        assert_eq!(store.find(&token).await.expect("an answer").expect("a site").state, SiteState::Replaced);
    }
    assert_eq!(store.find(&third).await.expect("an answer").expect("a site").id, site.id);
}

async fn a_revoked_site_is_linked_again_as_the_same(store: &dyn SiteStore) {
    let account = fresh_account();
    let (old, site) = linked(store, &account).await;
    store.revoke(&account, site.id, at(5)).await.expect("an answer").expect("it was linked");
    let (_, again) = linked(store, &account).await;
    assert_eq!((again.id, again.state, again.revoked_at), (site.id, SiteState::Linked, None));
    assert_eq!(store.find(&old).await.expect("an answer").expect("a site").linked_account(), None);
    assert_eq!(store.sites(&account).await.expect("sites"), [again]);
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
        telling: CopyEvent::New,
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
    // A client that resumes from the second of the last event advances.
    let second = first[99].at_ms / 1000 * 1000;
    let next = store.told(site.id, second, 100).await.expect("a list");
    assert!(next.last().expect("more").at_ms > first[99].at_ms, "{second}");

    let gone = SiteCopy { telling: CopyEvent::Deleted, page: there, ..copies[3].clone() };
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
    let (_, other) = linked_as(store, &account, "https://other.example").await;
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
    store.tell(site.id, &[one.clone(), other.clone()], at(1)).await.expect("told");
    let unknown: CommentId = copy(&fresh_account(), 9, one.page).comment;
    let kept = |comment, own_id: &str, source_id: Option<&str>| {
        let (own_id, source_id) = (own_id.to_owned(), source_id.map(str::to_owned));
        KeptCopy { comment, own_id, source_id }
    };
    // The second one twice, and on another post than the one published to the site.
    let ids = [
        kept(one.comment, "500", None),
        kept(unknown, "501", None),
        kept(other.comment, "502", Some("8:502")),
        kept(other.comment, "503", Some("8:503")),
    ];
    for _ in 0..2 {
        store.adopt(&account, site.id, &site.origin(), &ids).await.expect("noted");
    }
    let asked: BTreeSet<String> = ["7:500", "7:501", "7:502", "8:500", "8:502", "8:503"].map(str::to_owned).into();
    let adopted = store.adopted(&account, &site.origin(), &asked).await.expect("an answer");
    let expected = [("7:500", one.comment), ("8:502", other.comment), ("8:503", other.comment)];
    assert_eq!(adopted, expected.map(|(id, comment)| (id.to_owned(), comment)).into());
    assert_eq!(store.adopted(&fresh_account(), &site.origin(), &asked).await.expect("an answer"), BTreeMap::new());
    let elsewhere = Origin::new("other.example");
    assert_eq!(store.adopted(&account, &elsewhere, &asked).await.expect("an answer"), BTreeMap::new());
    let told = store.copies_of(site.id, &[other.comment, unknown, one.comment]).await.expect("copies");
    let own_ids: BTreeMap<_, _> = told.into_iter().map(|told| (told.copy.comment, told.own_id)).collect();
    let expected = [(one.comment, Some("500".to_owned())), (other.comment, Some("502".to_owned()))];
    assert_eq!(own_ids, expected.into());
}

/// It may ask from the beginning again, and would insert it again.
async fn what_a_site_says_it_has_is_not_new_to_it(store: &dyn SiteStore) {
    let account = fresh_account();
    let (_, site) = linked(store, &account).await;
    let copies = [1, 2, 3].map(|number| copy(&account, number, page_id(&account, "a")));
    store.tell(site.id, &copies, at(1)).await.expect("told");
    let kept = copies[..2].iter().map(|copy| KeptCopy {
        comment: copy.comment,
        own_id: format!("5{}", copy.source_id),
        source_id: None,
    });
    store.adopt(&account, site.id, &site.origin(), &kept.collect::<Vec<_>>()).await.expect("noted");
    let told = async || {
        let told = store.told(site.id, 0, 10).await.expect("a list");
        told.into_iter().map(|told| (told.copy.source_id, told.copy.telling, told.own_id)).collect::<Vec<_>>()
    };
    assert_eq!(told().await, [("3".to_owned(), CopyEvent::New, None)]);
    let updated = SiteCopy { telling: CopyEvent::Updated, ..copies[0].clone() };
    store.tell(site.id, &[updated], at(2)).await.expect("told");
    let own_id = Some("51".to_owned());
    assert_eq!(told().await[1..], [("1".to_owned(), CopyEvent::Updated, own_id)], "what is another by now is told");
    // What it lost because we deleted it, it gets as a new one.
    for telling in [CopyEvent::Deleted, CopyEvent::New] {
        store.tell(site.id, &[SiteCopy { telling, ..copies[1].clone() }], at(3)).await.expect("told");
        assert_eq!(told().await[2..], [("2".to_owned(), telling, None)]);
    }
}
