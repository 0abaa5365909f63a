//! Tasks on the pages: added on a matter, done in one press, found in the lists, mended by a form.

use axum::http::StatusCode;
use portal_core::policy::Role;
use portal_core::task::TaskDraft;
use portal_core::workflow::{Automation, Channel, WorkflowDraft};

use crate::on_every_store;
use crate::world::{World, filled, look, refused, send};

async fn given(world: &World, title: &str, to: Role) -> portal_core::task::Task {
    let draft = TaskDraft {
        title: title.into(),
        note: "About <b>the</b> file.\nSoon.".into(),
        assignee_id: Some(world.staff(to).id),
        ..TaskDraft::default()
    };
    let added = world.portal.add_task(&world.owner, world.matter.id, &draft).await;
    added.unwrap().task
}

on_every_store! {
    async fn a_task_is_added_on_its_matter_and_done_in_one_press(world: World) {
        let mut desk = world.desk(Role::Manager).await;
        let page = look(&mut desk, "matter-without-tasks", &world.path("")).await;
        assert!(page.text().contains("Nothing to do."));
        let add = world.path("/tasks");
        let wrong = filled(&page, &add, &[("title", " "), ("due_on", "tomorrow"), ("assignee_id", "nobody")]);
        let page = refused(&mut desk, "task-wrong", &add, &wrong).await;
        assert_eq!(page.all("main [aria-invalid=true]").len(), 2, "{}", page.words("main"));
        let good = [("title", "Call <Amina>"), ("due_on", "2020-01-31"), ("assignee_id", &world.staff(Role::Manager).id.to_string())];
        let page = send(&mut desk, &add, &filled(&page, &add, &good)).await;
        assert_eq!(page.words("[role=status]"), "Call <Amina> is on the list.");
        assert_eq!(page.words("[aria-labelledby=tasks-title] .badge"), "Overdue");
        assert!(page.words("[aria-labelledby=tasks-title] .meta").starts_with("You · Was due Fri 31 Jan 2020"));
        let home = look(&mut desk, "home-with-a-task", "/staff").await;
        assert!(home.all("a.tile[href='/staff/tasks']")[0].starts_with('1'), "{:?}", home.all("a.tile"));

        let list = look(&mut desk, "tasks-mine", "/staff/tasks").await;
        assert_eq!(list.all("li[data-item] .rows__title"), ["Call <Amina>"]);
        assert_eq!(list.words(".chip[aria-current=true]"), "Mine 1");
        let done = list.attribute("li[data-item] form", "action");
        let after = send(&mut desk, &done, &filled(&list, &done, &[])).await;
        assert_eq!(after.words("[role=status]"), "Call <Amina> is done.");
        assert!(after.text().contains("Nothing for you to do"), "back on the list that it stood in");
        // Pressed twice, it is done all the same.
        send(&mut desk, &done, "back=matter").await;
        let list = look(&mut desk, "tasks-done", "/staff/tasks?show=done").await;
        assert!(list.words("li[data-item] .meta").starts_with("manager Keller, Today"), "{}", list.words("li[data-item] .meta"));
        let own = list.attribute("li[data-item] a.rows__title", "href");
        let page = look(&mut desk, "task-done", &own).await;
        let reopen = format!("{own}/reopen");
        let page = send(&mut desk, &reopen, &filled(&page, &reopen, &[])).await;
        assert_eq!(page.words("h1 + .badge"), "Overdue");
        let activity = look(&mut desk, "activity-with-tasks", &world.path("/activity")).await;
        let said = activity.all(".timeline__item p");
        assert!(said.iter().any(|line| line == "manager Keller did the task Call <Amina>"), "{said:?}");
    }

    async fn what_begins_later_is_found_however_much_there_is(world: World) {
        let owner = world.staff(Role::Owner);
        for number in 0..23_u8 {
            let title = format!("Later {number}");
            let task = given(world, &title, Role::Owner).await;
            let later = portal_core::task::Task {
                version: task.version.next(),
                starts_at: world.portal.now() + portal_core::Duration::days(9),
                ..task
            };
            let change = portal_core::Change::unaudited(world.practice.id, "as an automation delays it").save(later);
            world.portal.commit(change).await.unwrap();
        }
        let mut desk = world.desk(Role::Owner).await;
        let page = look(&mut desk, "matter-many-tasks", &world.path("")).await;
        let card = "[aria-labelledby=tasks-title]";
        assert_eq!(page.all(&format!("{card} li[data-item]")).len(), 20);
        assert!(page.words(card).contains("3 more to do"), "{}", page.words(card));
        let all = page.attribute(&format!("{card} p.pad a"), "href");
        let list = look(&mut desk, "tasks-of-a-matter", &all).await;
        assert_eq!(list.words(".chip[aria-current=true]"), "All 23");
        assert!(list.words("li[data-item] .badge").starts_with("From "), "{}", list.words("li[data-item] .badge"));
        let mine = look(&mut desk, "tasks-not-begun", "/staff/tasks").await;
        assert_eq!(mine.all("li[data-item]").len(), 0, "{} has nothing to do now", owner.name);
    }

    async fn two_people_at_one_task_do_not_overwrite_each_other(world: World) {
        let task = given(world, "Order the file", Role::Manager).await;
        let path = format!("/staff/tasks/{}", task.id);
        let mut desk = world.desk(Role::Manager).await;
        let page = look(&mut desk, "task", &path).await;
        let old = filled(&page, &path, &[("title", "Order it")]);
        let page = send(&mut desk, &path, &filled(&page, &path, &[("title", "Order the file today"), ("assignee_id", "")])).await;
        assert_eq!(page.words("h1"), "Order the file today");
        assert!(page.words("dl.facts").contains("Anyone"));
        let page = refused(&mut desk, "task-stale", &path, &old).await;
        assert!(page.words("[role=alert]").contains("Somebody changed this in the meantime"));
        assert_eq!(page.attribute("#title", "value"), "Order it", "what was typed is kept");
    }

    async fn who_left_is_said_and_who_is_not_on_the_matter_sees_their_own(world: World) {
        let theirs = given(world, "Scan the passport", Role::Member).await;
        given(world, "Order the file", Role::Manager).await;
        let mut member = world.desk(Role::Member).await;
        let page = look(&mut member, "tasks-member", "/staff/tasks?show=all").await;
        assert_eq!(page.all("li[data-item] .rows__title"), ["Scan the passport"]);
        assert!(page.all("li[data-item] .meta a").is_empty(), "the matter is not theirs to open");
        assert_eq!(member.get(&world.path("")).await.status, StatusCode::NOT_FOUND);
        look(&mut member, "task-member", &format!("/staff/tasks/{}", theirs.id)).await;

        let gone = world.staff(Role::Member);
        world.portal.update_staff(&world.owner, gone.id, None, (Role::Member, false)).await.unwrap();
        let mut desk = world.desk(Role::Manager).await;
        let home = look(&mut desk, "home-task-left", "/staff").await;
        assert_eq!(home.all("a.tile[href='/staff/tasks?show=left']").len(), 1);
        let page = look(&mut desk, "tasks-left", "/staff/tasks?show=left").await;
        assert_eq!(page.all("li[data-item] .badge"), ["Needs somebody"]);
        assert!(page.words("li[data-item] .meta").contains("member Keller, who does not work here any more"));
    }

    async fn a_workflow_says_whose_tasks_it_sets(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let id = crate::workflows::with_rules(world).await;
        let kept = world.portal.workflow(&world.owner, id).await.unwrap();
        let mut call = Automation::new(Channel::Task);
        call.subject.insert("en".into(), "Call {{ client.first_name }}".into());
        let mut anyone = call.clone();
        anyone.assignee = portal_core::workflow::Assignee::Anyone;
        anyone.delay_minutes = 60;
        let draft = WorkflowDraft { enabled: false, automations: vec![call, anyone], ..kept.draft };
        world.portal.update_workflow(&world.owner, id, None, &draft).await.unwrap();
        let page = look(&mut desk, "workflow-with-tasks", &format!("/staff/workflows/{id}")).await;
        assert!(page.text().contains("Task for the matter's owner") || page.text().contains("Task for the matter&#39;s owner"));
        assert!(page.text().contains("Task for anyone"));
        crate::workflows::written(world, "T-Visa", "Filing").await;
        let page = look(&mut desk, "dry-run-with-tasks", &format!("/staff/workflows/{id}/dry-run")).await;
        let said = page.all("li[data-item] .finding").join(" | ");
        assert!(said.contains("A task for owner Keller") && said.contains("A task for anyone, to begin to"), "{said}");
        assert_eq!(page.all("li[data-item] .finding use[href$='#check-circle']").len(), 2, "each has the icon of a task");
    }
}
