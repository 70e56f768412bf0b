"""The demo's data, as a dataset for tests of the web page: two splits and two runs."""

from stack import FIXTURES

DEMO = FIXTURES / "demo"
RUNS = ("baseline", "improved")


def load_demo(client, name):
    """Imports it under this name."""
    path = f"/datasets/{name}"
    assert client.put(path, (DEMO / "train.json").read_bytes(), {"split": "train"}).status == 201
    added = client.post(f"{path}/annotations", (DEMO / "val.json").read_bytes(), {"split": "val"})
    assert added.status == 200, added
    for run in RUNS:
        assert client.put_run(name, run, (DEMO / f"{run}.json").read_bytes()).status == 200
    return name


def load_demo_with_slice(client, name):
    """The same with the images taken at night as a slice."""
    load_demo(client, name)
    night = {"filter": {"file_name": "night/%"}}
    assert client.put(f"/datasets/{name}/slices/night", night).status == 200
    return name
