//! What an operator should know about the setup of a Redis server.

use std::collections::HashMap;

use rethread_stores::{Diagnosis, Result, Verdict};

use super::server::Server;

pub(super) async fn diagnose(server: &Server, apply: bool) -> Result<Vec<Diagnosis>> {
    server.is_master().await?;
    let about = server.info("server").await?;
    let persistence = server.info("persistence").await?;
    let policy = server.info("memory").await?.remove("maxmemory_policy").unwrap_or_default();
    Ok(vec![version(&about), persisted(&persistence), evicted(server, &policy, apply).await])
}

fn version(about: &HashMap<String, String>) -> Diagnosis {
    let version = about.get("redis_version").map_or("unknown", String::as_str);
    let major: u32 = version.split('.').next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let (verdict, message) = if major >= 7 {
        (Verdict::Fine, format!("Redis {version}"))
    } else {
        (Verdict::Warning, format!("Redis {version}: Rethread is tested with 7.0 and newer; upgrade it"))
    };
    Diagnosis { subject: "redis version", verdict, message }
}

fn persisted(persistence: &HashMap<String, String>) -> Diagnosis {
    let is = |name: &str, value: &str| persistence.get(name).is_some_and(|found| found == value);
    let (verdict, message) = if !is("aof_enabled", "1") {
        let message = "a restart loses jobs: set \"appendonly yes\" in redis.conf and by CONFIG SET";
        (Verdict::Wrong, message)
    } else if !is("aof_last_write_status", "ok") {
        (Verdict::Wrong, "the append-only file cannot be written: look at the disk and at the log of Redis")
    } else {
        (Verdict::Fine, "the append-only file is on")
    };
    Diagnosis { subject: "redis persistence", verdict, message: message.to_owned() }
}

/// A full server must refuse writes; one that evicts would lose jobs silently.
async fn evicted(server: &Server, policy: &str, apply: bool) -> Diagnosis {
    let said = |verdict, message: String| Diagnosis { subject: "redis eviction", verdict, message };
    if policy == "noeviction" {
        return said(Verdict::Fine, "maxmemory-policy is noeviction".to_owned());
    }
    if apply {
        let mut command = redis::cmd("CONFIG");
        command.arg(&["SET", "maxmemory-policy", "noeviction"]);
        if server.command::<()>("cannot configure", &command).await.is_ok() {
            let message = "maxmemory-policy was set to noeviction until Redis restarts: set it in redis.conf, too";
            return said(Verdict::Applied, message.to_owned());
        }
    }
    let message = format!("maxmemory-policy is {policy}, so Redis may delete jobs: set it to noeviction in redis.conf");
    said(Verdict::Wrong, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_loses_jobs_is_wrong() {
        assert_eq!(persisted(&info(&[("aof_enabled", "0")])).verdict, Verdict::Wrong);
        let failing = info(&[("aof_enabled", "1"), ("aof_last_write_status", "err")]);
        assert_eq!(persisted(&failing).verdict, Verdict::Wrong);
        let fine = info(&[("aof_enabled", "1"), ("aof_last_write_status", "ok")]);
        assert_eq!(persisted(&fine).verdict, Verdict::Fine);
    }

    #[test]
    fn an_old_version_is_told() {
        assert_eq!(version(&info(&[("redis_version", "7.0.15")])).verdict, Verdict::Fine);
        assert_eq!(version(&info(&[("redis_version", "6.2.1")])).verdict, Verdict::Warning);
    }
}
