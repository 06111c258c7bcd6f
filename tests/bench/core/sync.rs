//! A round of sync with a change to send, against the bare round trips that it is made of.

use uuid::Uuid;
use wareswitch::domain::change::Origin;
use wareswitch::sandbox::Sandbox;

use crate::lists::http;
use crate::table::{self, Table};
use crate::world;

const TURNS: usize = 100;
const MEDIA_TYPE: &str = "application/vnd.api+json";

pub(crate) fn measure(table: &mut Table) {
    // The server has a thread of its own, as it has outside.
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        world::runtime().block_on(async {
            let sandbox = Sandbox::start(world::seed(10)).await.unwrap();
            tell.send((sandbox.origin(), sandbox.control())).unwrap();
            std::future::pending::<()>().await;
        });
    });
    let (origin, control) = told.recv().unwrap();
    let runtime = world::runtime();
    let folder = world::folder();
    let profile = runtime.block_on(world::sign_in(&origin, folder.path()));

    let (client, token) = (http(), control.token_for(Uuid::from_u128(7)).unwrap());
    let list = format!("{origin}/warehouse-user-assignments");
    let ids: Vec<Uuid> = control.assignments().iter().map(|row| row.uuid).collect();
    let ask = async |request: reqwest::RequestBuilder| {
        let request = request
            .header("Accept", MEDIA_TYPE)
            .header("Content-Type", MEDIA_TYPE)
            .bearer_auth(&token);
        assert!(request.send().await.unwrap().bytes().await.unwrap().len() > 10);
    };
    let mut turn = 0;
    let mut bare = || {
        turn += 1;
        let row = format!("{list}/{}", ids[1 + turn % 2]);
        let body = r#"{"data":{"attributes":{"isActive":true}}}"#;
        runtime.block_on(async {
            ask(client.get(&list)).await;
            ask(client.patch(&row).body(body)).await;
            ask(client.get(&list)).await;
        });
    };
    let mut number = 0;
    let mut round = || {
        number += 1;
        let warehouse = world::warehouse(3 + number % 2);
        runtime.block_on(async {
            // The bare requests switch elsewhere in between; the tap's own round goes on over that.
            let recorded = profile.switch_to(warehouse, Origin::Tap).await.unwrap();
            let report = profile.run_round_for(recorded).await.unwrap();
            assert_eq!(report.sent, 1);
        });
    };
    let [own, least] = table::measure(TURNS, [&mut round, &mut bare]);
    table.compare("tap and round of sync", &own, ("its three requests, bare", &least), "");
}
