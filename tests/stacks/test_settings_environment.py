"""An environment file: each wrong input, with the whole message that a person gets."""
# ruff: noqa: E501  a message is a fact: it stands whole, on one line

from __future__ import annotations

import pytest

from components.places import DEFAULT_TABLE, Cloud
from stacks.settings import SettingsError, backend_url, load_environment, secrets_provider
from tests.stacks.project import ROOT, Project

FILE = "stacks/environments/demo.yaml"
SEE = "see docs/reference/settings.md"
EU = "eu: {state: file, regions: [aws-eu-west-1, aws-eu-central-1]}"
EU_REGIONS = ", ".join(f"aws-{place.name}" for place in DEFAULT_TABLE.within("eu") if place.cloud is Cloud.AWS)
JURISDICTIONS = ", ".join(DEFAULT_TABLE.jurisdictions)
MODELS = ["churn", "fraud"]
BUCKET = "s3://acme-homeport-state-eu?region=eu-central-1"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("domain: demo.example.com\n", "", f"domain: got nothing; allowed: models stand below it: MODEL.JURISDICTION.DOMAIN; add it; {SEE}"),
        ("demo.example.com", "demo", f'domain: got "demo"; allowed: a domain name in lower case, such as ml.example.com; correct it; {SEE}'),
        ("demo.example.com", "a-domain-so-long-that-no-certificate-of-it.can-be-issued.example.com", 'domain: got "a-domain-so-long-that-no-certificate-of-it.can-be-issue...; allowed: a domain of at most 59 characters; shorten it: AWS issues no certificate for *.eu.a-domain-so-long-that-no-certificate-of-it.can-be-issued.example.com'),
        ("protect_data: false", "protect_data: no", f'protect_data: got "no"; allowed: true or false; correct it; {SEE}'),
        ("protect_data:", "protect:", 'protect: got an unknown key; allowed: domain, protect_data, accounts, jurisdictions, models; did you mean "protect_data"?'),
        ("aws: {id:", "aws2: {id:", 'accounts.aws2: got "aws2"; allowed: aws, gcp, kubernetes; did you mean "aws"?'),
        (EU, "EU: {state: file, regions: [aws-eu-west-1]}", f'jurisdictions.EU: got "EU"; allowed: 1 to 12 lower-case letters and digits, first a letter; correct it; {SEE}'),
        (EU, "eux: {state: file, regions: [aws-eu-west-1]}", f'jurisdictions.eux: got "eux"; allowed: {JURISDICTIONS}; did you mean "eu"?'),
        (EU, "none: {state: file, regions: [aws-eu-west-1]}", f'jurisdictions.none: got "none"; allowed: {JURISDICTIONS}; correct it, or define it in stacks/places.yaml'),
        (EU, "eu: {state: file, regions: []}", f"jurisdictions.eu.regions: got a list; allowed: at least 1 entry; correct it; {SEE}"),
        ("aws-eu-central-1]", "eu-central-1]", f'jurisdictions.eu.regions[1]: got "eu-central-1"; allowed: CLOUD-PLACE with cloud aws, gcp or kubernetes, such as aws-eu-west-1; correct it; {SEE}'),
        ("aws-eu-central-1]", "aws-eu-centrall-1]", f'jurisdictions.eu.regions[1]: got "aws-eu-centrall-1"; allowed: a region in eu: {EU_REGIONS}; did you mean "aws-eu-central-1" or "aws-eu-west-1"?'),
        ("aws-eu-central-1]", "aws-zz-9]", f'jurisdictions.eu.regions[1]: got "aws-zz-9"; allowed: a region in eu: {EU_REGIONS}; correct it, or add it to stacks/places.yaml with its country'),
        ("aws-eu-central-1]", "aws-eu-west-2]", f'jurisdictions.eu.regions[1]: got "aws-eu-west-2"; allowed: a region in eu: {EU_REGIONS}; eu-west-2 lies in GB; move it to a jurisdiction that holds it'),
        ("aws-eu-central-1]", "aws-eu-west-1]", 'jurisdictions.eu.regions[1]: got "aws-eu-west-1"; allowed: each region once; remove it here or from jurisdictions.eu.regions[0]'),
        ("aws-eu-central-1]", "gcp-europe-west3]", 'jurisdictions.eu.regions[1]: got "gcp-europe-west3"; allowed: not yet: regions of aws only; remove it'),
        (EU, EU.replace("file", f'"{BUCKET}", secrets: "awskms://alias/eu?region=eu-central-1"'), 'accounts.aws.state: got "file"; allowed: a bucket, as for jurisdictions.eu; make every state `file`, or none'),
        (EU, EU.replace("file", f'"{BUCKET}"'), "jurisdictions.eu.secrets: got nothing; allowed: awskms://alias/NAME?region=REGION; add it: state outside a laptop is sealed by a key, not by a passphrase"),
        (EU, EU.replace("file", "s3://acme-homeport-state-eu"), f'jurisdictions.eu.state: got "s3://acme-homeport-state-eu"; allowed: file, or s3://BUCKET?region=REGION; correct it; {SEE}'),
        (EU, EU.replace("file", 'file, secrets: "awskms://alias/eu?region=eu-west-1"'), 'jurisdictions.eu.secrets: got "awskms://alias/eu?region=eu-west-1"; allowed: nothing beside `state: file`; remove it'),
        ("models: [fraud, churn]", "models: [fraud, churn, fraud]", 'models[2]: got "fraud"; allowed: each model once; remove one of the two'),
        ("models: [fraud, churn]", "models: [fraud, chrun]", f'models[1]: got "chrun"; allowed: {", ".join(MODELS)}; did you mean "churn"?'),
    ],
)  # fmt: skip
def test_a_wrong_environment_is_refused_with_the_whole_message(
    project: Project, old: str, new: str, message: str
) -> None:
    project.edit(FILE, old, new)
    assert project.environment_problems()[0] == f"{FILE}: {message}"


