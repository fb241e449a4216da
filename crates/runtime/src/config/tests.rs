use std::collections::BTreeSet;
use std::ffi::OsString;

use secrecy::ExposeSecret;

use super::*;

/// The documentation shows every key, and every key at its default.
const DOCUMENTATION: &str = include_str!("../../../../docs/configuration.md");

fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
}

/// The configuration from a file with this text and these variables.
fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rethread.toml");
    std::fs::write(&file, text).unwrap();
    Config::from_parts(Some(&file), environment(variables), Overrides::default())
}

fn refusal(text: &str, variables: &[(&str, &str)]) -> String {
    load(text, variables).expect_err("this configuration is wrong").to_string()
}

fn documented_samples() -> Vec<&'static str> {
    DOCUMENTATION.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The keys of a sample, with their sections.
fn keys(sample: &str) -> Vec<String> {
    fn walk(prefix: &str, table: &toml::Table, keys: &mut Vec<String>) {
        for (name, value) in table {
            match value {
                toml::Value::Table(inner) => walk(&format!("{prefix}{name}."), inner, keys),
                _ => keys.push(format!("{prefix}{name}")),
            }
        }
    }
    let mut keys_of_sample = Vec::new();
    walk("", &sample.parse().unwrap(), &mut keys_of_sample);
    keys_of_sample
}

/// The environment variable that sets a key.
fn variable(key: &str) -> String {
    format!("RETHREAD_{}", key.replace('.', "__").to_uppercase())
}

#[test]
fn every_documented_sample_is_a_configuration() {
    let samples = documented_samples();
    assert!(samples.len() >= 2);
    for sample in samples {
        let directory = tempfile::tempdir().unwrap();
        let secrets = "/run/secrets/";
        for rest in sample.split(secrets).skip(1) {
            let name = rest.split('"').next().unwrap();
            std::fs::write(directory.path().join(name), "https://hooks.example.net/in\n").unwrap();
        }
        let here = sample.replace(secrets, &format!("{}/", directory.path().display()));
        load(&here, &[]).unwrap_or_else(|error| panic!("{error}\n{sample}"));
    }
}

#[test]
fn the_documented_defaults_are_the_defaults() {
    let sample = documented_samples()[0];
    assert_eq!(format!("{:#?}", load(sample, &[]).unwrap()), format!("{:#?}", Config::default()));
}

#[test]
fn every_documented_key_can_be_set_from_the_environment_by_the_name_that_the_table_gives() {
    let documented: Vec<String> = documented_samples().into_iter().flat_map(keys).collect();
    assert!(documented.len() > 40, "the samples are complete: {documented:?}");
    for key in documented {
        let variable = variable(&key);
        assert!(DOCUMENTATION.contains(&format!("`{variable}`")), "the tables lack {variable}");
    }
}

/// An unknown key is refused with the list of those that exist, which is the list to compare with.
#[test]
fn every_key_is_documented() {
    let documented: BTreeSet<String> = documented_samples().into_iter().flat_map(keys).collect();
    let sections: BTreeSet<String> = documented
        .iter()
        .flat_map(|key| key.match_indices('.').map(|(end, _)| key[..end].to_owned()))
        .chain([String::new()])
        .collect();
    for section in &sections {
        let text = if section.is_empty() { String::new() } else { format!("[{section}]\n") };
        let error = load(&format!("{text}no_such_key = 1\n"), &[]).unwrap_err();
        let ConfigError::UnknownKey { known, .. } = error else { panic!("[{section}]: {error}") };
        for name in known.split(", ") {
            let key = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
            let is_listed = DOCUMENTATION.contains(&format!("`{}`", variable(&key)));
            assert!(sections.contains(&key) || is_listed, "the tables lack {}", variable(&key));
        }
    }
}

