//! The plugin in a real WordPress, its failures, and the remedies of its admin.

use rethread_tests::{Api, Side, System, WordPress, wait_for};
use serde_json::{Value, json};

use super::wordpress::{link, send_all};
use super::{DONE, Post, disqus, site};

/// A site, its plugin and the service.
struct Desk {
    system: System,
    admin: String,
    wordpress: WordPress,
    /// The address of a post.
    page: String,
}

impl Desk {
    fn api(&self) -> &Api {
        self.system.api()
    }

    async fn plugin(&self, arguments: &[&str]) -> Value {
        self.wordpress.script("sync", arguments).await
    }

    /// The comments in WordPress.
    async fn comments(&self) -> Vec<Value> {
        let listed = self.wordpress.script("comments", &[]).await;
        listed["comments"].as_array().unwrap().clone()
    }

    /// The copies among them.
    async fn copies(&self) -> Vec<Value> {
        let is_copy = |comment: &Value| comment["author"].as_str().unwrap().starts_with("Guest ");
        self.comments().await.into_iter().filter(is_copy).collect()
    }

    /// Comments come from Disqus onto the post.
    async fn import(&self, posts: &[Post<'_>]) {
        let receipt = self.api().import("vendor=disqus", &self.admin, disqus(&self.page, posts)).await;
        assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    }

    /// The receipt of the site's last sync, and its job.
    async fn last_sync(&self) -> (Value, Value) {
        let job = site(self.api(), &self.admin).await["job"].as_str().unwrap().to_owned();
        (self.api().receipt(&job, &self.admin).await, self.api().job(&job, &self.admin).await)
    }

    /// Ticks until the expected result is there.
    async fn ticks(&self, what: &str, arguments: &[&str], is_there: impl Fn(&Value) -> bool) -> Value {
        wait_for(what, || async {
            let tick = self.plugin(&[&["tick"], arguments].concat()).await;
            is_there(&tick).then_some(tick)
        })
        .await
    }

    /// Ticks until the site has applied a change of a comment. All events before that one have been
    /// delivered by then.
    async fn hears_of_a_change(&self) -> Value {
        self.ticks("a change to be heard of", &[], |tick| tick["events"]["outcomes"].get("updated").is_some()).await
    }
}

const FIRST: &str = "<p>One</p><p>C:\\new</p>";
/// Replies to the first, and is dated before it.
const EARLY_REPLY: Post<'_> = (2, Some(1), 10, "An answer<br>in two lines");
const THIRD: Post<'_> = (3, None, 20, "Three");
const FOURTH: Post<'_> = (4, None, 50, "Four");
const FIFTH: Post<'_> = (5, Some(4), 51, "Five");

const fn first(text: &str) -> Post<'_> {
    (1, None, 40, text)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_plugin_loses_is_neither_doubled_nor_left_out() {
    // Smaller than a batch with a long text.
    let settings = [("RETHREAD_GATEWAY__SYNC_BATCH_BYTES", "120000")];
    let system = System::start_with(Side::Embedded, &settings).await;
    let admin = system.token("default");
    let wordpress = WordPress::start().await;
    let holds = wordpress.fill(3, 130).await;
    wordpress.set_service(&format!("http://{}", system.api().address())).await;
    let page = holds["posts"][0]["url"].as_str().unwrap().to_owned();
    let desk = Desk { system, admin, wordpress, page };
    let all = holds["to_be_sent"].as_u64().unwrap();

    a_part_of_a_batch_is_lost(&desk, all).await;
    events_are_taken_over_and_never_told_of(&desk).await;
    what_wordpress_stores_reads_the_same(&desk).await;
    what_is_missing_is_downloaded(&desk, all).await;
    the_plugin_is_activated_again(&desk).await;
}

async fn a_part_of_a_batch_is_lost(desk: &Desk, all: u64) {
    link(&desk.system, &desk.wordpress, &desk.admin).await;
    let sent = desk.plugin(&["tick", "lost=4"]).await;
    assert_eq!(sent["commands"], json!(["SendComments"]), "{sent:#}");
    let codes: Vec<i64> =
        sent["requests"].as_array().unwrap().iter().map(|one| one["code"].as_i64().unwrap()).collect();
    assert_eq!(codes, [413, 200, 200, 0, 200, 200, 200, 200, 200, 200, 200], "it is sent in parts, of which one fails");
    // The site does not receive the confirmation of the last one.
    let last = desk.plugin(&["tick", "unheard=1"]).await;
    assert_eq!((&last["requests"][0]["countRemaining"], &last["setup"]), (&json!(0), &json!(false)), "{last:#}");
    let (receipt, job) = desk.last_sync().await;
    assert_eq!(
        (&receipt["state"], &receipt["read"]["comments"]),
        (&json!("succeeded"), &json!(all - 10)),
        "{receipt:#}"
    );
    assert_eq!(
        (&receipt["findings"]["failed"], &receipt["outcome"]["failed"]),
        (&json!({"site_sent_fewer": 1}), &json!(0))
    );
    assert_eq!(job["sync"]["announced"], all, "{job:#}");
    let route = format!("jobs/{}/findings?limit=200", job["id"].as_str().unwrap());
    let (_, findings) = desk.api().get(&route, &desk.admin).await;
    let is_told = |finding: &&Value| finding["reason"] == "site_sent_fewer";
    assert_eq!(findings["findings"].as_array().unwrap().iter().filter(is_told).count(), 1, "{findings:#}");

    let tick = desk.plugin(&["tick"]).await;
    assert_eq!((&tick["commands"], &tick["setup"]), (&json!(DONE), &json!(true)), "{tick:#}");
    // The site is not asked for anything, and its admin presses the button.
    let upload = desk.plugin(&["upload"]).await;
    assert_eq!(upload, json!({"sent": all, "rounds": 2, "is_endless": false}));
    let (receipt, _) = desk.last_sync().await;
    assert_eq!(
        (&receipt["state"], &receipt["outcome"]["created"], &receipt["outcome"]["unchanged"]),
        (&json!("succeeded"), &json!(10), &json!(all - 10)),
        "{receipt:#}"
    );
    assert_eq!(receipt["findings"]["failed"], json!({}), "{receipt:#}");
}

async fn events_are_taken_over_and_never_told_of(desk: &Desk) {
    desk.import(&[first(FIRST), EARLY_REPLY, THIRD]).await;
    let is_killed = |tick: &Value| tick.get("killed").is_some();
    let killed = desk.ticks("events", &["killed=mappings"], is_killed).await;
    assert_eq!(killed, json!({"killed": "mappings", "outcomes": {"added": 3}}));
    let copies = desk.copies().await;
    let copy = |name: &str| copies.iter().find(|copy| copy["author"] == name).unwrap();
    assert_eq!(copy("Guest 2")["parent"], copy("Guest 1")["id"], "a parent comes before what answers it");

    let rows = desk.system.comment_rows().await.len();
    desk.plugin(&["upload"]).await;
    let (receipt, _) = desk.last_sync().await;
    assert_eq!((&receipt["outcome"]["created"], &receipt["outcome"]["skipped"]), (&json!(0), &json!(3)), "{receipt:#}");
    assert_eq!(receipt["findings"]["skipped"], json!({"came_from_here": 3}), "{receipt:#}");
    assert_eq!(desk.copies().await, copies, "each is still known by the id of what it is a copy of");

    // The same in the middle of the events: WordPress gets one twice, and here it is still counted
    // once.
    desk.import(&[first(FIRST), EARLY_REPLY, THIRD, FOURTH]).await;
    desk.ticks("an event", &["killed=event:1"], is_killed).await;
    let tick = desk.plugin(&["tick"]).await;
    assert_eq!(tick["events"]["outcomes"]["added"], 1, "{tick:#}");
    desk.plugin(&["upload"]).await;
    let (receipt, _) = desk.last_sync().await;
    assert_eq!((&receipt["outcome"]["created"], &receipt["outcome"]["skipped"]), (&json!(0), &json!(5)), "{receipt:#}");
    assert_eq!(desk.system.comment_rows().await.len(), rows + 1);
}

async fn what_wordpress_stores_reads_the_same(desk: &Desk) {
    let content = async |name: &str| {
        let copies = desk.copies().await;
        copies.into_iter().find(|copy| copy["author"] == name).unwrap()["content"].clone()
    };
    assert_eq!(content("Guest 1").await, "<p>One</p>\n\n<p>C:&#92;new</p>");
    assert_eq!(content("Guest 2").await, "An answer<br>\nin two lines");
    desk.import(&[first("<p>Uno</p><ul><li>C:\\new</li><li>D:\\</li></ul>"), EARLY_REPLY, THIRD, FOURTH]).await;
    desk.hears_of_a_change().await;
    assert_eq!(content("Guest 1").await, "Uno\n\nC:&#092;new\nD:&#092;", "of which WordPress makes paragraphs");
}

async fn what_is_missing_is_downloaded(desk: &Desk, all: u64) {
    let before = desk.comments().await.len();
    desk.import(&[first(FIRST), EARLY_REPLY, THIRD, FOURTH, FIFTH]).await;
    let download = desk.plugin(&["download"]).await;
    let expected = json!({"read": all + 5, "total": all + 5, "added": 1, "requests": 2, "refused": null});
    assert_eq!(download, expected);
    let copies = desk.copies().await;
    let fifth = copies.iter().find(|copy| copy["author"] == "Guest 5").unwrap();
    assert!(copies.iter().any(|copy| copy["author"] == "Guest 4" && copy["id"] == fifth["parent"]), "{copies:#?}");
    let heard = desk.hears_of_a_change().await;
    assert_eq!(heard["events"]["outcomes"].get("added"), None, "what was downloaded is no news: {heard:#}");
    assert_eq!(desk.comments().await.len(), before + 1);
}

async fn the_plugin_is_activated_again(desk: &Desk) {
    let (linked, before) = (site(desk.api(), &desk.admin).await, desk.comments().await);
    desk.plugin(&["deactivate"]).await;
    let next = link(&desk.system, &desk.wordpress, &desk.admin).await;
    let (_, sites) = desk.api().get("sites", &desk.admin).await;
    let sites = sites["sites"].as_array().unwrap();
    assert_eq!((sites.len(), &sites[0]["id"], &sites[0]["state"]), (1, &linked["id"], &json!("linked")), "{sites:#?}");
    send_all(&desk.wordpress).await;
    let receipt = desk.api().receipt(&next, &desk.admin).await;
    assert_eq!((&receipt["outcome"]["created"], &receipt["outcome"]["updated"]), (&json!(0), &json!(0)), "{receipt:#}");
    assert_eq!(receipt["findings"]["skipped"], json!({"came_from_here": 6}), "{receipt:#}");

    // The site asks for events from the beginning, and has lost its record of those it applied.
    desk.import(&[first("<p>Changed</p>"), EARLY_REPLY, THIRD, FOURTH, FIFTH]).await;
    let heard = desk.ticks("the change", &[], |tick| tick["events"]["outcomes"].get("updated").is_some()).await;
    assert_eq!(heard["events"]["outcomes"].get("added"), None, "nothing is told as new: {heard:#}");
    let of = |comments: &[Value]| comments.iter().map(|one| one["fastcomments_id"].clone()).collect::<Vec<_>>();
    assert_eq!(of(&desk.comments().await), of(&before));
}
