//! What is written where a part of the run is refused: by a target that changes meanwhile, by `--strict`.

use super::*;

#[test]
fn what_is_planned_again_without_a_refused_target_keeps_its_warnings() {
    let tied = text_patch("tied", "src/beacon.rs", "pub fn report", "pub fn told")
        .replace("\"src/beacon.rs\"", "[\"src/beacon.rs\", \"src/lamp.rs\"]");
    let set = format!("{BLASTS}\n{tied}{}", text_patch("watts", "src/lamp.rs", "watts: u32", "watts: u64"));
    let mut upstream = Upstream::beacon(&set);
    let by = upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let mine = format!("{LAMP}// mine\n");
    let ran = upstream
        .run_while(apply().drift(Merge).keep_going(), &|_, _| upstream.write("src/lamp.rs", &mine))
        .fails();
    assert_eq!(ran.all(), "blasts applied, tied applied, watts changed-on-disk", "{}", ran.told());
    assert!(
        ran.told().contains(&format!("warning: merged with what upstream changed here: changed in {by}"))
    );
    assert_eq!(upstream.text("src/beacon.rs"), patched(&called()).replace("pub fn report", "pub fn told"));
    assert_eq!(upstream.text("src/lamp.rs"), mine);
}

#[test]
fn what_strict_refuses_is_not_written_although_the_run_keeps_going() {
    let set = format!("{BLASTS}\n{}", text_patch("watts", "src/lamp.rs", "watts: u32", "watts: u64"));
    let mut upstream = Upstream::beacon(&set);
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let ran = upstream.run(apply().drift(Merge).strict().keep_going()).fails();
    assert_eq!(ran.all(), "blasts no-match, watts applied", "{}", ran.told());
    assert_eq!(upstream.text("src/beacon.rs"), called());
    assert_eq!(upstream.text("src/lamp.rs"), exchanged(LAMP, "watts: u32", "watts: u64"));
}