#[test]
fn later_sources_win() {
    let file = "http = \"127.0.0.1:1111\"\n[worker]\nslots = 3\nwindow = 5\n";
    let config = load(file, &[("RETHREAD_WORKER__SLOTS", "7"), ("RETHREAD_GRPC", "127.0.0.1:3333")]).unwrap();
    assert_eq!((config.worker.slots, config.worker.window, config.worker.max_attempts), (7, 5, 2));
    assert_eq!((config.http.port(), config.grpc.port()), (1111, 3333));

    let flags = Overrides { http: Some("127.0.0.1:2222".parse().unwrap()), ..Overrides::default() };
    let config = Config::from_parts(None, environment(&[("RETHREAD_HTTP", "127.0.0.1:1111")]), flags).unwrap();
    assert_eq!(config.http.port(), 2222);
}

#[test]
fn stores_are_under_the_data_directory_unless_named() {
    let urls = load("data = \"/srv/rethread\"\njobs = \"sqlite:/fast/jobs.db\"\n", &[]).unwrap().urls();
    assert_eq!(urls.blobs, "file:/srv/rethread/blobs");
    assert_eq!(urls.jobs, "sqlite:/fast/jobs.db");
    assert_eq!(urls.queue, "memory:");
    assert_eq!(urls.comments, "sqlite:/srv/rethread/comments.db");
}

#[test]
fn the_gateway_finds_a_status_service_of_the_same_process() {
    assert_eq!(Config::default().status_url(), "http://127.0.0.1:50051");
    assert_eq!(load("grpc = \"0.0.0.0:7\"", &[]).unwrap().status_url(), "http://127.0.0.1:7");
    assert_eq!(load("grpc = \"[::]:7\"", &[]).unwrap().status_url(), "http://[::1]:7");
    assert_eq!(load("status = \"http://status:9\"", &[]).unwrap().status_url(), "http://status:9");
}

#[test]
fn an_unknown_key_is_named_with_its_place() {
    let in_file = refusal("[worker]\nslot = 3\n", &[]);
    assert!(in_file.contains("\"worker.slot\"") && in_file.contains("rethread.toml"), "{in_file}");
    assert!(in_file.contains("slots"), "it says what exists: {in_file}");

    let at_top = refusal("", &[("RETHREAD_HTPP", "127.0.0.1:1")]);
    assert!(at_top.contains("\"htpp\"") && at_top.contains("RETHREAD_HTPP"), "{at_top}");

    let nested = refusal("", &[("RETHREAD_NOTIFIER__SMTP__HOSTS", "a")]);
    assert!(
        nested.contains("\"notifier.smtp.hosts\"") && nested.contains("RETHREAD_NOTIFIER__SMTP__HOSTS"),
        "{nested}"
    );
}

#[test]
fn a_wrong_value_is_named_with_its_place() {
    let number = refusal("[worker]\nslots = \"many\"\n", &[]);
    assert!(number.contains("\"worker.slots\"") && number.contains("rethread.toml"), "{number}");
    let address = refusal("", &[("RETHREAD_HTTP", "here")]);
    assert!(address.contains("\"http\"") && address.contains("RETHREAD_HTTP"), "{address}");
    let duration = refusal("[worker]\njanitor_interval = \"soon\"\n", &[]);
    assert!(duration.contains("\"worker.janitor_interval\""), "{duration}");
    let none = refusal("[worker]\nslots = 0\n", &[]);
    assert!(none.contains("\"worker.slots\" must not be 0"), "{none}");
}

#[test]
fn a_file_that_is_named_must_be_there_and_be_toml() {
    let absent = Config::load(Some(Path::new("/nowhere/r.toml")), Overrides::default()).unwrap_err();
    assert!(absent.to_string().contains("/nowhere/r.toml"), "{absent}");
    let broken = refusal("data = \"x\"\nsecret = hunter2\n", &[]);
    assert!(broken.contains("line 2") && !broken.contains("hunter2"), "{broken}");
}

#[test]
fn secrets_come_from_values_or_files_and_are_never_shown() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("password");
    std::fs::write(&file, "hunter2\n").unwrap();
    let smtp = format!(
        "comments = \"postgres://u:hunter2@db/r\"\n[notifier]\nwebhook = {{ url = \"https://ops.example\", secret = \
         \"hunter2\" }}\nslack = {{ url = \"https://hooks.example/hunter2\" }}\n[notifier.smtp]\nhost = \"mail\"\nusername = \
         \"u\"\npassword_file = {file:?}\nfrom = \"r@example.net\"\nto = [\"ops@example.net\"]\n"
    );
    let config = load(&smtp, &[]).unwrap();
    let smtp = config.notifier.smtp.as_ref().unwrap();
    assert_eq!(smtp.login.as_ref().unwrap().1.expose_secret(), "hunter2", "without the line's end");
    assert_eq!(smtp.port, 587);
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("postgres:…db/r"), "{shown}");
}

