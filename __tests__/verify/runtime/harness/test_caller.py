"""The caller's identity and the request context, as operations get them."""

import json
from typing import Any

import pytest
from sandbox import Sandbox

USER_ARN = "arn:aws:sts::111122223333:assumed-role/reader/session"


@pytest.mark.parametrize(
    ("event", "auth", "identity", "claim"),
    [
        ({"identity": {"userArn": USER_ARN, "accountId": "111122223333"}}, "IAM", USER_ARN, ("accountId", "111122223333")),
        ({"authorizer": {"claims": {"sub": "user-1", "email": "ada@example.com"}}}, "Cognito", "user-1", ("email", "ada@example.com")),
        ({"authorizer": {"principalId": "ada", "team": "shop"}}, "Custom", "ada", ("team", "shop")),
        ({}, "None", "", None),
    ],
)
def test_callers_of_a_rest_api(rest: Sandbox, event: dict[str, Any], auth: str, identity: str, claim: tuple[str, str] | None) -> None:
    check(rest.request("GET", "/who", **event).json(), auth, identity, claim)


@pytest.mark.parametrize(
    ("authorizer", "auth", "identity", "claim"),
    [
        ({"iam": {"userArn": USER_ARN, "accountId": "111122223333"}}, "IAM", USER_ARN, ("accountId", "111122223333")),
        ({"jwt": {"claims": {"sub": "user-1", "email": "ada@example.com"}, "scopes": None}}, "Cognito", "user-1", ("email", "ada@example.com")),
        ({"lambda": {"principalId": "ada", "team": "shop"}}, "Custom", "ada", ("team", "shop")),
        (None, "None", "", None),
    ],
)
def test_callers_of_an_http_api(
    http: Sandbox, authorizer: dict[str, Any] | None, auth: str, identity: str, claim: tuple[str, str] | None
) -> None:
    check(http.request("GET", "/who", authorizer=authorizer, http_api=True).json(), auth, identity, claim)


def check(who: dict[str, Any], auth: str, identity: str, claim: tuple[str, str] | None) -> None:
    assert who["auth"] == auth
    assert who["id"] == identity
    assert who["authenticated"] is (auth != "None")
    if claim is not None:
        assert who["claims"][claim[0]] == claim[1]
    assert who["source_ip"] == "203.0.113.7"
    assert who["request_id"] == "gateway-request"


def test_a_client_cannot_say_who_it_is(rest: Sandbox, http: Sandbox) -> None:
    forged = {"X-Amzn-Request-Context": json.dumps({"identity": {"userArn": "arn:aws:iam::111122223333:user/root"}})}

    for sandbox, http_api in ((rest, False), (http, True)):
        assert sandbox.request("GET", "/who", headers=forged, http_api=http_api).json()["auth"] == "None"


@pytest.mark.parametrize(
    ("event", "groups", "scopes"),
    [
        ({"authorizer": {"claims": {"sub": "1", "cognito:groups": "admins,buyers", "scope": "openid shop/read"}}}, ["admins", "buyers"], ["openid", "shop/read"]),
        ({"authorizer": {"claims": {"sub": "1", "cognito:groups": "admins"}}}, ["admins"], []),
        ({"authorizer": {"claims": {"sub": "1"}}}, [], []),
        ({"authorizer": {"principalId": "ada", "groups": "Domain Users, admins", "scopes": "a b"}}, ["Domain Users", "admins"], ["a", "b"]),
        ({"authorizer": {"principalId": "ada", "groups": '["x y", "z"]'}}, ["x y", "z"], []),
        ({"identity": {"userArn": USER_ARN}}, [], []),
    ],
)
def test_groups_and_scopes_of_a_rest_api(rest: Sandbox, event: dict[str, Any], groups: list[str], scopes: list[str]) -> None:
    who = rest.request("GET", "/who", **event).json()
    assert (who["groups"], who["scopes"]) == (groups, scopes)


@pytest.mark.parametrize(
    ("authorizer", "groups", "scopes"),
    [
        ({"jwt": {"claims": {"sub": "1", "cognito:groups": "[admins buyers]", "scope": "openid shop/read"}, "scopes": None}}, ["admins", "buyers"], ["openid", "shop/read"]),
        ({"jwt": {"claims": {"sub": "1", "cognito:groups": "[]"}, "scopes": None}}, [], []),
        ({"lambda": {"principalId": "ada", "groups": ["Domain Users", "admins"], "scopes": ["a", "b"]}}, ["Domain Users", "admins"], ["a", "b"]),
        ({"lambda": {"principalId": "ada", "groups": "admins,buyers", "scopes": "a,b"}}, ["admins", "buyers"], ["a", "b"]),
        ({"lambda": {"principalId": "ada", "groups": 7}}, [], []),
    ],
)
def test_groups_and_scopes_of_an_http_api(http: Sandbox, authorizer: dict[str, Any], groups: list[str], scopes: list[str]) -> None:
    who = http.request("GET", "/who", authorizer=authorizer, http_api=True).json()
    assert (who["groups"], who["scopes"]) == (groups, scopes)