def test_state_may_not_leave_its_jurisdiction(project: Project) -> None:
    project.edit(
        "stacks/environments/prod.yaml",
        "homeport-state-us?region=us-east-2\n    secrets",
        "homeport-state-us?region=eu-west-1\n    secrets",
    )
    (line,) = project.environment_problems("prod")
    assert line.startswith(
        'stacks/environments/prod.yaml: jurisdictions.us.state: got "s3://acme-homeport-state-us?region=eu-west-1"; '
    )
    assert line.endswith("; eu-west-1 lies in IE; state must not leave its jurisdiction")


def test_state_in_an_unknown_region_is_refused(project: Project) -> None:
    project.edit(
        "stacks/environments/prod.yaml",
        "s3://acme-homeport-state-account?region=eu-west-1",
        "s3://acme-homeport-state-account?region=eu-west-9",
    )
    (line,) = project.environment_problems("prod")
    assert "accounts.aws.state" in line
    assert line.endswith('did you mean "eu-west-3" or "eu-west-2"?')


def test_a_region_needs_an_account_of_its_cloud(project: Project) -> None:
    project.edit(FILE, '  aws: {id: "123456789012", state: file}\n', "  {}\n")
    assert (
        f"{FILE}: accounts.aws: got nothing; allowed: the account for aws-eu-west-1; add it: {{id: ..., state: ...}}"
        in (project.environment_problems())
    )


@pytest.mark.parametrize("name", ["dmeo", "../demo", "Demo", ""])
def test_an_unknown_environment_is_refused_with_those_there_are(project: Project, name: str) -> None:
    (line,) = project.environment_problems(name)
    step = 'did you mean "demo"?' if name else "choose one, or write stacks/environments/NAME.yaml"
    assert line == f'environment: got "{name}"; allowed: demo, prod; {step}'


