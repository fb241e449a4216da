//! The transitions as Lua scripts. Each is atomic and may be repeated: a repeated call is
//! recognised by its nonce or by the value it expects.

use std::sync::LazyLock;

use redis::Script;

macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = [$($file:literal),+];)+) => {
        $($(#[$doc])* pub(super) static $name: LazyLock<Script> = LazyLock::new(|| {
            Script::new(concat!(
                include_str!("scripts/prelude.lua"), $(include_str!(concat!("scripts/", $file, ".lua"))),+
            ))
        });)+
    };
}

scripts! {
    CREATE = ["create"];
    REPLACE = ["replace"];
    RECEIVING = ["receiving"];
    SLICE_PROGRESS = ["slice_progress"];
    ADD_SLICES = ["add_slices"];
    OPEN_SLICES = ["open_slices"];
    BEGIN_SLICE = ["begin_slice"];
    RELEASE_SLICE = ["release_slice"];
    REOPEN_SLICE = ["reopen_slice"];
    SPECS = ["specs"];
    REPORT = ["report"];
    POSTPONE = ["postpone"];
    PUBLISH_TASK = ["redelivery_state", "publish_task"];
    PUBLISH_SLICES = ["redelivery_state", "publish_slices"];
    PUBLISH_EVENT = ["redelivery_state", "publish_event"];
}
