"""The resources of private images: keys, key group, secret, and how the API learns them."""

from typing import Any

from fakes.cloudformation import DEFAULTS, resources

KEY = "MIIBIjAN.BgkqhkiG.AQAB"


NOTHING = {"Ref": "AWS::NoValue"}


def variables(made: dict[str, Any]) -> dict[str, Any]:
    """Return the environment of the API's function."""
    found = made["ApiImageUploadFunction"]["Properties"]["Environment"]["Variables"]
    return {name: value for name, value in found.items() if value != NOTHING}


def private(**parameters: str) -> dict[str, Any]:
    return resources(Private="true", **parameters)


def of_type(kind: str, made: dict[str, Any]) -> dict[str, Any]:
    return {name: one["Properties"] for name, one in made.items() if one["Type"] == kind}


def test_a_parameter_becomes_a_key_in_pem() -> None:
    made = of_type("AWS::CloudFront::PublicKey", private(PublicKey2=KEY))

    assert made.keys() == {"ViewerKey2"}
    encoded = made["ViewerKey2"]["PublicKeyConfig"]["EncodedKey"]["Fn::Sub"]
    assert encoded[0] == "-----BEGIN PUBLIC KEY-----\n${Lines}\n-----END PUBLIC KEY-----\n"
    assert encoded[1]["Lines"] == {"Fn::Join": ["\n", {"Fn::Split": [".", KEY]}]}


def test_two_keys_are_valid_during_a_rotation() -> None:
    made = private(PublicKey2=KEY, PublicKey3=KEY)

    group = made["ViewerKeyGroup"]["Properties"]["KeyGroupConfig"]
    assert [one for one in group["Items"] if one != NOTHING] == [
        {"Ref": "ViewerKey2"},
        {"Ref": "ViewerKey3"},
    ]
    assert {name: one for name, one in variables(made).items() if "PRIVATE_KEY" in name} == {
        "IMAGEMILL_PRIVATE_KEY_2": {"Ref": "ViewerKey2"},
        "IMAGEMILL_PRIVATE_KEY_3": {"Ref": "ViewerKey3"},
    }


def test_only_the_api_may_read_the_secret() -> None:
    roles = of_type("AWS::IAM::Role", private(PublicKey1=KEY))

    allowed = {
        (name, statement["Action"], statement["Resource"]["Fn::Sub"])
        for name, role in roles.items()
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "secretsmanager" in str(statement)
    }
    [(role, action, resource)] = allowed
    assert (role, action) == ("ApiImageUploadRole", "secretsmanager:GetSecretValue")
    assert resource.endswith(":secret:${AWS::StackName}/private-images-??????")


def test_a_stack_with_public_images_has_no_keys() -> None:
    made = resources(PublicKey1=KEY)

    assert DEFAULTS["Private"] == "false"
    assert not [name for name in made if name.startswith("Viewer") or name == "SetCookies"]
    assert not [name for name in variables(made) if "PRIVATE" in name]
