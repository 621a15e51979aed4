"""Pretrained weights: read safely, loaded by name, downloaded once, and never executed."""

import hashlib
import io
import json
import socket
import struct

import pytest
import torch
from safetensors.torch import save_file

import axone
from axone.errors import DataError, ResourceError, RunError
from axone.tasks.classification.backbones import pretrained
from tests.helpers.data.mirror_server import serving

SMALL = {"width": 0.125, "stem": "imagenet"}


def resnet(classes=10, channels=3, **changes):
    return axone.network("resnet", input=(channels, 32, 32), classes=classes, **SMALL, **changes)


@pytest.fixture
def published(tmp_path):
    """A network, and files with its weights of each kind that can be read."""
    network = resnet()
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            value.uniform_(0.5, 1) if "running_var" in name else value.uniform_(-0.2, 0.2)
    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(weights, tmp_path / "resnet.safetensors")
    save_file({f"network.{name}": value for name, value in weights.items()}, tmp_path / "run.safetensors")
    torch.save(weights, tmp_path / "resnet.pth")
    torch.save(weights, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    nested = {"epoch": 3, "state_dict": {f"module.{name}": value for name, value in weights.items()}}
    torch.save(nested, tmp_path / "nested.pth")
    return network


@pytest.mark.parametrize("file", ["resnet.safetensors", "run.safetensors", "resnet.pth", "old.pth", "nested.pth"])
def test_each_kind_of_file_loads_into_the_same_network(published, tmp_path, file):
    loaded = resnet(weights=tmp_path / file)
    assert loaded.state_dict().keys() == published.state_dict().keys()
    assert all(torch.equal(value, loaded.state_dict()[name]) for name, value in published.state_dict().items())


def test_the_head_keeps_its_random_weights_for_other_classes(published, tmp_path):
    network = resnet(classes=4)
    initial = network.fc.weight.clone()
    notes = pretrained.load_weights(network, str(tmp_path / "resnet.pth"))
    assert torch.equal(network.fc.weight, initial) and "fc" in notes[-1]
    assert torch.equal(network.conv1.weight, published.conv1.weight)


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_a_gray_image_has_the_same_output_for_any_number_of_channels(published, tmp_path, channels):
    network = resnet(channels=channels, weights=tmp_path / "resnet.pth").eval()
    gray = torch.randn(4, 1, 32, 32)
    expected = published.eval()(gray.expand(-1, 3, -1, -1))
    assert torch.allclose(network(gray.expand(-1, channels, -1, -1)), expected, rtol=1e-4, atol=1e-4)


def test_files_without_the_count_of_batches_are_loaded(published, tmp_path):
    weights = {name: value for name, value in published.state_dict().items() if "num_batches" not in name}
    torch.save(weights, tmp_path / "older.pth")
    assert torch.equal(resnet(weights=tmp_path / "older.pth").bn1.weight, published.bn1.weight)


def test_the_weights_of_another_network_are_an_error_with_three_names_and_shapes(published, tmp_path):
    with pytest.raises(RunError) as refused:
        resnet(variant="50", weights=tmp_path / "resnet.pth")
    assert refused.value.exit_code == 4
    assert refused.value.what.count(" / ") == 3 and "layer1.0." in refused.value.what
    with pytest.raises(RunError, match=r"conv1\.weight: \(8, 3, 7, 7\) / \(8, 3, 3, 3\)"):
        axone.network("resnet", input=(3, 32, 32), width=0.125, stem="small", weights=tmp_path / "resnet.pth")


class Payload:
    """A pickle that creates a file when it is executed."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return open, (str(self.mark), "w")


def hostile(tmp_path, kind):
    mark, file = tmp_path / "executed", tmp_path / f"{kind}.pth"
    if kind == "pickle":
        torch.save({"conv1.weight": Payload(mark)}, file)
    elif kind == "old-pickle":
        torch.save({"conv1.weight": Payload(mark)}, file, _use_new_zipfile_serialization=False)
    elif kind == "module":
        torch.save(resnet(), file)  # a whole network is code too
    elif kind == "numbers":
        torch.save({"conv1.weight": 3.0}, file)
    elif kind == "cut":
        buffer = io.BytesIO()
        torch.save(resnet().state_dict(), buffer)
        file.write_bytes(buffer.getvalue()[:5000])
    elif kind == "html":
        file.write_text("<html>404</html>")
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind == "lie":
        file = file.with_suffix(".safetensors")
        header = json.dumps({"conv1.weight": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}})
        file.write_bytes(struct.pack("<Q", len(header)) + header.encode())
    elif kind == "length":
        file = file.with_suffix(".safetensors")
        file.write_bytes(struct.pack("<Q", 2**62) + b"{}")
    return file, mark


@pytest.mark.parametrize("kind", ["pickle", "old-pickle", "module", "numbers", "cut", "html", "empty", "lie", "length"])
def test_a_hostile_file_is_an_error_and_not_executed(tmp_path, kind):
    file, mark = hostile(tmp_path, kind)
    with pytest.raises(RunError) as refused:
        resnet(weights=file)
    assert refused.value.exit_code == 4 and file.name in refused.value.what and len(str(refused.value)) < 400
    assert not mark.exists()


@pytest.mark.parametrize("name", ["none.pth", "notes.txt", "imagnet"])
def test_other_files_are_an_error(tmp_path, name):
    (tmp_path / "notes.txt").write_text("weights")
    with pytest.raises(RunError) as refused:
        resnet(weights=tmp_path / name)
    assert refused.value.exit_code == 4


@pytest.fixture
def publisher(monkeypatch, tmp_path):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("AXONE_OFFLINE", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as mirror:
        monkeypatch.setattr(pretrained, "PUBLISHER", f"{mirror.address}/models/")
        yield mirror


def publish(mirror, network, content=None):
    """Serve the weights of a network under a name that ends in their sha256."""
    buffer = io.BytesIO()
    torch.save(network.state_dict(), buffer)
    name = f"toy-{hashlib.sha256(buffer.getvalue()).hexdigest()[:8]}.pth"
    mirror.files[f"/models/{name}"] = buffer.getvalue() if content is None else content
    return name


def test_published_weights_are_downloaded_once_and_resumed_where_cut_off(published, publisher, monkeypatch, tmp_path):
    name = publish(publisher, published)
    monkeypatch.setitem(resnet_module().PUBLISHED, "18", name)
    publisher.cut_after = 300_000  # each response ends there
    loaded = resnet(weights="imagenet")
    assert torch.equal(loaded.fc.weight, published.fc.weight)
    assert [part for _path, part in publisher.asked if part] != []  # the download was resumed
    count = len(publisher.asked)
    assert torch.equal(resnet(weights="imagenet").fc.weight, published.fc.weight)
    assert len(publisher.asked) == count
    assert (tmp_path / "cache" / name.removesuffix(".pth") / name).is_file()


def resnet_module():
    from axone.systems import resnet

    return resnet


def test_a_file_with_another_sha256_is_not_used(published, publisher, monkeypatch, tmp_path):
    name = publish(publisher, published, content=b"x" * 5000)
    monkeypatch.setitem(resnet_module().PUBLISHED, "18", name)
    with pytest.raises(DataError) as refused:
        resnet(weights="imagenet")
    assert "sha256" in refused.value.expected and "--weights FILE" in refused.value.hint
    assert not (tmp_path / "cache" / name.removesuffix(".pth") / name).exists()


def test_offline_the_error_names_the_file_to_download(published, publisher, monkeypatch):
    monkeypatch.setenv("AXONE_OFFLINE", "1")
    with pytest.raises(ResourceError) as refused:
        resnet(weights="imagenet")
    assert "resnet18-f37072fd.pth" in refused.value.hint and publisher.asked == []
    assert "efficientnet-lite0" in refused.value.hint and refused.value.exit_code == 5


def test_a_publisher_that_does_not_answer_is_found_out_without_downloading(monkeypatch, tmp_path):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("AXONE_OFFLINE", raising=False)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # nothing listens at this port
        monkeypatch.setattr(pretrained, "PUBLISHER", f"http://127.0.0.1:{unused.getsockname()[1]}/")
        with pytest.raises(ResourceError, match="no network"):
            pretrained.require_source("imagenet", "resnet18-f37072fd.pth")


def test_a_variant_without_published_weights_is_an_error():
    with pytest.raises(RunError, match="no published weights"):
        axone.network("mobilenet", variant="v1", input=(3, 32, 32), weights="imagenet")


def test_names_of_published_files_end_in_eight_digits_of_their_sha256():
    from axone.systems import inception, mobilenet, vgg

    names = [*resnet_module().PUBLISHED.values(), *vgg.PUBLISHED.values(), *mobilenet.PUBLISHED.values()]
    for name in (*filter(lambda each: isinstance(each, str), names), inception.PUBLISHED):
        stem, dash, digits = name.removesuffix(".pth").rpartition("-")
        assert stem and dash and len(digits) == 8 and int(digits, 16) >= 0
