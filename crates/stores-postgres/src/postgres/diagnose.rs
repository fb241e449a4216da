//! The checks of `doctor`.

use rethread_stores::{Diagnosis, Result, Verdict};

use super::address::Security;
use super::{Database, migrate, parameters};

/// `server_version_num` of the oldest version that is tested.
const OLDEST: i64 = 130_000;

const SETTINGS: &str = "SELECT current_setting('server_version_num')::bigint, current_setting('server_version'), \
     current_setting('server_encoding'), current_setting('fsync'), current_setting('full_page_writes'), \
     current_setting('synchronous_commit'), pg_is_in_recovery(), \
     has_database_privilege(current_database(), 'TEMPORARY')";

pub(super) async fn diagnose(database: &Database) -> Result<Vec<Diagnosis>> {
    let schema = database.0.schema;
    let (row, version) = database
        .read("cannot ask the server", |tx| async move {
            let row = tx.first(SETTINGS, &parameters![]).await?;
            Ok((row, migrate::version(&tx, schema.name).await?))
        })
        .await?;
    let mut found = Vec::new();
    if let Some(row) = row {
        let text = |index: usize| row.get::<_, String>(index);
        let (number, encoding) = (row.get::<_, i64>(0), text(2));
        found.push(of("server", (number < OLDEST).then_some(Verdict::Wrong), || {
            (format!("version {}", text(1)), "use PostgreSQL 13 or newer".to_owned())
        }));
        found.push(of("encoding", (encoding != "UTF8").then_some(Verdict::Wrong), || {
            (encoding.clone(), "create the database with ENCODING 'UTF8'".to_owned())
        }));
        found.push(of("role", row.get::<_, bool>(6).then_some(Verdict::Wrong), || {
            let role = if row.get(6) { "standby, which takes no writes" } else { "primary" };
            (
                role.to_owned(),
                "connect to the primary; with several hosts, add target_session_attrs=read-write".to_owned(),
            )
        }));
        found.push(of("temporary tables", (!row.get::<_, bool>(7)).then_some(Verdict::Wrong), || {
            let said = if row.get(7) { "allowed" } else { "refused" };
            (said.to_owned(), "grant the user TEMPORARY on the database".to_owned())
        }));
        let settings = [(3, "fsync"), (4, "full_page_writes"), (5, "synchronous_commit")];
        let off: Vec<_> =
            settings.into_iter().filter(|(index, _)| text(*index) == "off").map(|(_, name)| name).collect();
        found.push(of("durability", (!off.is_empty()).then_some(Verdict::Warning), || {
            let said = if off.is_empty() {
                "fsync and synchronous_commit are on".to_owned()
            } else {
                format!("off: {}", off.join(", "))
            };
            (said, "switch on what is off, or committed batches may be lost in a crash".to_owned())
        }));
    }
    let known = migrate::known(schema);
    found.push(of("schema", (version != known).then_some(Verdict::Wrong), || {
        (format!("version {version}"), format!("this build knows {known}: run the newest version on all machines"))
    }));
    found.push(encryption(database));
    Ok(found)
}

fn encryption(database: &Database) -> Diagnosis {
    let address = &database.0.address;
    let is_open = !address.is_local() && address.security != Security::VerifyFull;
    of("encryption", is_open.then_some(Verdict::Warning), || {
        let said = match address.security {
            Security::Disable => "none",
            Security::Prefer => "where the server offers it, without looking who it is",
            Security::Require => "without looking who the server is",
            Security::VerifyFull => "with the server's certificate checked",
        };
        (said.to_owned(), "add sslmode=verify-full to the URL".to_owned())
    })
}

/// `describe` returns what was found, and what to do if it is not fine.
fn of(subject: &'static str, trouble: Option<Verdict>, describe: impl FnOnce() -> (String, String)) -> Diagnosis {
    let (said, remedy) = describe();
    match trouble {
        None => Diagnosis { subject, verdict: Verdict::Fine, message: said },
        Some(verdict) => Diagnosis { subject, verdict, message: format!("{said}: {remedy}") },
    }
}
