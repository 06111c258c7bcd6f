use super::seed::Seed;
use super::state::{ActiveValue, Failure, Filter, Refusal, State, Wanted};
use super::tokens::{Subject, TokenMint};

fn sample() -> State {
    State::from_seed(&Seed::sample()).unwrap()
}

fn uuid_of(state: &State, username: &str) -> uuid::Uuid {
    state.users().iter().find(|user| user.username == username).unwrap().uuid
}

fn active(value: bool) -> Wanted {
    Wanted { is_active: Some(ActiveValue::Plain(value)), ..Wanted::default() }
}

#[test]
fn sample_ids_are_those_of_the_demo_shops() {
    let state = sample();

    let users: Vec<String> = state.users().iter().map(|user| user.uuid.to_string()).collect();
    assert_eq!(
        users,
        [
            "c0e244d4-03e8-556f-aa8d-174be9d236e5",
            "92cd431f-96e3-5259-91cb-ab9f6d14829f",
            "8565d483-70cd-5c73-bc6a-96d2e70ddee1",
            "84b8f847-d755-5763-b128-8e138e6571fc",
            "48a6c610-693e-5d88-bdce-3c6018b3abd2",
            "753641a3-ec71-560f-9760-aab1baa4488d",
            "3a9de063-c929-5cf2-8ff6-bf9cb01cc34d",
        ]
    );
    let warehouses: Vec<String> =
        state.warehouses().iter().map(|row| row.uuid.to_string()).collect();
    assert_eq!(
        warehouses,
        [
            "834b3731-02d4-5d6f-9a61-d63ae5e70517",
            "3899fb51-7419-5df6-9257-4599c9b857a5",
            "013ec05e-710a-50fb-9b23-be3de9ecfae7",
            "8e5f7bf2-ab97-595c-9b42-487392e2af9b",
            "86496ec7-0d44-518c-81e4-f472b9e8547d",
            "5bf5cc56-a50b-5029-9011-feeed83af180",
            "471f5093-fca8-50b7-83d0-d06adc273442",
        ]
    );
    let assignments: Vec<String> =
        state.assignments().iter().map(|row| row.uuid.to_string()).collect();
    assert_eq!(
        assignments,
        [
            "4eb5a718-f872-5130-ac8f-5c0880343edf",
            "9be63851-4e1a-5858-9333-79cb8ffaaf8f",
            "7442ba9c-7667-540f-ba6f-2abff5cae170",
            "be4e0d7e-d761-5f4d-9e2f-490078be95d5",
            "11fa75e6-66d4-5d1d-99a6-8d425a80d242",
            "ac394d87-afd5-579b-acbb-e3032b3d64b4",
            "f85962f6-5559-5e86-97f5-cd3772df539c",
        ]
    );
}

#[test]
fn the_text_false_is_stored_as_false_but_switches_the_others_off() {
    let mut state = sample();
    let harald = uuid_of(&state, "harald@spryker.com");
    let ids: Vec<String> = state
        .list(&harald, &Filter::default())
        .unwrap()
        .iter()
        .map(|row| row.uuid.to_string())
        .collect();
    state.change(&harald, &ids[0], &active(true), false).unwrap();

    let text =
        Wanted { is_active: Some(ActiveValue::Text("false".to_owned())), ..Wanted::default() };
    let row = state.change(&harald, &ids[1], &text, false).unwrap();

    assert!(!row.is_active);
    assert!(state.assignments().iter().all(|row| !row.is_active));
}

#[test]
fn assigning_again_gives_a_new_id() {
    let mut state = sample();
    let first = state.assignments()[0].clone();
    state.remove_assignment(&first.uuid);

    let again = state
        .add_assignment(&super::SeedAssignment {
            uuid: None,
            user_uuid: first.user_uuid,
            warehouse_uuid: first.warehouse_uuid,
            is_active: false,
        })
        .unwrap();

    assert_ne!(again.uuid, first.uuid);
}

#[test]
fn a_change_that_fails_changes_nothing() {
    let mut state = sample();
    let harald = uuid_of(&state, "harald@spryker.com");
    let before = state.assignments().to_vec();
    let id = before[0].uuid.to_string();

    let null = Wanted { is_active: Some(ActiveValue::Unstorable), ..Wanted::default() };
    let nobody = Wanted {
        user_uuid: Some("nobody".to_owned()),
        warehouse_uuid: Some("nowhere".to_owned()),
        ..active(true)
    };

    assert_eq!(state.change(&harald, &id, &null, false), Err(Failure::Crashed));
    assert_eq!(
        state.change(&harald, &id, &nobody, false),
        Err(Failure::Refused(vec![Refusal::UserNotFound, Refusal::WarehouseNotFound]))
    );
    assert_eq!(state.assignments(), before);
}

#[test]
fn tokens_hold_until_they_are_expired_and_only_for_the_mint_that_made_them() {
    let state = sample();
    let mut mint = TokenMint::new().unwrap();
    let user = &state.users()[2];

    let token = mint.for_user(user, &user.scopes(), 60);
    let dead = mint.for_user(user, &user.scopes(), 0);

    assert_eq!(mint.check(&token).unwrap().subject, Subject::User(user.uuid));
    assert_eq!(mint.check(&dead), None);
    assert_eq!(TokenMint::new().unwrap().check(&token), None);
    mint.expire_all();
    assert_eq!(mint.check(&token), None);
    let later = mint.for_user(user, &user.scopes(), 60);
    assert!(mint.check(&later).is_some());
}

#[test]
fn a_seed_that_contradicts_itself_is_refused() {
    let mut seed = Seed::sample();
    seed.assignments[0].user_uuid = uuid::Uuid::nil();

    assert!(State::from_seed(&seed).unwrap_err().contains("no user"));
}

#[test]
fn a_seed_file_is_read_strictly_and_up_to_a_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seed.json");
    let user = r#"{"users":[{"username":"a","password":"b"}]}"#;

    std::fs::write(&path, user).unwrap();
    assert_eq!(State::from_seed(&Seed::from_file(&path).unwrap()).unwrap().users().len(), 1);
    std::fs::write(&path, format!("{user} {{}}")).unwrap();
    assert!(Seed::from_file(&path).unwrap_err().to_string().contains("trailing"));
    std::fs::write(&path, user.replace("\"b\"", "7")).unwrap();
    assert!(Seed::from_file(&path).unwrap_err().to_string().contains("users[0].password"));
    std::fs::write(&path, user.replace("password", "pass")).unwrap();
    assert!(Seed::from_file(&path).unwrap_err().to_string().contains("`pass`"));
    let blanks = usize::try_from(super::seed::SEED_FILE_SIZE_MAX).unwrap();
    std::fs::write(&path, format!("{user}{}", " ".repeat(blanks))).unwrap();
    assert!(Seed::from_file(&path).unwrap_err().to_string().contains("larger than"));
}
