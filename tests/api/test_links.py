"""Links, merges and splits over REST."""

from tests.api.conftest import WHY, opened, raised_to


def test_a_link_is_made_listed_at_both_ends_and_removed_once(house):
    one, other = opened(house.agent), opened(house.agent)
    made = house.agent.post(f"tickets/{one}/links/", {"other": other, "kind": "caused"})
    assert made.status_code == 201
    listed = house.agent.get(f"tickets/{other}/links/").data["results"]
    assert [(row["ticket"], row["kind"], row["other"]) for row in listed] == [(one, "caused", other)]
    path = f"tickets/{other}/links/{made.data['id']}/remove/"
    assert [house.agent.post(path).status_code for _turn in range(2)] == [204, 404]


def test_a_merged_ticket_names_the_one_that_lives_and_says_so_to_every_call(house):
    one, other = opened(house.agent, body="second"), opened(house.agent)
    merged = house.agent.post(f"tickets/{one}/merge/", {"into": other, "reason": WHY})
    assert merged.status_code == 200 and merged.data["number"] == other
    assert house.agent.get(f"tickets/{one}/").data["merged_into"] == other
    said = house.agent.get(f"tickets/{other}/messages/").data["results"]
    assert {message["ticket"] for message in said} == {one, other}
    refused = house.agent.post(f"tickets/{one}/messages/", {"body": "Hello", "visibility": "public"})
    assert refused.status_code == 409 and refused.data["code"] == "merged"


def test_foreign_numbers_in_any_field_are_as_good_as_none(house):
    one, secret = opened(house.agent), raised_to(house, 3)
    before = house.legal.get(f"tickets/{secret}/").data
    for path, body in (
        ("merge/", {"into": secret, "reason": WHY}),
        ("links/", {"other": secret, "kind": "related"}),
    ):
        assert house.agent.post(f"tickets/{one}/{path}", body).status_code == 404
    theirs = house.legal.get(f"tickets/{secret}/messages/").data["results"][0]["id"]
    split = house.agent.post(f"tickets/{one}/split/", {"messages": [theirs], "subject": "x"})
    assert split.status_code == 400
    assert house.legal.get(f"tickets/{secret}/").data == before