#[test]
fn a_secret_is_not_quoted_in_an_error_either() {
    for (variable, value) in [
        ("RETHREAD_NOTIFIER__SLACK__URL", "hunter2"),
        ("RETHREAD_NOTIFIER__WEBHOOK", "hunter2"),
        ("RETHREAD_NOTIFIER__SMTP__PASSWORD", "hunter2"),
    ] {
        let error = refusal("", &[(variable, value)]);
        assert!(error.contains("notifier.") && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_password_of_digits_stays_a_text_and_addresses_may_be_listed_with_commas() {
    let config = load(
        "",
        &[
            ("RETHREAD_NOTIFIER__SMTP__HOST", "mail"),
            ("RETHREAD_NOTIFIER__SMTP__USERNAME", "true"),
            ("RETHREAD_NOTIFIER__SMTP__PASSWORD", "0123"),
            ("RETHREAD_NOTIFIER__SMTP__FROM", "r@example.net"),
            ("RETHREAD_NOTIFIER__SMTP__TO", "a@example.net, b@example.net"),
        ],
    )
    .unwrap();
    let smtp = config.notifier.smtp.unwrap();
    let (username, password) = smtp.login.unwrap();
    assert_eq!((username.as_str(), password.expose_secret()), ("true", "0123"));
    assert_eq!(smtp.to, ["a@example.net", "b@example.net"]);
}

#[test]
fn a_password_is_not_sent_in_the_clear() {
    let smtp =
        "[notifier.smtp]\nhost=\"m\"\ntls=\"none\"\nusername=\"u\"\npassword=\"p\"\nfrom=\"a@b\"\nto=[\"a@b\"]\n";
    assert!(refusal(smtp, &[]).contains("tls = \"none\""));
}

#[test]
fn what_the_command_line_reads_from_the_environment_is_no_key() {
    let config = load("", &[("RETHREAD_TOKEN", "rt_x"), ("RETHREAD_SERVER", "http://x"), ("RETHREAD_CONFIG", "x")]);
    assert!(config.is_ok(), "{config:?}");
}

#[test]
fn a_collector_is_named_by_the_configuration_or_by_the_standard_variable() {
    let standard = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317");
    let own = ("RETHREAD_TELEMETRY__OTLP_ENDPOINT", "http://127.0.0.1:4317");
    let endpoint = |variables: &[(&str, &str)]| load("", variables).unwrap().telemetry.otlp_endpoint.map(String::from);
    assert_eq!(endpoint(&[]), None);
    if cfg!(feature = "otlp") {
        assert_eq!(endpoint(&[standard]).as_deref(), Some("http://collector:4317/"));
        assert_eq!(endpoint(&[standard, own]).as_deref(), Some("http://127.0.0.1:4317/"));
        for wrong in ["https://collector:4317", "collector:4317", "unix:/run/collector"] {
            assert!(refusal("", &[(own.0, wrong)]).contains("telemetry.otlp_endpoint"), "{wrong}");
        }
    } else {
        assert_eq!(endpoint(&[standard]), None, "it is meant for others");
        let refused = refusal("", &[own]);
        assert!(refused.contains("telemetry.otlp_endpoint") && refused.contains("--features otlp"), "{refused}");
    }
}

#[test]
fn a_part_of_the_traces_is_between_none_and_all() {
    for wrong in ["1.5", "-0.1", "nan"] {
        assert!(refusal(&format!("[telemetry]\nsample_ratio = {wrong}\n"), &[]).contains("must be 0 to 1"), "{wrong}");
    }
    assert!(refusal("[telemetry]\nmetrics_interval = \"0s\"\n", &[]).contains("telemetry.metrics_interval"));
}