def test_a_model_whose_jurisdiction_has_no_region_is_refused(project: Project) -> None:
    project.edit(FILE, "  us: {state: file, regions: [aws-us-east-1]}\n", "")
    step = "add jurisdiction us with a region to the environment, or leave the model out of its `models`"
    assert project.environment_problems() == [
        f'stacks/models/churn.yaml: data.residency: got "us"; allowed: eu, none; {step}'
    ]


def test_an_environment_that_names_no_models_has_all_of_them(project: Project) -> None:
    project.edit(FILE, "models: [fraud, churn]\n", "")
    assert [model.name for model in load_environment(project.root, "demo").models] == MODELS


def test_a_users_own_place_is_taken(project: Project) -> None:
    project.write("stacks/places.yaml", "places: {aws: {eu-west-1: {jurisdictions: []}}}")
    assert "aws-eu-west-1" in project.environment_problems()[0]
    project.write("stacks/places.yaml", "{}")
    assert project.environment_problems() == []


def test_a_wrong_table_of_places_is_refused_by_its_path(project: Project) -> None:
    project.write("stacks/places.yaml", "places: {aws: {eu-west-1: {country: UK}}}")
    assert project.environment_problems() == [
        'stacks/places.yaml: places.aws.eu-west-1.country: got "UK"; allowed: a country code of ISO 3166-1, two capital letters such as DE (the United Kingdom is GB); correct it'
    ]


def test_the_places_file_of_the_project_changes_nothing_as_it_is() -> None:
    assert load_environment(ROOT, "demo").places.get(Cloud.AWS, "eu-central-2").jurisdictions == {"ch"}


def test_each_jurisdiction_of_an_offline_environment_has_a_folder_of_its_own(project: Project) -> None:
    demo, root = load_environment(project.root, "demo"), project.root
    assert demo.offline
    assert (
        backend_url(demo, "demo-aws-account", root) == f"file://{root}/.homeport/demo/state/account-aws?metadata=skip"
    )
    assert backend_url(demo, "demo-aws-eu-west-1", root) == f"file://{root}/.homeport/demo/state/eu?metadata=skip"
    assert backend_url(demo, "demo-us-front-door", root) == f"file://{root}/.homeport/demo/state/us?metadata=skip"
    assert secrets_provider(demo, "demo-us-front-door") == "passphrase"


def test_real_state_has_a_bucket_and_a_key_inside_its_jurisdiction() -> None:
    prod = load_environment(ROOT, "prod")
    assert not prod.offline
    assert backend_url(prod, "prod-aws-us-east-1", ROOT) == "s3://acme-homeport-state-us?region=us-east-2"
    assert secrets_provider(prod, "prod-aws-us-east-1") == "awskms://alias/homeport-state-us?region=us-east-2"
    state, secrets = prod.jurisdictions["us"].state, prod.jurisdictions["us"].secrets
    assert state is not None
    assert secrets is not None
    assert (state.bucket, state.region) == ("acme-homeport-state-us", "us-east-2")
    assert (secrets.alias, secrets.region) == ("alias/homeport-state-us", "us-east-2")


def test_a_region_that_left_its_environment_still_has_a_backend(project: Project) -> None:
    project.edit(FILE, ", aws-eu-central-1]", "]")
    demo = load_environment(project.root, "demo")
    backend = backend_url(demo, "demo-aws-eu-central-1", project.root)
    assert backend == f"file://{project.root}/.homeport/demo/state/eu?metadata=skip"


@pytest.mark.parametrize(
    "stack", ["prod-aws-eu-west-1", "demo-aws-eu-west-3", "demo-gcp-account", "demo-uk-front-door"]
)
def test_a_stack_of_no_environment_has_no_backend(project: Project, stack: str) -> None:
    with pytest.raises(SettingsError, match=f'stack name: got "{stack}"'):
        backend_url(load_environment(project.root, "demo"), stack, project.root)
